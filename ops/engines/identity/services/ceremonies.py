"""What a passkey is asked to sign, and taking its answer once."""

import hashlib
import json
import secrets
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import connections
from django.utils.translation import gettext as _

from ops.engines.identity import webauthn
from ops.engines.identity.errors import PasskeyRefused
from ops.engines.identity.models import Passkey
from ops.engines.identity.selectors import live_passkeys
from ops.engines.identity.types import Answer
from ops.engines.kernel.canonical import canonical_json, plain

FRESH: Final = timedelta(minutes=5)
COUNTER_BACK: Final = "counter_back"
_SPEND: Final = """
INSERT INTO identity_spentchallenge (digest) VALUES (%s) ON CONFLICT DO NOTHING
"""


def opened(purpose: str, *, at: datetime, **facts: Any) -> str:
    """Return the text to be signed: what for, by whom, when, where, and a number used once."""
    return canonical_json(
        {
            **facts,
            "purpose": purpose,
            "rp": settings.PASSKEY_RP_ID,
            "at": at,
            "nonce": secrets.token_hex(16),
        }
    )


def fits(signed: str, purpose: str, *, at: datetime, **facts: Any) -> bool:
    """Say whether a text that was kept is for this, with these facts, and not five minutes old."""
    try:
        said = json.loads(signed)
        asked_at = datetime.fromisoformat(said.pop("at"))
        said.pop("nonce")
    except (ValueError, TypeError, AttributeError, KeyError):
        return False
    wanted = plain({**facts, "purpose": purpose, "rp": settings.PASSKEY_RP_ID})
    is_fresh = timedelta() <= at - asked_at <= FRESH
    return bool(said == wanted) and is_fresh


def used(answer: Answer, *, at: datetime, **whose: Any) -> tuple[Passkey | None, str]:
    """Check an answer with a live key, spend its challenge, and count the signature.

    On the auth connection, in the caller's transaction there, which must commit whatever came out:
    a challenge that was answered stays answered. `whose` narrows the keys. Returns the key, or None
    and why: unreadable, unknown, signature, replayed, counter_back.
    """
    alias: str = settings.AUTH_ALIAS
    try:
        made = webauthn.signature_in(answer.response)
    except webauthn.Unsigned:
        return None, "unreadable"
    key = (
        live_passkeys(using=alias)
        .select_for_update(of=("self",), no_key=True)
        .filter(credential_id=made.credential_id, **whose)
        .first()
    )
    if key is None:
        return None, "unknown"
    try:
        count = webauthn.checked(
            made,
            signed=answer.signed,
            credential=bytes(key.credential),
            rp_id=settings.PASSKEY_RP_ID,
            origins=settings.PASSKEY_ORIGINS,
        )
    except webauthn.Unsigned:
        return None, "signature"
    if not spent(answer.signed):
        return None, "replayed"
    # Keys that live in several places at once do not count: theirs stays nothing.
    if (count or key.sign_count) and count <= key.sign_count:
        return None, COUNTER_BACK
    key.sign_count, key.used_at = count, at
    key.save(using=alias, update_fields=["sign_count", "used_at"])
    return key, ""


def spent(signed: str) -> bool:
    """Use a challenge up on the auth connection; False when it was answered before."""
    with connections[settings.AUTH_ALIAS].cursor() as cursor:
        cursor.execute(_SPEND, [hashlib.sha256(signed.encode()).hexdigest()])
        return bool(cursor.rowcount)


def refused(why: str) -> PasskeyRefused:
    """Return the refusal of an answer."""
    if why == COUNTER_BACK:
        words = _(
            "This passkey has signed more often elsewhere: it may have been copied. Remove it and"
            " add a new one."
        )
    else:
        words = _("The passkey did not sign this, or it was too late. Try again.")
    return PasskeyRefused(f"identity.passkey_{why or 'refused'}", words, field="passkey")
