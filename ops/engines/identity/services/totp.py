"""One-time codes: the second factor, each code good once."""

import base64
import secrets
from datetime import datetime
from hmac import compare_digest

import pyotp
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, transaction
from django.utils.translation import gettext as _

from ops.engines.audit import services as audit
from ops.engines.identity.models import User
from ops.engines.identity.policies import MANAGE_ACCOUNTS
from ops.engines.identity.types import TotpSecret
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.crypto import unwrap, wrap
from ops.engines.kernel.errors import Conflict, Forbidden, RuleViolation
from ops.engines.kernel.rewrapping import Keyring

from .accounts import locked

_STEP = 30
_SECRET_BYTES = 20
# The associated data is `_aad` of the account.
KEYRING = Keyring(
    name="identity_user.totp_secret",
    read="""
SELECT id, totp_secret, 'identity_user.totp_secret.' || uuid FROM identity_user
 WHERE id > %(after)s AND totp_secret <> '' AND split_part(totp_secret, '.', 1) <> %(key)s
 ORDER BY id LIMIT %(most)s
""",
    write="""
UPDATE identity_user u SET totp_secret = g.fresh
  FROM unnest(%(ids)s::bigint[], %(old)s::text[], %(fresh)s::text[]) AS g(id, old, fresh)
 WHERE u.id = g.id AND u.totp_secret = g.old
""",
    left="""
SELECT count(*) FROM identity_user
 WHERE totp_secret <> '' AND split_part(totp_secret, '.', 1) <> %(key)s
""",
)


def enrol_totp(*, user_id: int, actor: Actor, at: datetime, trusted: bool = False) -> TotpSecret:
    """Make a secret for an account and return it once; it counts after `confirm_totp`.

    Only its own person enrols. `trusted` counts at once and is for set-up programs alone.
    Raises Conflict when a confirmed secret exists, Forbidden, PersonMissing.
    """
    if not actor.is_machine and (trusted or actor.user_id != user_id):
        raise Forbidden("identity.code_not_yours", _("Only the person enrols a code."))
    with transaction.atomic():
        user = locked(user_id)
        if user.totp_confirmed_at is not None:
            raise Conflict("identity.code_exists", _("This account has a one-time code already."))
        secret = secrets.token_bytes(_SECRET_BYTES)
        user.totp_secret = wrap(secret, aad=_aad(user))
        user.totp_confirmed_at = at if trusted else None
        user.save(update_fields=["totp_secret", "totp_confirmed_at"])
        audit.record(
            actor=actor, at=at, action="identity.code_enrolled", obj=("identity.user", user_id)
        )
    return _shown(user, secret)


def pending_totp(*, user_id: int, actor: Actor, at: datetime) -> TotpSecret:
    """Return the unconfirmed secret of the caller's own account, made when there is none.

    A page that is loaded again shows the same secret. Raises as `enrol_totp`.
    """
    with transaction.atomic():
        user = locked(user_id)
        if actor.user_id == user_id and user.totp_secret and user.totp_confirmed_at is None:
            return _shown(user, unwrap(user.totp_secret, aad=_aad(user)))
        return enrol_totp(user_id=user_id, actor=actor, at=at)


def confirm_totp(*, user_id: int, code: str, actor: Actor, at: datetime) -> None:
    """Make the enrolled secret count, once the person proved that the app shows its codes.

    Raises Forbidden, PersonMissing, RuleViolation (wrong code).
    """
    if actor.user_id != user_id:
        raise Forbidden("identity.code_not_yours", _("Only the person enrols a code."))
    with transaction.atomic():
        user = locked(user_id)
        if _spend(user, code, at=at) is None:
            raise RuleViolation("identity.code_wrong", _("The code is not right."))
        user.totp_confirmed_at = at
        user.save(update_fields=["totp_confirmed_at"])
        audit.record(
            actor=actor, at=at, action="identity.code_confirmed", obj=("identity.user", user_id)
        )


def check_totp(*, user: User, code: str, at: datetime) -> bool:
    """Say whether the code is right now, and use it up: of several at once, one passes."""
    return spend_totp(user=user, code=code, at=at) is not None


def spend_totp(*, user: User, code: str, at: datetime, using: str = DEFAULT_DB_ALIAS) -> int | None:
    """Use a confirmed code up on a connection and return its number, None when it is not good."""
    return None if user.totp_confirmed_at is None else _spend(user, code, at=at, using=using)


def demo_code(*, user_id: int | None, at: datetime) -> str:
    """Return the code a demo person's app would show, one that is not used yet; else nothing.

    For pages of a demo that is open to this address (`demo_is_open`); other accounts have none.
    """
    user = User.objects.filter(pk=user_id or 0, is_demo=True, is_active=True).first()
    if user is None or user.totp_confirmed_at is None:
        return ""
    now = int(at.timestamp()) // _STEP
    unused = [each for each in (now, now + 1) if each > user.totp_last_counter]
    otp = pyotp.TOTP(base32(unwrap(user.totp_secret, aad=_aad(user))))
    return otp.generate_otp(unused[0]) if unused else ""


def reset_totp(*, user_id: int, reason: str, actor: Actor, at: datetime) -> None:
    """Take a lost second factor away, as the information supervisor, and end the sessions.

    Raises Forbidden, PersonMissing.
    """
    MANAGE_ACCOUNTS.require(actor)
    with transaction.atomic():
        user = locked(user_id)
        user.totp_secret, user.totp_confirmed_at = "", None
        user.session_epoch += 1
        user.save(update_fields=["totp_secret", "totp_confirmed_at", "session_epoch"])
        audit.record(
            actor=actor,
            at=at,
            action="identity.code_reset",
            obj=("identity.user", user_id),
            body={"reason": reason},
        )


def _spend(user: User, code: str, *, at: datetime, using: str = DEFAULT_DB_ALIAS) -> int | None:
    code = code.strip()
    if not user.totp_secret or not (code.isascii() and code.isdigit()):
        return None
    otp = pyotp.TOTP(base32(unwrap(user.totp_secret, aad=_aad(user))))
    now = int(at.timestamp()) // _STEP
    matching = [
        counter
        for counter in (now - 1, now, now + 1)
        if compare_digest(otp.generate_otp(counter), code)
    ]
    if not matching:
        return None
    unused = User.objects.using(using).filter(pk=user.pk, totp_last_counter__lt=matching[-1])
    return matching[-1] if unused.update(totp_last_counter=matching[-1]) else None


def base32(secret: bytes) -> str:
    """Return the secret as authenticator apps write it (base 32)."""
    return base64.b32encode(secret).decode()


def _shown(user: User, secret: bytes) -> TotpSecret:
    text = base32(secret)
    uri = pyotp.TOTP(text).provisioning_uri(name=user.username, issuer_name=_issuer())
    return TotpSecret(secret=text, uri=uri)


def _issuer() -> str:
    return str(settings.UNFOLD["SITE_TITLE"])


def _aad(user: User) -> str:
    return f"identity_user.totp_secret.{user.uuid}"
