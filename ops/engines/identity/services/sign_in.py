"""The one door in: throttled, two factors, one answer for every wrong try (S10, S11)."""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.utils.translation import gettext as _

from ops.engines.audit import services as audit
from ops.engines.identity import selectors, webauthn
from ops.engines.identity.errors import SignInRefused, TooManyTries
from ops.engines.identity.models import SignInTry, User
from ops.engines.identity.types import Answer, Ceremony
from ops.engines.kernel.actor import Actor, ActorKind
from ops.engines.kernel.crypto import blind_index

from . import ceremonies
from .recovery import spend_recovery_code
from .totp import check_totp

ACCOUNT_TRIES, ACCOUNT_WINDOW = 10, timedelta(minutes=15)
ADDRESS_TRIES, ADDRESS_WINDOW = 100, timedelta(hours=1)
TO_SIGN_IN = "identity.sign_in"
SPRAY_NAMES = 10  # so many names failing from one address within its window are a spray
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """An account that proved itself; `must_enrol` asks for its second factor first."""

    user: User
    must_enrol: bool


def sign_in(
    *,
    username: str,
    password: str,
    code: str,
    address: str,
    device: str = "",
    passkey: Answer | None = None,
    at: datetime,
    request_id: str = "",
) -> SignedIn:
    """Prove an account by password and, where enrolled, one-time code or passkey.

    At most 10 failed tries per name in 15 minutes and 100 per address in an hour; counted before
    the password is looked at, so that tries at once count too. `device` is a proven mark of a
    browser in which this account signed in before: its tries are counted apart, so that a stranger
    who uses up a name's tries locks nobody out. Commits on its own: a refusal must leave its trace.
    Raises SignInRefused, TooManyTries.
    """
    username = username[:150].replace("\0", "")
    account = blind_index(username, purpose="sign-in.account")
    counted = blind_index(f"{username} {device}", purpose="sign-in.device") if device else account
    source = blind_index(device or address, purpose="sign-in.address")
    return _let_in(
        lambda: _proven(username, password, code, passkey, at=at),
        account=account,
        counted=counted,
        source=source,
        at=at,
        request_id=request_id,
    )


def ask_to_sign_in(*, at: datetime) -> Ceremony:
    """Return what any passkey is asked to sign at the door; reads nothing."""
    signed = ceremonies.opened(TO_SIGN_IN, at=at)
    options = webauthn.request_options(signed, rp_id=settings.PASSKEY_RP_ID)
    return Ceremony(signed=signed, options=options)


def sign_in_with_passkey(
    *, answer: Answer, address: str, at: datetime, request_id: str = ""
) -> SignedIn:
    """Prove an account by a passkey alone: the device is held, and it knows its holder.

    Counted per key and per address as `sign_in` counts names. Raises SignInRefused, TooManyTries.
    """
    try:
        key = webauthn.signature_in(answer.response).credential_id
    except webauthn.Unsigned:
        key = ""
    account = blind_index(key, purpose="sign-in.passkey")
    return _let_in(
        lambda: _signer(answer, at=at),
        account=account,
        counted=account,
        source=blind_index(address, purpose="sign-in.address"),
        at=at,
        request_id=request_id,
    )


def _let_in(
    prove: Callable[[], User | None],
    *,
    account: str,
    counted: str,
    source: str,
    at: datetime,
    request_id: str,
) -> SignedIn:
    """Count the try, look at the proof, and leave the fact of either outcome."""
    machine = Actor(kind=ActorKind.SYSTEM, name="sign-in", request_id=request_id)
    tried = _count(counted, source, at=at)
    if tried is None:
        _record(machine, "identity.sign_in_throttled", account, at=at)
        raise TooManyTries(
            "identity.too_many_tries",
            _("Too many tries. Wait a quarter of an hour."),
            retry_after=int(ACCOUNT_WINDOW.total_seconds()),
        )
    user = prove()
    if user is None:
        _record(machine, "identity.sign_in_refused", account, at=at)
        _watch_for_spray(machine, source, at=at)
        raise SignInRefused(
            "identity.sign_in_refused", _("The name, the password or the code is not right.")
        )
    actor = selectors.actor_for(user, at=at, request_id=request_id)
    with transaction.atomic():
        SignInTry.objects.filter(pk=tried).update(succeeded=True)
        audit.record(
            actor=actor, at=at, action="identity.signed_in", obj=("identity.user", user.pk)
        )
    must_enrol = user.totp_confirmed_at is None and selectors.needs_second_factor(actor)
    return SignedIn(user=user, must_enrol=must_enrol)


