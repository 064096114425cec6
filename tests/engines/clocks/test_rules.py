"""The arithmetic of time limits: by example on published years, and by property."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.engines.clocks import calendars, limits, rules
from ops.engines.clocks.calendars import Calendar, CalendarDay
from ops.engines.kernel.parse import BUSINESS_ZONE

SHIPPED = calendars.shipped()
SERVICE = limits.shift("test-service", "09:00-21:00", every_day=True)

days = st.dates(dt.date(2004, 1, 1), dt.date(2030, 12, 31))
moments = st.datetimes(
    dt.datetime(2004, 1, 5),  # noqa: DTZ001 - the strategy adds the zone
    dt.datetime(2030, 12, 1),  # noqa: DTZ001 - the same
    timezones=st.just(BUSINESS_ZONE),
)
limits_of_time = st.one_of(
    st.builds(limits.minutes, st.integers(0, 20_000)),
    st.builds(limits.working_minutes, st.integers(0, 5_000)),
    st.builds(lambda n: limits.working_minutes(n, SERVICE), st.integers(0, 5_000)),
    st.builds(limits.days, st.integers(0, 60)),
    st.builds(limits.working_days, st.integers(0, 60)),
)
limits_of_months = st.one_of(
    st.builds(
        lambda day, months, rolls: limits.month_day(day, months=months, rolls=rolls),
        st.sampled_from([-1, 1, 5, 15, 28, 31]),
        st.integers(0, 3),
        st.booleans(),
    ),
    st.builds(
        lambda day, months: limits.month_working_day(day, months=months),
        st.sampled_from([-1, 1, 3, 10]),
        st.integers(0, 3),
    ),
)


def local(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=BUSINESS_ZONE)


@pytest.mark.parametrize(
    ("start", "limit", "due"),
    [
        # National Day 2024: free 1 to 7 October, worked on Sunday 29 September and Saturday 12.
        ("2024-09-27 16:00", limits.working_days(5), "2024-10-10 23:59:59"),
        ("2024-09-27 16:00", limits.days(5), "2024-10-02 23:59:59"),
        ("2024-09-30 17:00", limits.working_hours(4), "2024-10-08 12:00"),
        ("2024-09-30 17:00", limits.hours(24), "2024-10-01 17:00"),
        ("2024-10-03 10:00", limits.working_hours(1), "2024-10-08 09:30"),
        ("2024-10-12 08:00", limits.working_hours(8), "2024-10-12 17:30"),
        ("2024-10-03 20:30", limits.working_hours(1, SERVICE), "2024-10-04 09:30"),
        # Spring Festival 2024: free 10 to 17 February, worked on Sundays 4 and 18.
        ("2024-02-09 09:00", limits.working_days(1), "2024-02-18 23:59:59"),
        ("2024-02-02 09:00", limits.working_days(1), "2024-02-04 23:59:59"),
        ("2024-01-31 23:59", limits.month_day(5), "2024-02-05 23:59:59"),
        ("2024-09-10 09:00", limits.month_day(5), "2024-10-05 23:59:59"),
        ("2024-09-10 09:00", limits.month_day(5, rolls=True), "2024-10-08 23:59:59"),
        ("2024-09-10 09:00", limits.month_working_day(3), "2024-10-10 23:59:59"),
        ("2024-02-10 09:00", limits.last_day_of_month(), "2024-02-29 23:59:59"),
        ("2024-02-29 23:59:59", limits.last_day_of_month(), "2024-02-29 23:59:59"),
        ("2024-01-10 09:00", limits.month_day(31), "2024-02-29 23:59:59"),
        ("2024-01-10 09:00", limits.month_day(5, months=0), "2024-02-05 23:59:59"),
        ("2024-01-10 09:00", limits.seconds(60), "2024-01-10 09:01"),
    ],
)
def test_limits_end_where_the_published_calendar_says(
    start: str, limit: limits.Limit, due: str
) -> None:
    assert rules.due(local(start), limit) == local(due)


def test_a_limit_counts_from_the_business_day_and_not_the_utc_day() -> None:
    night_in_shanghai = dt.datetime(2024, 9, 26, 16, 30, tzinfo=dt.UTC)  # 27 September, 00:30

    due = rules.due(night_in_shanghai, limits.working_days(1))

    assert due == local("2024-09-29 23:59:59")
    assert due.tzinfo == dt.UTC


def test_years_nobody_has_published_fall_back_to_weekends_and_say_so() -> None:
    assert SHIPPED.knows(dt.date(2026, 1, 1), dt.date(2026, 12, 31))
    assert not SHIPPED.knows(dt.date(2026, 12, 31), dt.date(2027, 1, 1))
    assert SHIPPED.is_working(dt.date(2027, 10, 1))  # a Friday, until its notice is imported
    assert not SHIPPED.is_working(dt.date(2027, 10, 2))


def test_a_day_set_otherwise_moves_what_is_due() -> None:
    closed = SHIPPED.with_days([CalendarDay(dt.date(2024, 9, 30), is_working=False)])

    assert rules.due(local("2024-09-27 16:00"), limits.working_days(2), closed) == local(
        "2024-10-08 23:59:59"
    )
    assert SHIPPED.is_working(dt.date(2024, 9, 30))


def test_the_shipped_calendar_holds_what_the_notices_gave() -> None:
    by_year = {
        year: (
            sum(not d.is_working for d in SHIPPED.days.values() if d.day.year == year),
            sum(d.is_working for d in SHIPPED.days.values() if d.day.year == year),
        )
        for year in (2023, 2024, 2025, 2026)
    }

    assert by_year == {2023: (28, 7), 2024: (28, 8), 2025: (28, 5), 2026: (33, 6)}
    assert SHIPPED.years == frozenset(range(2004, 2027))
    assert all(day.isoweekday() > 5 for day, d in SHIPPED.days.items() if d.is_working)


@given(day=days, count=st.integers(-80, 80))
def test_working_days_counted_forth_and_back_agree(day: dt.date, count: int) -> None:
    there = SHIPPED.add(day, count)

    assert SHIPPED.is_working(there)
    if count > 0:
        assert SHIPPED.between(day, there) == count
        if SHIPPED.is_working(day):
            assert SHIPPED.add(there, -count) == day
    if count < 0:
        assert SHIPPED.between(there, day) == -count - (not SHIPPED.is_working(day))


@given(
    start=moments, minutes=st.integers(0, 3_000), shift=st.sampled_from([limits.OFFICE, SERVICE])
)
def test_working_time_added_is_the_working_time_between(
    start: dt.datetime, minutes: int, shift: limits.Shift
) -> None:
    due = rules.due(start, limits.working_minutes(minutes, shift))

    assert rules.worked(start, due, shift) == dt.timedelta(minutes=minutes)


@given(start=moments, limit=limits_of_time)
def test_the_latest_start_is_the_latest(start: dt.datetime, limit: limits.Limit) -> None:
    due = rules.due(start, limit)
    latest = rules.latest_start(due, limit)

    assert start <= latest or limit.amount == 0
    assert rules.due(latest, limit) == due
    assert rules.due(latest + dt.timedelta(days=14), limit) > due


@given(first=moments, second=moments, limit=st.one_of(limits_of_time, limits_of_months))
def test_who_starts_later_is_never_due_earlier(
    first: dt.datetime, second: dt.datetime, limit: limits.Limit
) -> None:
    earlier, later = sorted((first, second))

    assert rules.due(earlier, limit) <= rules.due(later, limit)
    assert rules.due(earlier, limit) >= earlier


@given(start=moments, fewer=st.integers(0, 60), more=st.integers(0, 60))
def test_a_longer_limit_is_never_due_earlier(start: dt.datetime, fewer: int, more: int) -> None:
    for make in (limits.hours, limits.working_hours, limits.days, limits.working_days):
        assert rules.due(start, make(fewer)) <= rules.due(start, make(fewer + more))


@given(start=moments, limit=limits_of_time, part=st.floats(0, 1))
def test_what_remains_and_starts_again_at_once_is_due_when_it_was(
    start: dt.datetime, limit: limits.Limit, part: float
) -> None:
    due = rules.due(start, limit)
    at = start + (due - start) * part

    left = rules.remaining(at, due, limit)
    again = rules.due(at, left)

    if limit.kind == "seconds":
        assert dt.timedelta(0) <= due - again < dt.timedelta(seconds=1)
    elif limit.kind == "shift":
        shift = limits.shift_named(limit.shift)
        assert dt.timedelta(0) <= rules.worked(again, due, shift) < dt.timedelta(seconds=1)
    elif left.amount:
        assert again == due
    else:  # the last day has begun: what is left of it, and of free days before
        assert rules.end_of(at.astimezone(BUSINESS_ZONE).date()) <= again


@given(limit=st.one_of(limits_of_time, limits_of_months))
def test_a_limit_reads_back_as_written(limit: limits.Limit) -> None:
    assert limits.limit_of(limit.text) == limit


def test_odd_limits_and_shifts_are_refused() -> None:
    for wrong in (
        lambda: limits.hours(-1),
        lambda: limits.month_day(0),
        lambda: limits.month_day(32),
        lambda: limits.month_day(5, months=-1),
        lambda: limits.shift("test-odd", "12:00-08:00"),
        lambda: limits.shift("test-odd", "08:00-12:00", "11:00-13:00"),
        lambda: limits.shift("office", "08:00-12:00"),
    ):
        with pytest.raises(TypeError):
            wrong()


def test_only_limits_that_look_at_the_calendar_depend_on_it() -> None:
    moved = {
        limits.working_days(1): True,
        limits.working_hours(1): True,
        limits.working_hours(1, SERVICE): False,
        limits.hours(1): False,
        limits.days(1): False,
        limits.month_day(5): False,
        limits.month_day(5, rolls=True): True,
        limits.month_working_day(3): True,
    }

    assert {limit: rules.depends_on_calendar(limit) for limit in moved} == moved


def test_an_empty_calendar_is_monday_to_friday() -> None:
    plain = Calendar()

    assert [plain.is_working(dt.date(2024, 10, day)) for day in range(1, 8)] == [
        True,
        True,
        True,
        True,
        False,
        False,
        True,
    ]
