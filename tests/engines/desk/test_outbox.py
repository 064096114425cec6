"""The outbox on screen: parked deliveries with their content, and trying them again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from ops.engines.events import delivery, publishing
from ops.engines.events.models import Delivery
from ops.engines.identity.choices import Role
from ops.engines.identity.models import User
from tests.engines.events.conftest import Book, Packed
from tests.engines.events.conftest import book as book  # noqa: PLC0414 a fixture
from tests.engines.http.conftest import enter as enter  # noqa: PLC0414 a fixture
from tests.engines.identity.factories import account

pytestmark = pytest.mark.django_db
Enter = Callable[[User], Client]
PAGES = ["/system/outbox/", "/system/queues/", "/system/reference/"]


@pytest.fixture
def parked(book: Book) -> list[int]:
    def effect(_facts: object) -> None:
        raise ValueError("no room in rack 7")

    publishing.publish(*(Packed(box_id=number) for number in (41, 42)))
    book.effect = effect
    for hours in range(10):
        delivery.deliver_due(at=timezone.now() + timedelta(hours=hours))
    book.effect = lambda facts: None
    return list(Delivery.objects.filter(state="parked").values_list("id", flat=True))


def test_the_administrator_sees_the_error_and_tries_one_again(
    parked: list[int], enter: Enter
) -> None:
    client = enter(account("admin", Role.INFORMATION_SUPERVISOR))

    listed = client.get("/system/outbox/").content.decode()
    shown = client.get(f"/system/outbox/{parked[0]}/").content.decode()
    client.post(f"/system/outbox/{parked[0]}/", {"action": "retry"})

    assert "no room in rack 7" in listed
    assert "41" in shown
    assert "ValueError: no room in rack 7" in shown
    states = dict(Delivery.objects.values_list("id", "state"))
    assert states == {parked[0]: "pending", parked[1]: "parked"}


def test_selected_deliveries_are_tried_again_together(parked: list[int], enter: Enter) -> None:
    client = enter(account("admin", Role.INFORMATION_SUPERVISOR))

    client.post("/system/outbox/", {"action": "retry", "sel": [str(each) for each in parked]})

    assert set(Delivery.objects.values_list("state", flat=True)) == {"pending"}


def test_an_auditor_reads_but_tries_nothing_again(parked: list[int], enter: Enter) -> None:
    client = enter(account("auditor", Role.AUDITOR))

    assert client.get(f"/system/outbox/{parked[0]}/").status_code == 200
    answer = client.post(f"/system/outbox/{parked[0]}/", {"action": "retry"})
    assert answer.status_code == 403
    assert set(Delivery.objects.values_list("state", flat=True)) == {"parked"}


@pytest.mark.parametrize("path", PAGES)
def test_the_pages_open_for_the_administrator_alone(path: str, enter: Enter) -> None:
    assert enter(account("admin", Role.INFORMATION_SUPERVISOR)).get(path).status_code == 200
    assert enter(account("manager", Role.OPERATIONS_MANAGER)).get(path).status_code == 403


def test_the_reference_names_every_port_and_who_fills_it(enter: Enter) -> None:
    page = enter(account("admin", Role.INFORMATION_SUPERVISOR)).get("/system/reference/")

    assert "periods.closing" in page.content.decode()
    assert "finance." in page.content.decode()
