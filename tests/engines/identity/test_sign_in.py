"""The door in: two factors, throttled, one answer for every wrong try."""

import threading
from datetime import timedelta

import pyotp
import pytest
from django.db import connection

from ops.engines.audit.models import Fact
from ops.engines.identity import services
from ops.engines.identity.choices import Role
from ops.engines.identity.errors import SignInRefused, TooManyTries
from ops.engines.identity.models import User
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import Conflict, Forbidden, RuleViolation

from .factories import AT, PASSWORD, SYSTEM, account

HERE = "192.0.2.1"


def _try(username: str, password: str, code: str = "", minutes: float = 0) -> services.SignedIn:
    return services.sign_in(
        username=username,
        password=password,
        code=code,
        address=HERE,
        at=AT + timedelta(minutes=minutes),
    )


def _actions() -> list[str]:
    return list(Fact.objects.order_by("id").values_list("action", flat=True))


@pytest.mark.django_db
def test_name_and_password_open_the_door_whatever_the_case() -> None:
    user = account("Keeper", Role.WAREHOUSE_KEEPER)

    signed_in = _try("ＫＥＥＰＥＲ", PASSWORD)

    assert signed_in.user.pk == user.pk
    assert not signed_in.must_enrol
    assert _actions()[-1] == "identity.signed_in"


@pytest.mark.django_db
def test_an_approver_without_second_factor_must_enrol() -> None:
    account("manager", Role.OPERATIONS_MANAGER)

    assert _try("manager", PASSWORD).must_enrol


@pytest.mark.django_db
def test_unknown_names_wrong_passwords_and_closed_accounts_hear_the_same() -> None:
    account("keeper")
    closed = account("closed")
    services.set_active(user_id=closed.pk, is_active=False, actor=SYSTEM, at=AT)
    heard = []
    for username, password in (("nobody", PASSWORD), ("keeper", "wrong"), ("closed", PASSWORD)):
        with pytest.raises(SignInRefused) as refusal:
            _try(username, password)
        heard.append((type(refusal.value), refusal.value.code, refusal.value.message))

    assert len(set(heard)) == 1
    assert _actions()[-3:] == ["identity.sign_in_refused"] * 3


@pytest.mark.django_db
@pytest.mark.parametrize("username", ["keeper", "nobody"])
def test_the_eleventh_try_in_a_quarter_of_an_hour_is_refused(username: str) -> None:
    account("keeper")
    for number in range(10):
        with pytest.raises(SignInRefused):
            _try(username, "wrong", minutes=number)

    with pytest.raises(TooManyTries):
        _try(username, PASSWORD, minutes=14)
    if username == "keeper":
        assert _try(username, PASSWORD, minutes=16).user.username == "keeper"


@pytest.mark.django_db
def test_successful_sign_ins_do_not_count_as_tries() -> None:
    account("keeper")

    for number in range(12):
        _try("keeper", PASSWORD, minutes=number / 10)


@pytest.mark.django_db
def test_one_address_tries_a_hundred_times_an_hour() -> None:
    for number in range(100):
        with pytest.raises(SignInRefused):
            _try(f"guess-{number}", "wrong", minutes=number / 10)

    with pytest.raises(TooManyTries):
        _try("another", "wrong", minutes=11)


def test_tries_at_once_are_counted_before_the_password_is_looked_at(own_database: object) -> None:
    account("keeper")
    outcomes: list[type[Exception]] = []

    def guess() -> None:
        try:
            _try("keeper", "wrong")
        except SignInRefused as refusal:
            outcomes.append(type(refusal))
        finally:
            connection.close()

    threads = [threading.Thread(target=guess) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert outcomes.count(SignInRefused) == 10
    assert outcomes.count(TooManyTries) == 14


@pytest.mark.django_db
def test_a_code_is_asked_for_once_enrolled_and_good_once() -> None:
    user = account("manager", Role.OPERATIONS_MANAGER)
    secret = services.enrol_totp(user_id=user.pk, actor=SYSTEM, at=AT, trusted=True).secret
    code = pyotp.TOTP(secret).at(AT)

    with pytest.raises(SignInRefused):
        _try("manager", PASSWORD)
    first = _try("manager", PASSWORD, code)
    with pytest.raises(SignInRefused):
        _try("manager", PASSWORD, code)

    assert not first.must_enrol


def test_of_many_at_once_one_spends_the_code(own_database: object) -> None:
    user = account("manager", Role.OPERATIONS_MANAGER)
    secret = services.enrol_totp(user_id=user.pk, actor=SYSTEM, at=AT, trusted=True).secret
    user = User.objects.get(pk=user.pk)
    code = pyotp.TOTP(secret).at(AT)
    spent: list[bool] = []

    def spend() -> None:
        spent.append(services.check_totp(user=user, code=code, at=AT))
        connection.close()

    threads = [threading.Thread(target=spend) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(spent) == [False] * 11 + [True]


@pytest.mark.django_db
def test_the_secret_is_sealed_and_bound_to_its_account() -> None:
    user, other = account("manager"), account("other")
    secret = services.enrol_totp(user_id=user.pk, actor=SYSTEM, at=AT, trusted=True).secret
    sealed = User.objects.values_list("totp_secret", flat=True).get(pk=user.pk)
    User.objects.filter(pk=other.pk).update(totp_secret=sealed, totp_confirmed_at=AT)

    assert secret not in sealed
    with pytest.raises(RuleViolation):
        services.check_totp(
            user=User.objects.get(pk=other.pk), code=pyotp.TOTP(secret).at(AT), at=AT
        )


@pytest.mark.django_db
def test_enrolling_needs_its_own_person_and_a_right_code() -> None:
    user = account("manager")
    other = account("other")
    myself = Actor(kind=SYSTEM.kind.PERSON, name="m", person_id=user.person_id, user_id=user.pk)
    stranger = Actor(kind=SYSTEM.kind.PERSON, name="o", person_id=other.person_id, user_id=other.pk)

    with pytest.raises(Forbidden):
        services.enrol_totp(user_id=user.pk, actor=stranger, at=AT)
    shown = services.pending_totp(user_id=user.pk, actor=myself, at=AT)
    again = services.pending_totp(user_id=user.pk, actor=myself, at=AT)
    with pytest.raises(RuleViolation):
        services.confirm_totp(user_id=user.pk, code="000000", actor=myself, at=AT)
    services.confirm_totp(
        user_id=user.pk, code=pyotp.TOTP(shown.secret).at(AT), actor=myself, at=AT
    )

    assert shown == again
    assert User.objects.get(pk=user.pk).totp_confirmed_at == AT
    with pytest.raises(Conflict):
        services.enrol_totp(user_id=user.pk, actor=myself, at=AT)
