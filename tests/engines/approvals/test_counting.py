"""Splitting an amount does not dodge a level, not even at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection

from ops.engines.approvals import errors, services
from ops.engines.approvals.models import Request
from ops.engines.approvals.types import RequestInfo
from ops.engines.kernel.actor import Actor
from tests.engines.approvals.toys import People, actor, people, submitted
from tests.engines.identity.factories import AT
from tests.support.cluster import OwnDatabase

SUPERVISOR, MANAGER = "operations_supervisor", "operations_manager"


@pytest.fixture
def team(db: None) -> People:
    return people()


def spend(
    team: People, amount: str, subject: int, *, payee: str = "ACME", at: datetime = AT
) -> RequestInfo:
    return submitted(
        team.requester,
        flow="toy_budget",
        subject_id=subject,
        content={"payee": payee},
        figures={"total": Decimal(amount)},
        at=at,
    )


def roles(request: RequestInfo) -> list[str]:
    return [step.role for step in request.steps]


def test_parts_count_together_and_the_decider_sees_the_sum(team: People) -> None:
    first, second = spend(team, "600.00", 1), spend(team, "600.00", 2)

    assert roles(first) == [SUPERVISOR]
    assert roles(second) == [SUPERVISOR, MANAGER]
    assert (second.figures["total"], second.figures["counted_together"]) == ("600.00", "1200.00")


def test_approved_parts_still_count(team: People) -> None:
    first = spend(team, "600.00", 1)
    services.approve(
        request_id=first.id,
        content_hash=first.content_hash,
        actor=actor(team.supervisor),
        at=AT,
    )

    assert roles(spend(team, "600.00", 2)) == [SUPERVISOR, MANAGER]


@pytest.mark.parametrize("taken_back", [True, False])
def test_what_was_withdrawn_or_lies_outside_the_window_does_not_count(
    team: People,
    taken_back: bool,  # noqa: FBT001
) -> None:
    first = spend(team, "600.00", 1)
    if taken_back:
        services.withdraw(request_id=first.id, actor=actor(team.requester), at=AT)
    later = AT if taken_back else AT + timedelta(days=1)

    assert roles(spend(team, "600.00", 2, at=later)) == [SUPERVISOR]


def test_other_keys_count_apart(team: People) -> None:
    spend(team, "600.00", 1)

    assert roles(spend(team, "600.00", 2, payee="Other")) == [SUPERVISOR]


def test_a_changed_request_does_not_count_twice(team: People) -> None:
    first = spend(team, "600.00", 1)

    again = services.amend(
        request_id=first.id,
        content={"payee": "ACME"},
        figures={"total": Decimal("700.00")},
        actor=actor(team.requester),
        at=AT,
    )

    assert (roles(again), again.figures["counted_together"]) == ([SUPERVISOR], "700.00")


def test_ten_parts_at_once_are_one_amount(own_database: OwnDatabase) -> None:
    team = people()
    start = Barrier(10)

    def run(number: int) -> list[str]:
        try:
            start.wait()
            return roles(spend(team, "400.00", number))
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        results = list(pool.map(run, range(1, 11)))

    # 400 and 800 stay with the supervisor; the other eight are above 1,000 together.
    assert sorted(map(len, results)) == [1, 1, *[2] * 8]
    sums = Request.objects.values_list("figures__counted_together", flat=True)
    assert sorted(map(Decimal, sums)) == [Decimal(400) * n for n in range(1, 11)]


def test_approving_while_it_is_changed_approves_one_content(own_database: OwnDatabase) -> None:
    team = people()
    for subject in range(1, 9):
        request = submitted(team.requester, flow="toy_moving", subject_id=subject)
        _race(request, asker=actor(team.requester), decider=actor(team.supervisor))

        old = Request.objects.get(pk=request.id)
        new = Request.objects.get(replaces=old)
        assert (old.state, new.state) == ("voided", "submitted")
        assert new.decisions.count() == 0
        assert {each.content_hash for each in old.decisions.all()} <= {old.content_hash}


def _race(request: RequestInfo, *, asker: Actor, decider: Actor) -> None:
    """Approve and change a request at once."""
    start = Barrier(2)

    def run(decides: bool) -> str:  # noqa: FBT001
        try:
            start.wait()
            if decides:
                services.approve(
                    request_id=request.id, content_hash=request.content_hash, actor=decider, at=AT
                )
            else:
                services.amend(
                    request_id=request.id, content={"lines": []}, figures={}, actor=asker, at=AT
                )
        except errors.RequestClosed:
            return "late"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        approved, amended = pool.map(run, [True, False])
    assert amended == "done"
    assert approved in {"done", "late"}
