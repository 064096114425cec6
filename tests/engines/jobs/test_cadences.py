"""Which periods are due between two moments, whatever the clocks do."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.engines.jobs.cadences import (
    daily,
    every,
    half_yearly,
    monthly,
    quarterly,
    several,
    weekly,
    yearly,
)
from ops.engines.jobs.timetables import Cadence, Calendar, Every
from ops.engines.jobs.units import DAY
from ops.engines.kernel.errors import BadInput

BERLIN = ZoneInfo("Europe/Berlin")  # Shanghai keeps no summer time; the arithmetic must not care
SHANGHAI = ZoneInfo("Asia/Shanghai")

ALL = [
    every(minutes=20),
    every(minutes=120),
    daily("01:00"),
    daily("00:15", back=1),
    weekly(1, "06:30", back=1),
    monthly(day=1, at="00:30", back=1),
    monthly(day=31, at="23:59"),
    monthly(day=-3, at="06:00"),
    quarterly(month=3, day=-7, at="06:00"),
    half_yearly(month=6, day=15, at="06:00"),
    yearly(month=11, day=1, at="06:00"),
    several(weekly(1, "06:00"), monthly(at="06:00")),
]


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def _periods(cadence: Cadence, after: str, until: str, most: int = 1000) -> list[str]:
    return [s.period for s in cadence.between(_at(after), _at(until), most=most)[0]]


@pytest.mark.parametrize(
    ("cadence", "after", "until", "expected"),
    [
        (
            daily("01:00"),
            "2026-11-05 00:59",
            "2026-11-07 01:00",
            "2026-11-05 2026-11-06 2026-11-07",
        ),
        (daily("01:00"), "2026-11-05 01:00", "2026-11-06 00:59", ""),
        (daily("00:15", back=1), "2026-11-01 00:00", "2026-11-01 00:15", "2026-10-31"),
        (weekly(1, "06:30"), "2026-11-08 00:00", "2026-11-09 07:00", "2026-W46"),
        (weekly(7, "06:30"), "2025-12-27 00:00", "2026-01-05 00:00", "2025-W52 2026-W01"),
        (weekly(1, "06:30", back=1), "2026-01-04 00:00", "2026-01-05 07:00", "2026-W01"),
        (monthly(day=1, at="00:30", back=1), "2025-12-31 00:00", "2026-01-01 00:30", "2025-12"),
        (monthly(day=31, at="08:00"), "2026-01-31 08:00", "2026-03-31 08:00", "2026-02 2026-03"),
        (monthly(day=-2, at="08:00"), "2028-02-28 07:59", "2028-02-28 08:00", "2028-02"),
        (quarterly(month=3, day=-7, at="06:00"), "2026-12-25 05:59", "2026-12-25 06:00", "2026-Q4"),
        (quarterly(at="06:00", back=1), "2026-12-31 00:00", "2027-01-01 06:00", "2026-Q4"),
        (half_yearly(at="06:00"), "2026-06-30 00:00", "2026-07-01 06:00", "2026-H2"),
        (yearly(month=11, at="06:00"), "2026-10-31 00:00", "2026-11-01 06:00", "2026"),
        (
            every(minutes=15),
            "2026-11-05 10:30",
            "2026-11-05 11:01",
            "2026-11-05T10:45+08:00 2026-11-05T11:00+08:00",
        ),
        (every(minutes=120), "2026-11-05 07:59", "2026-11-05 08:00", "2026-11-05T08:00+08:00"),
        (
            several(weekly(1, "06:00"), monthly(at="06:00")),
            "2026-10-31 00:00",
            "2026-11-02 06:00",
            "2026-11 2026-W45",
        ),
    ],
)
def test_the_periods_between_two_moments(
    cadence: Cadence, after: str, until: str, expected: str
) -> None:
    assert _periods(cadence, after, until) == expected.split()


def test_a_period_knows_the_business_days_it_is_about() -> None:
    spans = {
        cadence.read(period).period: (cadence.read(period).first, cadence.read(period).last)
        for cadence, period in [
            (daily("01:00", back=1), "2026-11-05"),
            (weekly(1, "06:30"), "2026-W45"),
            (monthly(at="06:00", back=1), "2026-02"),
            (quarterly(at="06:00"), "2026-Q4"),
            (half_yearly(at="06:00"), "2026-H1"),
            (yearly(at="06:00"), "2026"),
        ]
    }

    assert spans == {
        "2026-11-05": (date(2026, 11, 5), date(2026, 11, 5)),
        "2026-W45": (date(2026, 11, 2), date(2026, 11, 8)),
        "2026-02": (date(2026, 2, 1), date(2026, 2, 28)),
        "2026-Q4": (date(2026, 10, 1), date(2026, 12, 31)),
        "2026-H1": (date(2026, 1, 1), date(2026, 6, 30)),
        "2026": (date(2026, 1, 1), date(2026, 12, 31)),
    }
    assert daily("00:15", back=1).read("2026-11-05").due_at == _at("2026-11-06 00:15")


@pytest.mark.parametrize(
    ("cadence", "text"),
    [
        (daily("01:00"), "2026-02-30"),
        (daily("01:00"), "2026-11"),
        (daily("01:00"), "20261105"),
        (daily("01:00"), "２０２６-11-05"),
        (daily("01:00"), "0001-01-01"),
        (weekly(1, "01:00"), "2026-W54"),
        (monthly(at="01:00"), "2026-13"),
        (quarterly(at="01:00"), "2026-Q5"),
        (half_yearly(at="01:00"), "2026-H3"),
        (yearly(at="01:00"), "2026-"),
        (every(minutes=15), "2026-11-05T10:31+08:00"),
        (every(minutes=15), "2026-11-05"),
        (several(daily("01:00"), yearly(at="01:00")), "2026-11"),
        (daily("01:00"), ""),
    ],
)
def test_what_names_no_period_is_refused(cadence: Cadence, text: str) -> None:
    with pytest.raises(BadInput):
        cadence.read(text)


def test_a_minute_may_be_named_without_its_offset() -> None:
    slot = every(minutes=15).read("2026-11-05T10:30")

    assert slot.period == "2026-11-05T10:30+08:00"


@pytest.mark.parametrize(
    "build",
    [
        lambda: every(minutes=7),
        lambda: every(minutes=0),
        lambda: every(minutes=90),
        lambda: weekly(8, "06:00"),
        lambda: quarterly(month=4, at="06:00"),
        lambda: monthly(day=0, at="06:00"),
        lambda: several(daily("06:00"), daily("18:00")),
    ],
)
def test_odd_cadences_are_refused_at_import(build: object) -> None:
    with pytest.raises(TypeError):
        build()  # type: ignore[operator]


def test_only_the_newest_missed_periods_are_caught_up_and_the_others_counted() -> None:
    cadence = every(minutes=1)

    slots, older = cadence.between(_at("2025-11-05 00:00"), _at("2026-11-05 00:00"), most=2)

    assert [slot.due_at for slot in slots] == [_at("2026-11-04 23:59"), _at("2026-11-05 00:00")]
    assert older == 365 * 24 * 60 - 2


@pytest.mark.parametrize(
    ("night", "minutes"), [("2026-03-29", 23 * 60), ("2026-10-25", 25 * 60), ("2026-07-01", 1440)]
)
def test_a_day_of_23_or_25_hours_has_every_minute_once(night: str, minutes: int) -> None:
    start = datetime.fromisoformat(night).replace(tzinfo=BERLIN)
    end = (start + timedelta(days=1)).astimezone(UTC)

    slots, _older = Every(1, zone=BERLIN).between(start.astimezone(UTC), end, most=9999)

    assert len({slot.period for slot in slots}) == len(slots) == minutes


@pytest.mark.parametrize("at", ["02:30", "02:00", "03:00", "01:59"])
def test_a_daily_period_comes_once_on_the_days_the_clocks_change(at: str) -> None:
    cadence = Calendar(DAY, time.fromisoformat(at), zone=BERLIN)
    after, until = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 11, 15, tzinfo=UTC)

    slots, _older = cadence.between(after, until, most=9999)

    days = [slot.period for slot in slots]
    assert len(set(days)) == len(days) == (until - after).days
    assert [slot.due_at for slot in slots] == sorted({slot.due_at for slot in slots})


@pytest.mark.parametrize("cadence", ALL, ids=lambda cadence: cadence.label)
@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    start=st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001
    steps=st.lists(st.integers(1, 60 * 24 * 10), max_size=4),
)
def test_however_time_is_cut_every_period_comes_once(
    cadence: Cadence, start: datetime, steps: list[int]
) -> None:
    moments = [start.replace(tzinfo=UTC)]
    for minutes in steps:
        moments.append(moments[-1] + timedelta(minutes=minutes))

    piecewise = [
        slot
        for after, until in itertools.pairwise(moments)
        for slot in cadence.between(after, until, most=10**6)[0]
    ]
    at_once, older = cadence.between(moments[0], moments[-1], most=10**6)

    assert piecewise == list(at_once)
    assert older == 0
    assert all(moments[0] < slot.due_at <= moments[-1] for slot in piecewise)
    assert len({slot.period for slot in piecewise}) == len(piecewise)
    assert all(cadence.read(slot.period) == slot for slot in piecewise[:20])
    assert cadence.next_after(moments[0]).due_at > moments[0]
    assert not piecewise or cadence.next_after(moments[0]) == piecewise[0]
