"""Clocks over HTTP: what the caller may see, and giving more time."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from ops.engines.clocks.models import Clock, ClockEvent
from ops.engines.identity.choices import Role
from tests.engines.clocks.conftest import begin
from tests.engines.http.conftest import with_token
from tests.engines.identity.factories import account

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("answer")]
URL = "/api/v1/clocks"


@pytest.fixture
def manager() -> APIClient:
    return with_token(account("manager", Role.OPERATIONS_MANAGER))


def _extend(api: APIClient, clock_id: int, **body: Any) -> Any:
    return api.post(f"{URL}/{clock_id}/extend", json.dumps(body), content_type="application/json")


def test_the_list_holds_what_the_caller_may_see(manager: APIClient) -> None:
    begin(1, 2, at=timezone.now())

    found = manager.get(URL).json()["results"]

    assert [each["number"] for each in found] == ["TOY-2", "TOY-1"]
    assert manager.get(f"{URL}?subject_id=1").json()["results"][0]["number"] == "TOY-1"
    assert manager.get(f"{URL}?state=met").json()["results"] == []
    assert APIClient().get(URL).status_code == 401
    stranger = with_token(account("buyer", Role.BUYER))
    assert stranger.get(URL).json()["results"] == []


def test_one_clock_tells_what_happened_and_is_not_there_for_a_stranger(
    manager: APIClient,
) -> None:
    (clock_id,) = begin(1, at=timezone.now())

    shown = manager.get(f"{URL}/{clock_id}").json()

    assert [event["kind"] for event in shown["events"]] == ["started"]
    stranger = with_token(account("buyer", Role.BUYER))
    assert stranger.get(f"{URL}/{clock_id}").status_code == 404


def test_an_extension_needs_a_later_moment_a_reason_and_the_right(manager: APIClient) -> None:
    (clock_id,) = begin(1, at=timezone.now())
    clock = Clock.objects.get()
    until = (clock.due_at + timedelta(days=2)).isoformat()
    agent = with_token(account("agent", Role.CUSTOMER_SERVICE_AGENT))

    refused = [
        _extend(manager, clock_id, until=clock.due_at.isoformat(), reason="why").status_code,
        _extend(manager, clock_id, until=until, reason="").status_code,
        _extend(manager, clock_id, until=until).status_code,
        _extend(agent, clock_id, until=until, reason="why").status_code,
    ]

    assert refused == [422, 400, 400, 403]
    assert ClockEvent.objects.count() == 1
    done = _extend(manager, clock_id, until=until, reason="waits for the laboratory")
    assert (done.status_code, done.json()["due_at"]) == (200, until)
    assert done.json()["events"][-1]["reason"] == "waits for the laboratory"
