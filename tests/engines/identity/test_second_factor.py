"""Recovery codes and throttling beyond the plain count (S10, S11)."""

import threading
from datetime import timedelta

import pyotp
import pytest
from django.db import IntegrityError, connection, transaction

from ops.engines.audit.models import Fact
from ops.engines.identity import selectors, services
from ops.engines.identity.choices import Role
from ops.engines.identity.errors import SignInRefused, TooManyTries
from ops.engines.identity.models import RecoveryCode, User
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import Forbidden, RuleViolation

from .factories import AT, PASSWORD, SYSTEM, account

HERE = "192.0.2.1"


def _manager() -> tuple[User, Actor, str]:
    user = account("manager", Role.OPERATIONS_MANAGER)
    secret = services.enrol_totp(user_id=user.pk, actor=SYSTEM, at=AT, trusted=True).secret
    user = User.objects.select_related("person").get(pk=user.pk)
    return user, selectors.actor_for(user, at=AT), secret


def _try(
    name: str, password: str = PASSWORD, code: str = "", device: str = ""
) -> services.SignedIn:
    return services.sign_in(
        username=name, password=password, code=code, address=HERE, device=device, at=AT
    )


@pytest.mark.django_db
def test_a_recovery_code_opens_once_and_only_a_keyed_hash_is_kept() -> None:
    user, actor, _secret = _manager()
    codes = services.make_recovery_codes(user_id=user.pk, actor=actor, at=AT)

    first = _try("manager", code=codes[0].lower().replace("-", " "))
    with pytest.raises(SignInRefused):
        _try("manager", code=codes[0])
    second = _try("manager", code=codes[1])

    plain = {code.replace("-", "") for code in codes}
    kept = set(RecoveryCode.objects.values_list("digest", flat=True))
    assert len(plain) == 10
    assert Fact.objects.filter(action="identity.recovery_code_used").count() == 2
    assert first.user == second.user == user
    assert selectors.codes_left(user=user) == 8
    assert not any(code in digest.upper() for code in plain for digest in kept)


@pytest.mark.django_db
def test_a_recovery_code_without_the_password_opens_nothing_and_stays_unused() -> None:
    user, actor, _secret = _manager()
    codes = services.make_recovery_codes(user_id=user.pk, actor=actor, at=AT)

    with pytest.raises(SignInRefused):
        _try("manager", "wrong", codes[0])

    assert selectors.codes_left(user=user) == 10


@pytest.mark.django_db
def test_new_codes_and_a_new_factor_end_the_old_codes() -> None:
    user, actor, _secret = _manager()
    old = services.make_recovery_codes(user_id=user.pk, actor=actor, at=AT)
    new = services.make_recovery_codes(user_id=user.pk, actor=actor, at=AT)
    with pytest.raises(SignInRefused):
        _try("manager", code=old[0])
    services.reset_totp(user_id=user.pk, reason="lost", actor=SYSTEM, at=AT)
    later = AT + timedelta(minutes=1)
    services.enrol_totp(user_id=user.pk, actor=SYSTEM, at=later, trusted=True)
    user = User.objects.get(pk=user.pk)

    assert not services.spend_recovery_code(user=user, code=new[0], at=later)
    assert selectors.codes_left(user=user) == 0


@pytest.mark.django_db
def test_codes_are_made_by_their_person_alone_and_after_the_factor() -> None:
    bare = account("bare")
    own = selectors.actor_for(bare, at=AT)
    user, _actor, _secret = _manager()

    with pytest.raises(RuleViolation):
        services.make_recovery_codes(user_id=bare.pk, actor=own, at=AT)
    with pytest.raises(Forbidden):
        services.make_recovery_codes(user_id=user.pk, actor=own, at=AT)
    with pytest.raises(Forbidden):
        services.make_recovery_codes(user_id=user.pk, actor=SYSTEM, at=AT)

    assert not RecoveryCode.objects.exists()


@pytest.mark.django_db
def test_the_database_lets_no_used_code_return() -> None:
    user, actor, _secret = _manager()
    codes = services.make_recovery_codes(user_id=user.pk, actor=actor, at=AT)
    _try("manager", code=codes[0])

    with pytest.raises(IntegrityError, match="stays used"), transaction.atomic():
        RecoveryCode.objects.filter(used_at__isnull=False).update(used_at=None)

    assert RecoveryCode.objects.filter(used_at__isnull=False).count() == 1


def _at_once(work: list[tuple[str, str]], user: User) -> list[bool]:
    outcomes: list[bool] = []
    start = threading.Barrier(len(work))

    def run(kind: str, code: str) -> None:
        start.wait()
        spend = services.check_totp if kind == "totp" else services.spend_recovery_code
        outcomes.append(spend(user=user, code=code, at=AT))
        connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.mark.parametrize("kind", ["totp", "recovery"])
def test_of_fifty_replays_at_once_one_passes(own_database: object, kind: str) -> None:
    user, actor, secret = _manager()
    codes = services.make_recovery_codes(user_id=user.pk, actor=actor, at=AT)
    code = pyotp.TOTP(secret).at(AT) if kind == "totp" else codes[0]

    outcomes = _at_once([(kind, code)] * 50, user)

    assert outcomes.count(True) == 1
    assert len(outcomes) == 50


@pytest.mark.django_db
def test_a_spray_over_many_names_leaves_one_fact_without_names_or_address() -> None:
    names = [f"guess-{number}" for number in range(14)]
    for name in names:
        for _again in range(2):
            with pytest.raises(SignInRefused):
                _try(name, "wrong")

    spray = Fact.objects.get(action="identity.spray_suspected")
    assert HERE not in spray.body
    assert not any(name in spray.body for name in names)


@pytest.mark.django_db
def test_one_person_mistyping_is_no_spray() -> None:
    account("keeper")
    for _number in range(9):
        with pytest.raises(SignInRefused):
            _try("keeper", "wrong")

    assert not Fact.objects.filter(action="identity.spray_suspected").exists()


@pytest.mark.django_db
def test_a_stranger_who_uses_up_the_tries_locks_the_known_browser_not_out() -> None:
    account("keeper")
    for _number in range(10):
        with pytest.raises(SignInRefused):
            _try("keeper", "wrong")

    with pytest.raises(TooManyTries):
        _try("keeper")

    assert _try("keeper", device="known-mark").user.username == "keeper"


@pytest.mark.django_db
def test_the_count_is_kept_in_the_database_and_not_in_the_worker() -> None:
    account("keeper")
    for _number in range(10):
        with pytest.raises(SignInRefused):
            _try("keeper", "wrong")
    connection.cursor().execute("DISCARD PLANS")

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM identity_signintry WHERE NOT succeeded")
        assert cursor.fetchone() == (10,)
    with pytest.raises(TooManyTries):
        _try("keeper")


def test_the_eleventh_try_is_refused_also_at_once_and_from_as_many_addresses(
    own_database: object,
) -> None:
    account("keeper")
    outcomes: list[type[Exception]] = []
    start = threading.Barrier(30)

    def guess(number: int) -> None:
        start.wait()
        try:
            services.sign_in(
                username="keeper",
                password="wrong",
                code="",
                address=f"192.0.2.{number}",
                at=AT,
            )
        except SignInRefused as refusal:
            outcomes.append(type(refusal))
        finally:
            connection.close()

    threads = [threading.Thread(target=guess, args=(number,)) for number in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert outcomes.count(SignInRefused) == 10
    assert outcomes.count(TooManyTries) == 20
