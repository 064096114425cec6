"""An old cookie opens nothing: what ended a session ends it for whoever kept its id (S12)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.utils import timezone

from ops.engines.http import lifetimes
from ops.engines.identity import services
from ops.engines.identity.choices import Role
from ops.engines.identity.models import User
from tests.engines.http.conftest import with_token
from tests.engines.identity.factories import PASSWORD, SYSTEM, account

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"
PROOF = {"username": "keeper", "password": PASSWORD}
API = "/api/v1/auth/logout"


def cookie(client: Client) -> str:
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def replayed(value: str) -> bool:
    """Say whether a cookie somebody kept opens the account."""
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = value
    return thief.get("/me/").status_code == 200


@pytest.fixture
def keeper() -> User:
    return account("keeper", Role.WAREHOUSE_KEEPER)


def test_signing_in_gives_a_new_id_and_the_one_before_opens_nothing(keeper: User) -> None:
    client = Client()
    before = client.session  # whoever planted this id knows it
    before["planted"] = True
    before.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = planted = before.session_key or ""

    client.post(LOGIN, PROOF)

    assert cookie(client) != planted
    assert replayed(cookie(client))
    assert not replayed(planted)


def test_signing_in_again_gives_a_new_id_again(keeper: User) -> None:
    client = Client()
    client.post(LOGIN, PROOF)
    first = cookie(client)

    client.post(LOGIN, PROOF)

    assert cookie(client) != first
    assert not replayed(first)


def _left(client: Client, user: User) -> None:
    client.post("/accounts/logout/")


def _disabled(client: Client, user: User) -> None:
    services.set_active(user_id=user.pk, is_active=False, actor=SYSTEM, at=timezone.now())


def _disabled_and_enabled(client: Client, user: User) -> None:
    _disabled(client, user)
    services.set_active(user_id=user.pk, is_active=True, actor=SYSTEM, at=timezone.now())


def _changed(client: Client, user: User) -> None:
    client.post("/accounts/password/", {"old": PASSWORD, "new": PASSWORD + "2"})


def _demoted(client: Client, user: User) -> None:
    held = user.person.assignments.get()
    services.end_now(assignment_ids=[held.pk], actor=SYSTEM, at=timezone.now())


ENDS = (_left, _disabled, _disabled_and_enabled, _changed, _demoted)


@pytest.mark.parametrize("end", ENDS, ids=lambda one: one.__name__.lstrip("_"))
def test_a_cookie_that_was_kept_opens_nothing_after_its_session_ended(
    keeper: User, end: Callable[[Client, User], None]
) -> None:
    client = Client()
    client.post(LOGIN, PROOF)
    kept = cookie(client)
    assert replayed(kept)

    end(client, keeper)

    assert not replayed(kept)


@pytest.mark.parametrize(("minutes", "opens"), [(29, True), (31, False), (12 * 60 + 1, False)])
def test_a_cookie_that_was_kept_opens_nothing_after_its_time(
    keeper: User, minutes: int, *, opens: bool
) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client = Client()
        client.post(LOGIN, PROOF)
        kept = cookie(client)

        clock.shift(timedelta(minutes=minutes))

        assert replayed(kept) is opens


@pytest.mark.parametrize(
    ("hours", "back", "opens"),
    [
        (12.1, 12.0, False),  # twelve hours are over, whatever the wall clock says
        (0.6, 0.6, False),  # so are thirty minutes without a request
        (0.3, 0.0, True),
        (0.3, 0.29, True),
    ],
)
def test_a_clock_that_is_set_back_lengthens_no_session(
    keeper: User, monkeypatch: pytest.MonkeyPatch, hours: float, back: float, *, opens: bool
) -> None:
    began = lifetimes.steady()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client = Client()
        client.post(LOGIN, PROOF)
        kept = cookie(client)

        monkeypatch.setattr(lifetimes, "steady", lambda: began + hours * 3600)
        clock.shift(timedelta(hours=hours - back))

        assert replayed(kept) is opens


def test_used_without_a_pause_a_session_ends_after_twelve_true_hours(
    keeper: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, open_for = lifetimes.steady(), 0.0
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client = Client()
        client.post(LOGIN, PROOF)
        for step in range(1, 60):
            monkeypatch.setattr(lifetimes, "steady", lambda now=step: began + now * 900)
            clock.shift(timedelta(seconds=61))  # a wall clock that is far too slow
            if client.get("/me/").status_code != 200:
                break
            open_for = step / 4

    assert open_for == 12


@pytest.mark.parametrize(("minutes", "opens"), [(1, True), (3, False), (60, False)])
def test_after_a_restart_a_clock_before_the_last_request_ends_the_session(
    keeper: User, monkeypatch: pytest.MonkeyPatch, minutes: int, *, opens: bool
) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client = Client()
        client.post(LOGIN, PROOF)
        kept = cookie(client)

        monkeypatch.setattr(lifetimes, "boot", lambda: "another start")
        clock.shift(timedelta(minutes=-minutes))

        assert replayed(kept) is opens


@pytest.mark.parametrize("end", [_disabled, _demoted], ids=lambda one: one.__name__.lstrip("_"))
def test_a_token_has_no_right_its_account_lost_with_the_next_request(
    keeper: User, end: Callable[[Client, User], None]
) -> None:
    client = with_token(keeper)
    shelf = "/api/v1/shipments"
    assert client.get(shelf).status_code == 200

    end(Client(), keeper)

    assert client.get(shelf).status_code in {401, 403}
