"""Sign with a passkey what cannot be taken back: the signature is kept with it (S2, S13)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db import connections, transaction

from ops.engines.identity import webauthn
from ops.engines.identity.models import Passkey, SignInTry
from ops.engines.identity.selectors import live_passkeys
from ops.engines.identity.types import Answer, Ceremony
from ops.engines.kernel.actor import Actor

from . import ceremonies
from .step_up import count_try

_ADD: Final = """
INSERT INTO identity_assertion (person_id, user_id, purpose, payload_hash, method,
                                passkey_id, signed, client_data, authenticator_data, signature)
VALUES (%s, %s, %s, %s, 'passkey', %s, %s, %s, %s, %s) RETURNING id
"""


def ask_to_sign(
    *, purpose: str, payload_hash: str, matter: Mapping[str, Any], actor: Actor, at: datetime
) -> Ceremony:
    """Return what one of the actor's passkeys is asked to sign; reads only.

    The challenge is the hash of a text with purpose, payload hash, `matter` (what exactly is said),
    account, session, moment and a number used once. Raises PasskeyRefused when there is no key.
    """
    known = list(
        live_passkeys().filter(user_id=actor.user_id or 0).values_list("credential_id", flat=True)
    )
    if not known:
        raise ceremonies.refused("unknown")
    signed = ceremonies.opened(purpose, at=at, **_facts(payload_hash, matter, actor))
    options = webauthn.request_options(signed, rp_id=settings.PASSKEY_RP_ID, known=known)
    return Ceremony(signed=signed, options=options)


def sign(
    *,
    purpose: str,
    payload_hash: str,
    matter: Mapping[str, Any],
    answer: Answer,
    actor: Actor,
    at: datetime,
) -> int:
    """Write an assertion with the signature of the actor's passkey and return its id.

    Good for five minutes and one citation, like one of a code; the challenge is used up whatever
    comes of it. At most 10 wrong tries in 15 minutes. Raises PasskeyRefused, TooManyTries.
    """
    alias: str = settings.AUTH_ALIAS
    tried = count_try(actor, at=at)
    facts = _facts(payload_hash, matter, actor)
    if not ceremonies.fits(answer.signed, purpose, at=at, **facts):
        raise ceremonies.refused("refused")
    with transaction.atomic(using=alias):
        key, why = ceremonies.used(
            answer, at=at, user_id=actor.user_id or 0, user__person_id=actor.person_id or 0
        )
        if key is not None:
            SignInTry.objects.using(alias).filter(pk=tried).update(succeeded=True)
            return _assert(key, purpose, payload_hash, answer, actor)
    raise ceremonies.refused(why)


def _facts(payload_hash: str, matter: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    return {
        "payload": payload_hash,
        "matter": dict(matter),
        "user": actor.user_id,
        "session": actor.session,
    }


def _assert(key: Passkey, purpose: str, payload_hash: str, answer: Answer, actor: Actor) -> int:
    made = webauthn.signature_in(answer.response)
    with connections[settings.AUTH_ALIAS].cursor() as cursor:
        cursor.execute(
            _ADD,
            [
                actor.person_id,
                actor.user_id,
                purpose,
                payload_hash,
                key.pk,
                answer.signed,
                made.client_data,
                made.authenticator_data,
                made.signature,
            ],
        )
        return int(cursor.fetchone()[0])
