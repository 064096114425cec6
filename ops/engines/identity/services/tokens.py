"""Keys for programs: shown once, kept as a hash, ended by time or by hand."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from ops.engines.audit import services as audit
from ops.engines.identity.errors import PersonMissing
from ops.engines.identity.models import ApiToken, User
from ops.engines.identity.policies import MANAGE_ACCOUNTS
from ops.engines.identity.types import TokenInfo
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput

from .accounts import locked

LONGEST = timedelta(days=366)


def create_api_token(
    *, user_id: int, label: str, lifetime: timedelta, actor: Actor, at: datetime
) -> TokenInfo:
    """Make a key for an account, at most a year long; the text is returned this once.

    One's own, or anybody's as the information supervisor.
    Raises BadInput, Forbidden, PersonMissing.
    """
    if actor.user_id != user_id:
        MANAGE_ACCOUNTS.require(actor)
    if not timedelta() < lifetime <= LONGEST:
        raise BadInput("identity.token_lifetime", _("A token lives at most a year."))
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        user = locked(user_id)
        made = ApiToken.objects.create(
            user=user,
            label=parse.text(label, most=80, least=1),
            digest=digest(token),
            created_at=at,
            expires_at=at + lifetime,
        )
        audit.record(
            actor=actor,
            at=at,
            action="identity.token_created",
            obj=("identity.user", user_id),
            body={"token": made.pk, "label": made.label, "expires_at": made.expires_at},
        )
    return TokenInfo(token_id=made.pk, token=token, expires_at=made.expires_at)


def revoke_api_token(*, token_id: int, actor: Actor, at: datetime) -> None:
    """End a key now; ending it twice is ending it once.

    Raises Forbidden, PersonMissing.
    """
    with transaction.atomic():
        token = (
            ApiToken.objects.select_for_update(of=("self",), no_key=True)
            .filter(pk=token_id)
            .first()
        )
        if token is None:
            raise PersonMissing("identity.token_missing", _("There is no such token."))
        if actor.user_id != token.user_id:
            MANAGE_ACCOUNTS.require(actor)
        if token.revoked_at is not None:
            return
        token.revoked_at = at
        token.save(update_fields=["revoked_at"])
        audit.record(
            actor=actor,
            at=at,
            action="identity.token_revoked",
            obj=("identity.user", token.user_id),
            body={"token": token.pk},
        )


def owner_of_token(*, token: str, at: datetime) -> tuple[User, int] | None:
    """Return the live account a key belongs to and the key's id, or nothing. One statement."""
    found = (
        ApiToken.objects.select_related("user__person")
        .filter(
            digest=digest(token),
            expires_at__gt=at,
            revoked_at__isnull=True,
            user__is_active=True,
        )
        .first()
    )
    return (found.user, found.pk) if found else None


def digest(token: str) -> bytes:
    """Return the hash by which a random token is kept; it needs no salt."""
    return hashlib.sha256(token.encode()).digest()
