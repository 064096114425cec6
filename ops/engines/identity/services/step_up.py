"""Prove a person afresh before something that cannot be taken back (S13).

The proof is a row that only the auth role writes, on a connection of its own: it stands even when
what asked for it is refused, and whoever has the app's database role cannot make one.
"""

from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import connections, transaction
from django.utils.translation import gettext as _

from ops.engines.identity.errors import StepUpRefused, TooManyTries
from ops.engines.identity.models import SignInTry, User
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.crypto import blind_index

from .sign_in import ACCOUNT_TRIES, ACCOUNT_WINDOW
from .totp import spend_totp

_ADD: Final = """
INSERT INTO identity_assertion (person_id, user_id, purpose, payload_hash, method, counter)
VALUES (%s, %s, %s, %s, 'totp', %s) RETURNING id
"""
_LOCK: Final = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


def step_up(*, purpose: str, payload_hash: str, code: str, actor: Actor, at: datetime) -> int:
    """Write an assertion of the actor for one purpose and payload and return its id.

    The one-time code is used up. Good for five minutes on the database's clock, for one citation,
    for this person and this payload (64 hex digits). At most 10 wrong codes in 15 minutes. The
    caller may have a transaction open on the app's connection; it must not have locked the
    account. Raises StepUpRefused, TooManyTries.
    """
    alias: str = settings.AUTH_ALIAS
    tried = count_try(actor, at=at)
    with transaction.atomic(using=alias):
        counter = _spent(alias, actor, code, at=at)
        if counter is None:
            raise StepUpRefused(
                "identity.step_up_refused",
                _("The one-time code is not right or was used already. Wait for the next one."),
                field="code",
            )
        SignInTry.objects.using(alias).filter(pk=tried).update(succeeded=True)
        with connections[alias].cursor() as cursor:
            cursor.execute(_ADD, [actor.person_id, actor.user_id, purpose, payload_hash, counter])
            return int(cursor.fetchone()[0])


def count_try(actor: Actor, *, at: datetime) -> int:
    """Enter one try to prove the actor afresh and return its id. Raises TooManyTries."""
    account = blind_index(str(actor.user_id), purpose="step-up.account")
    tried = _count(settings.AUTH_ALIAS, account, at=at)
    if tried is None:
        raise TooManyTries(
            "identity.too_many_tries",
            _("Too many tries. Wait a quarter of an hour."),
            retry_after=int(ACCOUNT_WINDOW.total_seconds()),
        )
    return tried


def _spent(alias: str, actor: Actor, code: str, *, at: datetime) -> int | None:
    """Use the code of the actor's live account up and return its number."""
    user = (
        User.objects.using(alias)
        .only("uuid", "person_id", "totp_secret", "totp_confirmed_at")
        .filter(pk=actor.user_id or 0, person_id=actor.person_id or 0, is_active=True)
        .first()
    )
    return None if user is None else spend_totp(user=user, code=code, at=at, using=alias)


def _count(alias: str, account: str, *, at: datetime) -> int | None:
    """Enter one try and return its id, or None when too many failed; it commits by itself."""
    with transaction.atomic(using=alias):
        with connections[alias].cursor() as cursor:
            cursor.execute(_LOCK, [account])
        failed = SignInTry.objects.using(alias).filter(
            succeeded=False, account=account, at__gt=at - ACCOUNT_WINDOW
        )
        if failed.count() >= ACCOUNT_TRIES:
            return None
        return SignInTry.objects.using(alias).create(account=account, address=account, at=at).pk
