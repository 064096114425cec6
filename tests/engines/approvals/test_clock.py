"""Time limits of steps on the Chinese working calendar: Golden Week, make-up days, hours."""

from __future__ import annotations

import datetime as dt

import pytest

from ops.engines.approvals import clock, services
from ops.engines.approvals.flows import USUAL_LIMIT, flow_named
from ops.engines.approvals.models import Request
from ops.engines.approvals.types import FrozenStep
from ops.engines.clocks import services as calendars
from ops.engines.clocks.limits import hours, working_days
from ops.engines.identity.choices import Role
from ops.engines.kernel.parse import BUSINESS_ZONE
from tests.engines.approvals.toys import CONTENT, FIGURES, actor
from tests.engines.identity.factories import SYSTEM, account

pytestmark = pytest.mark.django_db


def beijing(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=BUSINESS_ZONE)


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-11-26T10:00:00", 1, "2026-11-27T23:59:59"),  # Thursday, Friday
        ("2026-11-27T10:00:00", 1, "2026-11-30T23:59:59"),  # over a weekend
        ("2026-09-30T17:00:00", 1, "2026-10-08T23:59:59"),  # Golden Week, first to seventh
        ("2026-10-03T09:00:00", 1, "2026-10-08T23:59:59"),  # handed in on a holiday
        ("2026-10-09T10:00:00", 1, "2026-10-10T23:59:59"),  # a Saturday worked to make up for it
        ("2026-09-18T10:00:00", 1, "2026-09-20T23:59:59"),  # a Sunday worked to make up for it
        ("2026-09-30T17:00:00", 3, "2026-10-10T23:59:59"),
    ],
)
def test_working_days_are_those_of_the_chinese_calendar(start: str, days: int, due: str) -> None:
    assert clock.due(beijing(start), working_days(days)) == beijing(due)


def test_hours_run_through_golden_week() -> None:
    start = beijing("2026-09-30T17:00:00")

    assert clock.due(start, hours(24)) == beijing("2026-10-01T17:00:00")


def test_a_day_somebody_entered_counts() -> None:
    manager = account("manager", Role.OPERATIONS_MANAGER)
    start = beijing("2026-11-26T10:00:00")
    calendars.set_day(
        day=dt.date(2026, 11, 27),
        is_working=False,
        reason="the whole house moves",
        actor=actor(manager, at=start),
        at=start,
    )

    assert clock.due(start, working_days(1)) == beijing("2026-11-30T23:59:59")


def test_a_step_waits_over_golden_week_and_then_goes_up() -> None:
    """A request of the last day before the holidays is not overdue while nobody works."""
    asker, _supervisor, manager = (
        account(name, role)
        for name, role in (
            ("asker", Role.OPERATIONS_SPECIALIST),
            ("supervisor", Role.OPERATIONS_SUPERVISOR),
            ("manager", Role.OPERATIONS_MANAGER),
        )
    )
    start = beijing("2026-09-30T17:00:00")
    made = services.submit(
        flow="toy_budget",
        subject=("toys.budget", 1),
        number="T-1",
        title="Paper",
        content={"payee": "shop"},
        figures={"total": 10},
        actor=actor(asker, at=start),
        at=start,
    )
    assert made.due_at == beijing("2026-10-08T23:59:59")

    for early in ("2026-10-01T17:00:00", "2026-10-07T23:59:59", "2026-10-08T23:59:58"):
        services.escalate_due(actor=SYSTEM, at=beijing(early))
        assert Request.objects.get(pk=made.id).level == 0
    services.escalate_due(actor=SYSTEM, at=beijing("2026-10-09T00:00:00"))

    row = Request.objects.get(pk=made.id)
    assert row.level == 1
    assert row.due_at == beijing("2026-10-10T23:59:59")
    assert list(row.approvers.filter(level=1).values_list("person_id")) == [(manager.person_id,)]


def test_a_pause_over_the_holidays_gives_back_the_days_that_were_left() -> None:
    limit = working_days(2)
    due_at = clock.due(beijing("2026-09-28T10:00:00"), limit)
    assert due_at == beijing("2026-09-30T23:59:59")

    again = clock.resumed(
        due_at=due_at,
        paused_at=beijing("2026-09-29T10:00:00"),
        at=beijing("2026-10-05T10:00:00"),
        limit=limit,
    )

    # One working day was left: the eighth, since the first to seventh are free.
    assert again == beijing("2026-10-08T23:59:59")


def test_requests_from_before_keep_their_hours() -> None:
    old = FrozenStep(role="executive", area="ops", opinion=False, hours=24)

    assert old.within == hours(24)


def test_a_flow_that_names_no_limit_has_one_working_day() -> None:
    [step] = flow_named("toy_budget").frozen_steps(CONTENT, {**FIGURES, "total": 1})[:1]

    assert step.within == USUAL_LIMIT == working_days(1)


def test_what_a_warehouse_reports_waits_for_hours_not_for_working_days() -> None:
    """HR-1.2-08 says 24 hours; the other flows' rules name no hours."""
    for key in ("receipt_mismatch", "stock_adjustment"):
        steps = [step for step in flow_named(key).steps if step.role == Role.STORE_MANAGER]
        assert steps
        assert {step.within for step in steps} == {hours(24)}
    assert {step.within for step in flow_named("price_change").steps} == {working_days(1)}
