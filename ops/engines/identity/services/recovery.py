"""Recovery codes: ten of them, shown once, kept as keyed hashes, each good once (S11)."""

import secrets
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from ops.engines.audit import services as audit
from ops.engines.identity.models import RecoveryCode, User
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.crypto import blind_index
from ops.engines.kernel.errors import Forbidden, RuleViolation

from .accounts import locked

CODES: Final = 10
_ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH: Final = 12


def make_recovery_codes(*, user_id: int, actor: Actor, at: datetime) -> list[str]:
    """Replace one's own recovery codes and return the new ten, in clear this once.

    Raises Forbidden (another's account), PersonMissing, RuleViolation (no second factor yet).
    """
    if actor.user_id != user_id:
        raise Forbidden("identity.code_not_yours", _("Only the person enrols a code."))
    codes = [_new() for _number in range(CODES)]
    with transaction.atomic():
        user = locked(user_id)
        if user.totp_confirmed_at is None:
            raise RuleViolation("identity.code_first", _("Set up the second factor first."))
        user.recovery_codes.filter(used_at__isnull=True).delete()
        RecoveryCode.objects.bulk_create(
            [RecoveryCode(user=user, digest=_digest(user, code), made_at=at) for code in codes]
        )
        audit.record(
            actor=actor,
            at=at,
            action="identity.recovery_codes_made",
            obj=("identity.user", user_id),
            body={"codes": CODES},
        )
    return [f"{code[:4]}-{code[4:8]}-{code[8:]}" for code in codes]


def spend_recovery_code(*, user: User, code: str, at: datetime) -> bool:
    """Say whether the text is an unused recovery code of the account, and use it up.

    One conditional statement: of several at once, one passes. Codes made for a second factor that
    was taken away since count no more.
    """
    if user.totp_confirmed_at is None:
        return False
    plain = code.strip().upper().replace("-", "").replace(" ", "")
    if len(plain) != _LENGTH or not set(plain) <= set(_ALPHABET):
        return False
    unused = RecoveryCode.objects.filter(
        user=user,
        digest=_digest(user, plain),
        made_at__gte=user.totp_confirmed_at,
        used_at__isnull=True,
    )
    with transaction.atomic():
        if not unused.update(used_at=at):
            return False
        audit.record(
            actor=Actor.system("sign-in"),
            at=at,
            action="identity.recovery_code_used",
            obj=("identity.user", user.pk),
        )
    return True


def _new() -> str:
    return "".join(secrets.choice(_ALPHABET) for _number in range(_LENGTH))


def _digest(user: User, code: str) -> str:
    return blind_index(f"{user.uuid} {code}", purpose="identity.recovery")
