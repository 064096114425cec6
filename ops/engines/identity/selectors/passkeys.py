"""Passkeys that count, and what they signed."""

from collections.abc import Collection

from django.db import DEFAULT_DB_ALIAS
from django.db.models import F, QuerySet

from ops.engines.identity.models import Assertion, Passkey
from ops.engines.identity.types import Evidence, PasskeyInfo


def live_passkeys(*, using: str = DEFAULT_DB_ALIAS) -> QuerySet[Passkey]:
    """Return the keys that count: not removed, of live accounts, newer than the second factor.

    Keys made before a second factor was taken away and enrolled anew count no more. The database
    says the same: `identity_has_passkey`.
    """
    return Passkey.objects.using(using).filter(
        removed_at__isnull=True,
        user__is_active=True,
        user__totp_confirmed_at__isnull=False,
        made_at__gte=F("user__totp_confirmed_at"),
    )


def has_passkey(user_id: int | None) -> bool:
    """Say whether an account has a passkey that counts. One query."""
    return live_passkeys().filter(user_id=user_id or 0).exists()


def passkeys_of(user_id: int) -> list[PasskeyInfo]:
    """Return an account's passkeys that count, oldest first. One query."""
    return [
        PasskeyInfo(passkey_id=key.pk, name=key.name, made_at=key.made_at, used_at=key.used_at)
        for key in live_passkeys().filter(user_id=user_id).order_by("pk")
    ]


def evidence(assertion_ids: Collection[int]) -> dict[int, Evidence]:
    """Return what passkeys signed, by assertion; those made by code are left out. One query."""
    found = Assertion.objects.filter(pk__in=assertion_ids, method="passkey")
    return {
        made.pk: Evidence(
            signed=made.signed,
            client_data=made.client_data,
            authenticator_data=bytes(made.authenticator_data or b""),
            signature=bytes(made.signature or b""),
            credential_id=made.passkey.credential_id if made.passkey else "",
            credential=bytes(made.passkey.credential) if made.passkey else b"",
        )
        for made in found.select_related("passkey")
    }
