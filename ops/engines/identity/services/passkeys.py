"""Passkeys of one's own account: add one, name it, remove it (S11)."""

import hashlib
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import IntegrityError, connections, transaction
from django.utils.translation import gettext as _

from ops.engines.audit import services as audit
from ops.engines.identity import webauthn
from ops.engines.identity.errors import PersonMissing
from ops.engines.identity.models import Passkey, User
from ops.engines.identity.selectors import live_passkeys
from ops.engines.identity.types import Answer, Ceremony, NewPasskey, PasskeyInfo
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import Conflict, RuleViolation

from . import ceremonies
from .step_up import step_up

TO_ADD: Final = "identity.passkey_add"
TO_REMOVE: Final = "identity.passkey_remove"
MOST: Final = 10
_ADD: Final = """
INSERT INTO identity_passkey (user_id, credential_id, credential, name, sign_count)
VALUES (%s, %s, %s, %s, %s) RETURNING id
"""


def ask_to_add(*, actor: Actor, at: datetime) -> Ceremony:
    """Return what the actor's browser is asked to make a key for; reads only.

    Raises RuleViolation without a second factor to prove it with, and for an eleventh key.
    """
    user = User.objects.filter(pk=actor.user_id or 0).first()
    if user is None or user.totp_confirmed_at is None:
        raise RuleViolation("identity.code_first", _("Set up the second factor first."))
    known = list(live_passkeys().filter(user_id=user.pk).values_list("credential_id", flat=True))
    if len(known) >= MOST:
        raise RuleViolation(
            "identity.passkeys_enough",
            _("An account has at most %(most)s passkeys. Remove one first.") % {"most": MOST},
        )
    signed = ceremonies.opened(TO_ADD, at=at, user=actor.user_id, session=actor.session)
    options = webauthn.creation_options(
        signed,
        rp_id=settings.PASSKEY_RP_ID,
        rp_name=str(settings.UNFOLD["SITE_TITLE"]),
        handle=user.uuid.bytes,
        username=user.username,
        known=known,
    )
    return Ceremony(signed=signed, options=options)


def add_passkey(*, answer: Answer, name: str, code: str, actor: Actor, at: datetime) -> PasskeyInfo:
    """Add the key a browser made to the actor's own account, proved by a fresh one-time code.

    Raises BadInput (name), PasskeyRefused (not for this, old, answered before), StepUpRefused,
    TooManyTries, Conflict (the key is somebody's already).
    """
    name = parse.text(name.strip(), most=80, least=1)
    if not ceremonies.fits(answer.signed, TO_ADD, at=at, user=actor.user_id, session=actor.session):
        raise ceremonies.refused("refused")
    try:
        made = webauthn.registered(
            answer.response,
            signed=answer.signed,
            rp_id=settings.PASSKEY_RP_ID,
            origins=settings.PASSKEY_ORIGINS,
        )
    except webauthn.Unsigned as wrong:
        raise ceremonies.refused("refused") from wrong
    step_up(purpose=TO_ADD, payload_hash=_hash(made.credential_id), code=code, actor=actor, at=at)
    passkey_id = _store(made, signed=answer.signed, name=name, actor=actor, at=at)
    return PasskeyInfo(passkey_id=passkey_id, name=name, made_at=at, used_at=None)


def remove_passkey(*, passkey_id: int, code: str, actor: Actor, at: datetime) -> None:
    """Take one of the actor's own keys away, proved by a fresh one-time code; what it signed stays.

    Raises PersonMissing (no such key of this account), StepUpRefused, TooManyTries.
    """
    alias: str = settings.AUTH_ALIAS
    key = Passkey.objects.filter(
        pk=passkey_id, user_id=actor.user_id or 0, removed_at__isnull=True
    ).first()
    if key is None:
        raise PersonMissing("identity.passkey_missing", _("There is no such passkey."))
    step_up(purpose=TO_REMOVE, payload_hash=_hash(key.credential_id), code=code, actor=actor, at=at)
    with transaction.atomic(using=alias):
        left = Passkey.objects.using(alias).filter(pk=key.pk, removed_at__isnull=True)
        if not left.update(removed_at=at):
            raise PersonMissing("identity.passkey_missing", _("There is no such passkey."))
        _record("identity.passkey_removed", key.pk, key.name, actor=actor, at=at)


def _store(made: NewPasskey, *, signed: str, name: str, actor: Actor, at: datetime) -> int:
    alias: str = settings.AUTH_ALIAS
    try:
        with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
            if not ceremonies.spent(signed):
                raise ceremonies.refused("replayed")
            cursor.execute(
                _ADD, [actor.user_id, made.credential_id, made.credential, name, made.sign_count]
            )
            passkey_id = int(cursor.fetchone()[0])
            _record("identity.passkey_added", passkey_id, name, actor=actor, at=at)
            return passkey_id
    except IntegrityError as taken:
        raise Conflict(
            "identity.passkey_known", _("This passkey is registered already.")
        ) from taken


def _record(action: str, passkey_id: int, name: str, *, actor: Actor, at: datetime) -> None:
    # In the transaction of the auth role: a key and what is told of it come together or not at all.
    audit.record(
        actor=actor,
        at=at,
        action=action,
        obj=("identity.user", actor.user_id or 0),
        body={"passkey": passkey_id, "name": name},
        using=settings.AUTH_ALIAS,
    )


def _hash(credential_id: str) -> str:
    return hashlib.sha256(credential_id.encode()).hexdigest()
