"""Two browsers at once, signed out from afar, and nothing that runs on after its right ended."""

import io
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client, RequestFactory
from django.utils import timezone

from ops.engines.events import delivery
from ops.engines.http import entitled
from ops.engines.identity import selectors, services
from ops.engines.identity.choices import Role
from ops.engines.identity.models import Device, User
from ops.engines.kernel.errors import Forbidden, NotFound
from ops.engines.notices.models import Notice
from tests.engines.identity.factories import PASSWORD, SYSTEM, account

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"
CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/141.0 Safari/537.36"


def browser(name: str, *, agent: str = CHROME) -> Client:
    client = Client(headers={"User-Agent": agent})
    answer = client.post(LOGIN, {"username": name, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def is_inside(client: Client) -> bool:
    return client.get("/me/").status_code == 200


def test_a_third_browser_signs_the_oldest_out() -> None:
    account("keeper", Role.WAREHOUSE_KEEPER)
    clients = [browser("keeper") for _number in range(3)]

    inside = [is_inside(client) for client in clients]

    assert inside == [False, True, True]


def test_sessions_that_time_ended_take_no_place() -> None:
    account("keeper", Role.WAREHOUSE_KEEPER)
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        first, second = browser("keeper"), browser("keeper")
        first.post("/accounts/logout/")
    with time_machine.travel(start + timedelta(minutes=20), tick=False):
        third = browser("keeper")
        assert is_inside(second)
        assert is_inside(third)
    with time_machine.travel(start + timedelta(minutes=55), tick=False):
        fourth, fifth = browser("keeper"), browser("keeper")
        assert [is_inside(one) for one in (second, fourth, fifth)] == [False, True, True]


def test_my_account_lists_the_devices_and_signs_one_out_at_once() -> None:
    user = account("keeper", Role.WAREHOUSE_KEEPER)
    here, there = browser("keeper"), browser("keeper", agent="Mozilla/5.0 (iPhone) Safari/604.1")
    page = here.get("/me/").content.decode()
    far = Device.objects.get(label="Safari, iPhone")

    here.post("/me/", {"step": "device", "device": far.pk})

    assert "Chrome, Windows" in page
    assert "Safari, iPhone" in page
    assert not is_inside(there)
    assert is_inside(here)
    assert [one.is_this for one in selectors.live_devices(user=user, at=timezone.now())] == [False]


def test_nobody_signs_anothers_device_out() -> None:
    account("keeper", Role.WAREHOUSE_KEEPER)
    stranger = selectors.actor_for(account("stranger"), at=timezone.now())
    client = browser("keeper")

    with pytest.raises(NotFound):
        services.end_device(device_id=Device.objects.get().pk, actor=stranger, at=timezone.now())

    assert is_inside(client)


@pytest.mark.parametrize("change", ["off", "password", "position", "scope"])
def test_a_change_of_the_account_ends_every_browser_with_the_next_request(change: str) -> None:
    user = account("keeper", Role.WAREHOUSE_KEEPER)
    client, now = browser("keeper"), timezone.now()
    assert is_inside(client)

    match change:
        case "off":
            services.set_active(user_id=user.pk, is_active=False, actor=SYSTEM, at=now)
        case "password":
            services.set_password(user_id=user.pk, password=PASSWORD + "2", actor=SYSTEM, at=now)
        case "position":
            held = user.person.assignments.get()
            services.end_now(assignment_ids=[held.pk], actor=SYSTEM, at=now)
        case "scope":
            place = services.create_department(code="x", name="x", actor=SYSTEM, at=now)
            grant: dict[str, Any] = {
                "user_id": user.pk,
                "kind": "department",
                "object_id": place.department_id,
            }
            services.grant_scope(**grant, actor=SYSTEM, at=now)
            services.revoke_scope(**grant, actor=SYSTEM, at=now)

    assert not is_inside(client)
    assert selectors.live_devices(user=User.objects.get(pk=user.pk), at=now) == []


def test_a_sign_in_on_a_new_browser_is_told_and_the_first_and_the_known_are_not() -> None:
    user = account("keeper", Role.WAREHOUSE_KEEPER)
    known = browser("keeper")
    known.post("/accounts/logout/")
    known.post(LOGIN, {"username": "keeper", "password": PASSWORD})
    delivery.drain(at=timezone.now())
    assert not Notice.objects.filter(person_id=user.person_id).exists()

    browser("keeper", agent="Mozilla/5.0 (Linux) Firefox/140.0")
    delivery.drain(at=timezone.now())

    told = Notice.objects.get(person_id=user.person_id)
    assert told.params["label"] == "Firefox, Linux"
    assert told.link == "/me/"


def _request(user: User) -> Any:
    request = RequestFactory().get("/")
    request.user = User.objects.select_related("person").get(pk=user.pk)
    return request


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entitled, "EVERY", 0.0)


@pytest.mark.usefixtures("impatient")
def test_an_export_stops_in_the_middle_when_the_right_ends() -> None:
    user = account("keeper", Role.WAREHOUSE_KEEPER)
    rows: Iterator[int] = entitled.while_entitled(iter(range(100)), _request(user))
    taken = [next(rows) for _number in range(3)]

    held = user.person.assignments.get()
    services.end_now(assignment_ids=[held.pk], actor=SYSTEM, at=timezone.now())

    with pytest.raises(Forbidden):
        next(rows)
    assert taken == [0, 1, 2]


@pytest.mark.usefixtures("impatient")
def test_a_download_stops_in_the_middle_when_the_account_is_shut() -> None:
    user = account("keeper", Role.WAREHOUSE_KEEPER)
    file = entitled.EntitledFile(io.BytesIO(b"x" * 100), _request(user))
    first = file.read(10)

    services.set_active(user_id=user.pk, is_active=False, actor=SYSTEM, at=timezone.now())

    with pytest.raises(Forbidden):
        file.read(10)
    assert first == b"x" * 10


def test_a_running_export_is_looked_at_at_least_once_a_second() -> None:
    user = account("keeper", Role.WAREHOUSE_KEEPER)
    rows = entitled.while_entitled(iter(range(100)), _request(user))
    next(rows)
    services.set_active(user_id=user.pk, is_active=False, actor=SYSTEM, at=timezone.now())
    ended = time.monotonic()

    def run_on() -> None:
        for _row in rows:
            time.sleep(0.05)

    with pytest.raises(Forbidden):
        run_on()

    assert time.monotonic() - ended <= 1