def enter_demo(*, user_id: int, address: str, at: datetime, request_id: str = "") -> SignedIn:
    """Enter a demo account without proof: demo mode, outside production, from this machine only.

    Raises SignInRefused.
    """
    user = (
        User.objects.select_related("person")
        .filter(pk=user_id, is_demo=True, is_active=True)
        .first()
    )
    if user is None or not demo_is_open(address):
        raise SignInRefused("identity.demo_closed", _("There is no such demo account."))
    with transaction.atomic():
        audit.record(
            actor=selectors.actor_for(user, at=at, request_id=request_id),
            at=at,
            action="identity.demo_entered",
            obj=("identity.user", user.pk),
        )
    return SignedIn(user=user, must_enrol=False)


def demo_is_open(address: str) -> bool:
    """Say whether demo accounts may be entered from an address by one click."""
    try:
        loopback = ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
    return bool(settings.DEMO) and not settings.PRODUCTION and loopback


def signed_out(*, actor: Actor, at: datetime) -> None:
    """Record that a session ended by hand."""
    with transaction.atomic():
        audit.record(
            actor=actor, at=at, action="identity.signed_out", obj=("identity.user", actor.user_id)
        )


def _count(account: str, address: str, *, at: datetime) -> int | None:
    """Enter one try and return its id, or None when there were too many."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_LOCK, [address])
            cursor.execute(_LOCK, [account])
        failed = SignInTry.objects.filter(succeeded=False)
        if (
            failed.filter(account=account, at__gt=at - ACCOUNT_WINDOW).count() >= ACCOUNT_TRIES
            or failed.filter(address=address, at__gt=at - ADDRESS_WINDOW).count() >= ADDRESS_TRIES
        ):
            return None
        return SignInTry.objects.create(account=account, address=address, at=at).pk


def _proven(
    username: str, password: str, code: str, passkey: Answer | None, *, at: datetime
) -> User | None:
    user = User.objects.named(username).first()
    if user is None:
        make_password(password)  # a name nobody has costs the same time
        return None
    if not user.check_password(password) or not user.is_active:
        return None
    if user.totp_confirmed_at is None or check_totp(user=user, code=code, at=at):
        return user
    if passkey is not None:
        return user if _signer(passkey, at=at, user_id=user.pk) is not None else None
    return user if spend_recovery_code(user=user, code=code, at=at) else None


def _signer(answer: Answer, *, at: datetime, **whose: int) -> User | None:
    """Return the live account whose passkey answered; a counter that went back leaves a fact."""
    if not ceremonies.fits(answer.signed, TO_SIGN_IN, at=at):
        return None
    with transaction.atomic(using=settings.AUTH_ALIAS):
        key, why = ceremonies.used(answer, at=at, **whose)
    if why == ceremonies.COUNTER_BACK:
        _record(
            Actor(kind=ActorKind.SYSTEM, name="sign-in"),
            "identity.passkey_counter_back",
            blind_index(webauthn.signature_in(answer.response).credential_id, purpose="passkey"),
            at=at,
        )
    if key is None:
        return None
    return User.objects.select_related("person").filter(pk=key.user_id, is_active=True).first()


def _watch_for_spray(actor: Actor, source: str, *, at: datetime) -> None:
    """Leave one fact when the tenth name fails from one address; the address stays a hash."""
    failed = SignInTry.objects.filter(
        succeeded=False, address=source, at__gt=at - ADDRESS_WINDOW
    ).order_by("-pk")
    names = list(failed.values_list("account", flat=True)[:ADDRESS_TRIES])
    if len(set(names)) == SPRAY_NAMES and names[0] not in names[1:]:
        with transaction.atomic():
            audit.record(
                actor=actor,
                at=at,
                action="identity.spray_suspected",
                body={"address": source, "names": SPRAY_NAMES},
            )


def forget_tries(*, before: datetime) -> int:
    """Delete the counts of tries older than a moment at least an hour past; facts stay."""
    return SignInTry.objects.filter(at__lt=before).delete()[0]


def _record(actor: Actor, action: str, account: str, *, at: datetime) -> None:
    with transaction.atomic():
        audit.record(actor=actor, at=at, action=action, body={"account": account})
