"""Clocks start once, stop and go on with what was left, and end once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ops.engines.audit.models import Fact
from ops.engines.clocks import limits, selectors, services
from ops.engines.clocks.choices import ClockState, EventKind
from ops.engines.clocks.errors import (
    ClockMissing,
    ClockOver,
    ClockStopped,
    NotLonger,
    ReasonMissing,
)
from ops.engines.clocks.kinds import ClockKind
from ops.engines.clocks.models import Clock, ClockEvent
from ops.engines.kernel.actor import Actor, ActorKind
from ops.engines.kernel.errors import Forbidden
from tests.engines.clocks.conftest import (
    ANSWER,
    SYSTEM,
    Declare,
    begin,
    keys,
    local,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("answer")]

FRIDAY = local("2024-09-27 16:00")  # before National Day
DUE = local("2024-10-10 23:59:59")


def _told(clock_id: int) -> list[str]:
    return [event.kind for event in selectors.events(clock_id=clock_id)]


def _count() -> tuple[int, int, int]:
    return Clock.objects.count(), ClockEvent.objects.count(), Fact.objects.count()


def _person(
    *, rights: dict[str, frozenset[str]], scopes: dict[str, frozenset[int]] | None = None
) -> Actor:
    return Actor(kind=ActorKind.PERSON, name="somebody", rights=rights, scopes=scopes or {})


def test_a_clock_is_due_by_the_working_calendar_and_owned() -> None:
    (clock_id,) = begin(1, at=FRIDAY)

    (found,) = selectors.described(clock_ids=[clock_id])

    assert (found.due_at, found.state, found.label) == (DUE, ClockState.RUNNING, "TOY-1")
    assert (found.role, found.person, found.is_assumed) == ("customer_service_agent", "", False)
    assert _told(clock_id) == [EventKind.STARTED]


def test_starting_twice_is_starting_once() -> None:
    first = begin(1, 2, 2, at=FRIDAY)
    before = _count()

    second = begin(1, 2, at=FRIDAY + timedelta(days=1))

    assert (len(first), second) == (2, ())
    assert _count() == before


def test_many_clocks_are_written_in_as_many_statements_as_one(
    django_assert_max_num_queries: object,
) -> None:
    numbers = range(1, 501)
    with django_assert_max_num_queries(6):  # type: ignore[operator]
        assert len(begin(*numbers, at=FRIDAY)) == 500
    with django_assert_max_num_queries(9):  # type: ignore[operator]
        met = services.meet(kind=ANSWER, subjects=keys(*numbers), actor=SYSTEM, at=FRIDAY)

    assert len(met) == 500
    assert Clock.objects.filter(state=ClockState.MET).count() == 500
    assert list(selectors.differences()) == []


def test_what_was_left_is_kept_while_a_clock_is_stopped() -> None:
    (clock_id,) = begin(1, at=FRIDAY)

    # Two of five working days are spent on Monday 30 September (Sunday 29 was worked).
    services.pause(
        kind=ANSWER,
        subjects=keys(1),
        reason="waits for the buyer",
        actor=SYSTEM,
        at=local("2024-09-30 10:00"),
    )
    assert Clock.objects.get().term == "working_days:3"
    services.resume(kind=ANSWER, subjects=keys(1), actor=SYSTEM, at=local("2024-10-14 09:00"))

    (found,) = selectors.described(clock_ids=[clock_id])
    assert (found.state, found.due_at) == (ClockState.RUNNING, local("2024-10-17 23:59:59"))
    assert _told(clock_id) == [EventKind.STARTED, EventKind.PAUSED, EventKind.RESUMED]


def test_a_stopped_clock_is_neither_breached_nor_stopped_twice() -> None:
    begin(1, at=FRIDAY)
    stop = {"kind": ANSWER, "subjects": keys(1), "reason": "waits", "actor": SYSTEM}
    assert len(services.pause(**stop, at=FRIDAY)) == 1  # type: ignore[arg-type]

    assert services.pause(**stop, at=FRIDAY) == ()  # type: ignore[arg-type]
    assert services.sweep(actor=SYSTEM, at=DUE + timedelta(days=99)).total == 0
    assert Clock.objects.get().state == ClockState.PAUSED


def test_done_in_time_is_met_and_a_second_later_is_not() -> None:
    begin(1, 2, at=FRIDAY)

    services.meet(kind=ANSWER, subjects=keys(1), actor=SYSTEM, at=DUE)
    services.meet(kind=ANSWER, subjects=keys(2), actor=SYSTEM, at=DUE + timedelta(seconds=1))

    states = dict(Clock.objects.values_list("subject_id", "state"))
    assert states == {1: ClockState.MET, 2: ClockState.BREACHED}
    assert not Clock.objects.filter(ended_at__isnull=True).exists()
    late = Clock.objects.get(subject_id=2)
    assert _told(late.pk) == [EventKind.STARTED, EventKind.BREACHED, EventKind.MET]


def test_stopping_a_clock_whose_limit_has_passed_breaches_it() -> None:
    begin(1, at=FRIDAY)

    stopped = services.pause(
        kind=ANSWER,
        subjects=keys(1),
        reason="too late",
        actor=SYSTEM,
        at=DUE + timedelta(seconds=1),
    )

    assert stopped == ()
    assert Clock.objects.get().state == ClockState.BREACHED


def test_a_cancelled_clock_may_start_anew_and_keeps_its_reason() -> None:
    (first,) = begin(1, at=FRIDAY)
    services.cancel(
        kind=ANSWER, subjects=keys(1), reason="withdrawn by the buyer", actor=SYSTEM, at=FRIDAY
    )

    (second,) = begin(1, at=FRIDAY)

    assert second != first
    assert selectors.events(clock_id=first)[-1].reason == "withdrawn by the buyer"


def test_an_extension_moves_the_limit_with_its_reason() -> None:
    ids = begin(1, 2, at=FRIDAY)
    until = DUE + timedelta(days=3)

    found = services.extend(
        clock_ids=ids, until=until, reason="the laboratory needs a week", actor=SYSTEM, at=FRIDAY
    )

    assert [each.due_at for each in found] == [until, until]
    last = selectors.events(clock_id=ids[0])[-1]
    assert (last.kind, last.reason, last.by) == (
        EventKind.EXTENDED,
        "the laboratory needs a week",
        "tests",
    )
    assert list(selectors.differences()) == []


@pytest.mark.parametrize(
    ("refusal", "change"),
    [
        (ReasonMissing, {"reason": "  "}),
        (NotLonger, {"until": DUE}),
        (ClockMissing, {"clock_ids": [999_999]}),
        (ClockOver, {"at": DUE + timedelta(seconds=1), "until": DUE + timedelta(days=9)}),
    ],
)
def test_an_odd_extension_is_refused_and_changes_nothing(
    refusal: type[Exception], change: dict[str, object]
) -> None:
    ids = begin(1, at=FRIDAY)
    wanted: dict[str, object] = {
        "clock_ids": ids,
        "until": DUE + timedelta(days=1),
        "reason": "why",
        "at": FRIDAY,
    }
    before = _count()

    with pytest.raises(refusal):
        services.extend(**{**wanted, **change}, actor=SYSTEM)  # type: ignore[arg-type]

    assert _count() == before
    assert Clock.objects.get().due_at == DUE


def test_a_stopped_clock_is_not_extended() -> None:
    ids = begin(1, at=FRIDAY)
    services.pause(kind=ANSWER, subjects=keys(1), reason="waits", actor=SYSTEM, at=FRIDAY)

    with pytest.raises(ClockStopped):
        services.extend(
            clock_ids=ids, until=DUE + timedelta(days=1), reason="why", actor=SYSTEM, at=FRIDAY
        )

    assert Clock.objects.get().state == ClockState.PAUSED


def test_nobody_extends_without_the_right_of_the_kind(answer: ClockKind) -> None:
    ids = begin(1, at=FRIDAY)
    viewer = _person(rights={"customers": frozenset("V")})
    before = _count()

    with pytest.raises(Forbidden):
        services.extend(
            clock_ids=ids, until=DUE + timedelta(days=1), reason="why", actor=viewer, at=FRIDAY
        )

    assert not answer.extend.allows(viewer)
    assert _count() == before


def test_a_clock_outside_my_scope_does_not_exist_for_me() -> None:
    (inside,) = begin(1, at=FRIDAY, scope=("channel", 7))
    (outside,) = begin(2, at=FRIDAY, scope=("channel", 8))
    mine = _person(rights={"customers": frozenset("va")}, scopes={"channel": frozenset({7})})
    everywhere = _person(rights={"customers": frozenset("V")})
    stranger = _person(rights={"finance": frozenset("V")})

    assert set(selectors.clocks(actor=mine).values_list("pk", flat=True)) == {inside}
    assert set(selectors.clocks(actor=everywhere).values_list("pk", flat=True)) == {
        inside,
        outside,
    }
    assert not selectors.clocks(actor=stranger).exists()
    with pytest.raises(ClockMissing):
        services.extend(
            clock_ids=[outside],
            until=DUE + timedelta(days=1),
            reason="why",
            actor=mine,
            at=FRIDAY,
        )


def test_a_machine_set_back_never_makes_a_later_event_an_earlier_one() -> None:
    begin(1, at=FRIDAY)

    services.meet(kind=ANSWER, subjects=keys(1), actor=SYSTEM, at=FRIDAY - timedelta(hours=2))

    clock = Clock.objects.get()
    assert (clock.state, clock.ended_at) == (ClockState.MET, FRIDAY)
    assert list(selectors.differences()) == []


def test_hours_and_shifts_go_on_where_they_stopped(declare: Declare) -> None:
    declare("toy_hours", limit=limits.hours(24))
    declare("toy_shift", limit=limits.working_hours(8))
    monday = local("2024-10-14 14:00")
    for kind in ("toy_hours", "toy_shift"):
        begin(1, at=monday, kind=kind)
        services.pause(
            kind=kind,
            subjects=keys(1),
            reason="waits",
            actor=SYSTEM,
            at=monday + timedelta(hours=2),
        )
        services.resume(kind=kind, subjects=keys(1), actor=SYSTEM, at=local("2024-10-16 08:30"))

    due = dict(Clock.objects.values_list("kind", "due_at"))
    assert due == {
        "toy_hours": local("2024-10-17 06:30"),
        "toy_shift": local("2024-10-16 15:30"),
    }
