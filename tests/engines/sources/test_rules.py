"""When figures are owed, and when they are late: on the Chinese working calendar."""

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from ops.engines.clocks.calendars import shipped
from ops.engines.kernel.parse import BUSINESS_ZONE
from ops.engines.sources.choices import Rhythm
from ops.engines.sources.rules import Timetable, missed

DAILY = Timetable(rhythm=Rhythm.DAILY, weekday=1, hour=9)
THURSDAYS = Timetable(rhythm=Rhythm.WEEKLY, weekday=4, hour=9)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BUSINESS_ZONE)


def owed(timetable: Timetable, moment: str, count: int) -> list[str]:
    found = islice(timetable.owed(shipped(), at=at(moment)), count)
    return [f"{each:%m-%d %H}" for each in found]


def test_daily_figures_are_owed_on_working_days_only() -> None:
    # The week of National Day: the last working day before it was 30 September.
    assert owed(DAILY, "2026-10-06T12:00", 2) == ["09-30 09", "09-29 09"]


def test_nothing_is_owed_before_its_hour() -> None:
    assert owed(DAILY, "2026-11-20T08:59", 1) == ["11-19 09"]
    assert owed(DAILY, "2026-11-20T09:00", 1) == ["11-20 09"]


def test_weekly_figures_of_a_holiday_are_owed_on_the_next_working_day() -> None:
    # Thursday 1 October is a holiday; 8 October, a Thursday too, owes once for each week.
    assert owed(THURSDAYS, "2026-10-07T12:00", 1) == ["09-24 09"]
    assert "10-08 09" in owed(THURSDAYS, "2026-10-08T12:00", 2)


@pytest.mark.parametrize(
    ("last", "late"),
    [
        (None, True),
        ("2026-11-12T10:00", True),  # for the week before, an hour late
        ("2026-11-16T08:00", False),  # nearer to this Thursday than to the last one
        ("2026-11-19T10:00", False),
    ],
)
def test_figures_count_for_the_moment_they_came_nearest_to(
    last: str | None,
    late: bool,  # noqa: FBT001 - a case of the table
) -> None:
    found = missed(
        THURSDAYS,
        shipped(),
        opened_at=LONG_AGO,
        last_at=at(last) if last else None,
        at=at("2026-11-20T09:00"),
    )

    assert found == (at("2026-11-19T09:00") if late else None)


def test_a_new_source_owes_nothing_for_the_past() -> None:
    opened = at("2026-11-19T09:30")

    assert missed(THURSDAYS, shipped(), opened_at=opened, last_at=None, at=opened) is None
    week = opened + timedelta(days=8)
    assert missed(THURSDAYS, shipped(), opened_at=opened, last_at=None, at=week) is not None
