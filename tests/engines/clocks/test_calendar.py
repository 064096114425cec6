"""Days set by hand and years brought by file: with a reason, and running clocks move along."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ops.engines.audit.models import Fact
from ops.engines.clocks import limits, selectors, services
from ops.engines.clocks.calendars import CalendarDay
from ops.engines.clocks.errors import DayPast, OddYear, ReasonMissing
from ops.engines.clocks.models import CalendarEntry, Clock
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor, ActorKind
from ops.engines.kernel.errors import Forbidden, OpsError
from tests.engines.clocks.conftest import Declare, begin, local

pytestmark = pytest.mark.django_db

AT = local("2026-12-01 09:00")
HR = Actor(
    kind=ActorKind.PERSON, name="hr", person_id=1, user_id=1, roles=frozenset({Role.HR_OFFICER})
)
AGENT = Actor(kind=ActorKind.PERSON, name="agent", roles=frozenset({Role.CUSTOMER_SERVICE_AGENT}))
NEXT_YEAR = [
    CalendarDay(date(2027, 1, 1), is_working=False, name_zh="元旦", name_en="New Year's Day"),
    CalendarDay(date(2027, 1, 3), is_working=True, name_zh="元旦", name_en="New Year's Day"),
]


def test_a_free_day_moves_running_clocks_and_only_those_that_count_it(declare: Declare) -> None:
    declare()
    declare("toy_hours", limit=limits.hours(100))
    begin(1, at=AT)
    begin(1, at=AT, kind="toy_hours")
    before = dict(Clock.objects.values_list("kind", "due_at"))

    change = services.set_day(
        day=date(2026, 12, 3), is_working=False, reason="snow: all sites closed", actor=HR, at=AT
    )

    after = dict(Clock.objects.values_list("kind", "due_at"))
    assert (change.days, change.moved) == ((date(2026, 12, 3),), 1)
    assert (before["toy_answer"], after["toy_answer"]) == (
        local("2026-12-08 23:59:59"),
        local("2026-12-09 23:59:59"),
    )
    assert after["toy_hours"] == before["toy_hours"]
    clock = Clock.objects.get(kind="toy_answer")
    assert selectors.events(clock_id=clock.pk)[-1].reason == "snow: all sites closed"
    assert list(selectors.differences()) == []
    fact = Fact.objects.get(action="clocks.calendar_changed")
    assert "snow" in fact.body


@pytest.mark.parametrize(
    ("refusal", "actor", "day", "reason"),
    [
        (Forbidden, AGENT, date(2026, 12, 3), "why"),
        (ReasonMissing, HR, date(2026, 12, 3), " "),
        (DayPast, HR, date(2026, 12, 1), "why"),
        (DayPast, HR, date(2026, 11, 1), "why"),
    ],
)
def test_an_odd_change_is_refused_and_changes_nothing(
    refusal: type[OpsError], actor: Actor, day: date, reason: str
) -> None:
    with pytest.raises(refusal):
        services.set_day(day=day, is_working=False, reason=reason, actor=actor, at=AT)

    assert not CalendarEntry.objects.exists()
    assert not Fact.objects.filter(action="clocks.calendar_changed").exists()


def test_a_year_is_known_once_its_notice_is_imported(declare: Declare) -> None:
    declare()
    (clock_id,) = begin(1, at=local("2026-12-30 09:00"))
    (before,) = selectors.described(clock_ids=[clock_id])
    assert (before.is_assumed, before.due_at) == (True, local("2027-01-06 23:59:59"))

    change = services.import_year(days=NEXT_YEAR, source="State Council 2026-11", actor=HR, at=AT)

    (after,) = selectors.described(clock_ids=[clock_id])
    # Friday is free, Sunday is worked: the week has as many days as before.
    assert (after.is_assumed, after.due_at) == (False, local("2027-01-06 23:59:59"))
    assert change.days == (date(2027, 1, 1), date(2027, 1, 3))
    assert selectors.calendar().knows(date(2027, 1, 1), date(2027, 12, 31))


def test_a_year_imported_again_replaces_the_file_and_keeps_what_was_set_by_hand() -> None:
    services.import_year(days=NEXT_YEAR, source="draft", actor=HR, at=AT)
    services.set_day(day=date(2027, 1, 4), is_working=False, reason="inventory", actor=HR, at=AT)

    services.import_year(
        days=[NEXT_YEAR[0], CalendarDay(date(2027, 1, 4), is_working=False, name_zh="元旦")],
        source="corrected notice",
        actor=HR,
        at=AT,
    )

    known = selectors.calendar()
    assert [known.is_working(date(2027, 1, day)) for day in (1, 3, 4, 5)] == [
        False,
        False,
        False,
        True,
    ]
    newest = {entry.day: entry for entry in selectors.calendar_entries(year=2027)}
    assert newest[date(2027, 1, 4)].reason == "inventory"
    assert newest[date(2027, 1, 3)].reason == "corrected notice"


def test_days_that_have_begun_are_not_rewritten_by_a_file() -> None:
    services.import_year(
        days=[
            CalendarDay(date(2026, 12, 1), is_working=False),
            CalendarDay(date(2026, 12, 2), is_working=False),
        ],
        source="late notice",
        actor=HR,
        at=AT,
    )

    assert list(CalendarEntry.objects.values_list("day", flat=True)) == [date(2026, 12, 2)]


@pytest.mark.parametrize(
    "days",
    [
        [],
        [*NEXT_YEAR, CalendarDay(date(2028, 1, 1), is_working=False)],
        [NEXT_YEAR[0], NEXT_YEAR[0]],
        [CalendarDay(date(2027, 1, 4), is_working=True)],
    ],
)
def test_a_file_that_is_no_year_is_refused_whole(days: list[CalendarDay]) -> None:
    with pytest.raises(OddYear):
        services.import_year(days=days, source="notice", actor=HR, at=AT)

    assert not CalendarEntry.objects.exists()


def test_the_newest_word_about_a_day_counts() -> None:
    day = date(2027, 3, 1)
    for is_working in (False, True, False):
        services.set_day(day=day, is_working=is_working, reason="changed", actor=HR, at=AT)

    assert not selectors.calendar().is_working(day)
    assert CalendarEntry.objects.count() == 3
    assert selectors.calendar().is_working(day + timedelta(days=1))
