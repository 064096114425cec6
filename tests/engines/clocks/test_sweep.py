"""The sweep: reminders, one breach, one level at a time, and who is told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ops.engines.clocks import limits, selectors, services
from ops.engines.clocks.choices import ClockState, EventKind
from ops.engines.clocks.kinds import Escalation
from ops.engines.clocks.models import Clock, ClockEvent
from ops.engines.clocks.types import SweepReport
from ops.engines.events.models import StoredFact
from ops.engines.identity.choices import Role
from ops.engines.notices.models import Notice
from tests.engines.clocks.conftest import ANSWER, SYSTEM, Declare, begin, keys, local
from tests.engines.identity.factories import account

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("answer")]

MONDAY = local("2026-11-02 09:00")
DUE = local("2026-11-09 23:59:59")
SECOND = timedelta(seconds=1)


def _sweep(at: object) -> SweepReport:
    return services.sweep(actor=SYSTEM, at=at)  # type: ignore[arg-type]


def _facts() -> list[str]:
    return list(StoredFact.objects.order_by("id").values_list("name", flat=True))


def test_every_step_comes_at_its_moment_and_once() -> None:
    begin(1, at=MONDAY)
    half = MONDAY + (DUE - MONDAY) * 0.5

    for at, expected in (
        (half - SECOND, SweepReport()),
        (half + SECOND, SweepReport(reminded=1)),
        (half + SECOND, SweepReport()),
        (MONDAY + (DUE - MONDAY) * 0.8 + SECOND, SweepReport(reminded=1)),
        (DUE, SweepReport()),
        (DUE + SECOND, SweepReport(breached=1)),
        (DUE + SECOND, SweepReport()),
        (DUE + timedelta(hours=24), SweepReport()),
        (DUE + timedelta(hours=24) + SECOND, SweepReport(escalated=1)),
        (local("2026-11-12 23:59:59"), SweepReport()),
        (local("2026-11-13 00:00"), SweepReport(escalated=1)),
        (DUE + timedelta(days=400), SweepReport()),
    ):
        assert _sweep(at) == expected, at

    clock = Clock.objects.get()
    assert (clock.state, clock.level, clock.next_at) == (ClockState.BREACHED, 2, None)
    assert _facts() == [
        "clocks.clock_breached",
        "clocks.clock_escalated",
        "clocks.clock_escalated",
    ]
    assert [fact.payload.get("role") for fact in StoredFact.objects.order_by("id")] == [
        None,
        "operations_supervisor",
        "operations_manager",
    ]


def test_after_a_long_silence_a_clock_goes_up_one_level_per_sweep() -> None:
    begin(1, at=MONDAY)
    at = DUE + timedelta(days=30)

    assert [_sweep(at) for _round in range(4)] == [
        SweepReport(breached=1),
        SweepReport(escalated=1),
        SweepReport(escalated=1),
        SweepReport(),
    ]


def test_owners_get_one_notice_however_many_clocks_they_have() -> None:
    agent = account("agent", Role.CUSTOMER_SERVICE_AGENT)
    other = account("other", Role.CUSTOMER_SERVICE_AGENT)
    account("outsider", Role.DESIGNER)
    begin(*range(1, 21), at=MONDAY)
    begin(21, at=MONDAY, person_id=other.person_id)

    _sweep(DUE + SECOND)

    told = sorted(Notice.objects.values_list("person__name", "title", "params"))
    many = {"label": "TOY-1", "count": 20}
    assert told == [
        ("agent", "Time limit passed for %(count)s items", many),
        ("other", "Time limit passed for %(count)s items", many),
        ("other", "Time limit passed: %(label)s", {"label": "TOY-21", "count": 1}),
    ]
    assert Notice.objects.filter(person_id=agent.person_id).get().link.startswith("/clocks/?")


def test_what_is_done_leaves_the_inbox() -> None:
    account("agent", Role.CUSTOMER_SERVICE_AGENT)
    begin(1, at=MONDAY)
    _sweep(DUE + SECOND)
    assert Notice.objects.filter(acknowledged_at__isnull=True).count() == 1

    services.meet(kind=ANSWER, subjects=keys(1), actor=SYSTEM, at=DUE + timedelta(hours=1))

    assert not Notice.objects.filter(acknowledged_at__isnull=True).exists()
    assert _sweep(DUE + timedelta(days=9)) == SweepReport()


def test_the_next_level_is_told_and_sees_it_among_its_own_work() -> None:
    supervisor = account("supervisor", Role.OPERATIONS_SUPERVISOR)
    begin(1, at=MONDAY)
    _sweep(DUE + SECOND)
    assert not Notice.objects.exists()

    _sweep(DUE + timedelta(hours=25))

    (notice,) = Notice.objects.all()
    assert (notice.person_id, notice.title) == (
        supervisor.person_id,
        "Not done in time, now with you: %(label)s",
    )


def test_an_extension_sends_its_reminders_anew() -> None:
    ids = begin(1, at=MONDAY)
    _sweep(MONDAY + (DUE - MONDAY) * 0.9)
    until = DUE + timedelta(days=10)
    at = MONDAY + (DUE - MONDAY) * 0.95
    services.extend(clock_ids=ids, until=until, reason="why", actor=SYSTEM, at=at)

    assert _sweep(at + SECOND) == SweepReport()
    assert _sweep(MONDAY + (until - MONDAY) * 0.5 + SECOND) == SweepReport(reminded=1)


def test_kinds_of_every_limit_are_swept_together(declare: Declare) -> None:
    declare("toy_hours", limit=limits.hours(24), remind=(), escalate=())
    declare(
        "toy_month",
        limit=limits.month_day(5),
        remind=(),
        escalate=(Escalation(limits.days(1), Role.EXECUTIVE),),
    )
    begin(1, at=MONDAY)
    begin(1, at=MONDAY, kind="toy_hours")
    begin(1, at=MONDAY, kind="toy_month")

    assert _sweep(local("2027-01-01 00:00")) == SweepReport(breached=3)
    assert _sweep(local("2027-01-01 00:00")) == SweepReport(escalated=2)


def test_a_sweep_costs_as_many_statements_for_hundreds_as_for_one(
    django_assert_max_num_queries: object,
) -> None:
    begin(*range(1, 401), at=MONDAY)

    with django_assert_max_num_queries(14):  # type: ignore[operator]
        report = _sweep(DUE + SECOND)

    assert report == SweepReport(breached=400)
    assert ClockEvent.objects.filter(kind=EventKind.BREACHED).count() == 400
    assert list(selectors.differences()) == []


def test_a_clock_whose_kind_is_no_longer_declared_stays_as_it_is(
    declare: Declare, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(1, at=MONDAY)
    monkeypatch.setattr("ops.engines.clocks.kinds._kinds", {})
    declare("toy_other")

    assert _sweep(DUE + timedelta(days=9)) == SweepReport()
    assert selectors.described(clock_ids=[Clock.objects.get().pk])[0].title == ANSWER
