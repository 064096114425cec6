"""Periods as people and jobs write them."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.engines.kernel.errors import BadInput
from ops.engines.reports import periods
from ops.engines.reports.choices import PeriodKind


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2011-06-30", "2011-06-30", "2011-06-30"),
        ("2012-02-29", "2012-02-29", "2012-02-29"),
        ("2011-06", "2011-06-01", "2011-06-30"),
        ("2012-02", "2012-02-01", "2012-02-29"),
        ("2011-12", "2011-12-01", "2011-12-31"),
        ("2011-Q1", "2011-01-01", "2011-03-31"),
        ("2011-Q2", "2011-04-01", "2011-06-30"),
        ("2011-Q4", "2011-10-01", "2011-12-31"),
        ("2011-H1", "2011-01-01", "2011-06-30"),
        ("2011-H2", "2011-07-01", "2011-12-31"),
        ("2011", "2011-01-01", "2011-12-31"),
        ("2011-W01", "2011-01-03", "2011-01-09"),
        ("2020-W53", "2020-12-28", "2021-01-03"),
        ("2010-12..2011-06", "2010-12-01", "2011-06-30"),
        ("2011-06..2011-06", "2011-06-01", "2011-06-30"),
        ("2011-06-05..2011-06-07", "2011-06-05", "2011-06-07"),
        ("2010..2011", "2010-01-01", "2011-12-31"),
        ("2010-Q4..2011-W02", "2010-10-01", "2011-01-16"),
    ],
)
def test_period_is_read_as_its_days(text: str, first: str, last: str) -> None:
    period = periods.parse(text)

    assert [day.isoformat() for day in period] == [first, last]
    assert periods.parse(period.text) == period


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "2011-6", "2011-13", "2011-00", "2011-02-29", "2011-06-31", "2011-Q0", "2011-Q5",
        "2011-W00", "2011-W54", "2011-W53", "2011-w01", "11-06", "2011/06", "2011-06 ", " 2011",
        "2011-06..", "..2011-06", "2011-06...2011-07", "2011-06..2011-05", "2011..2010",
        "2011-06..2011-07..2011-08", "1899", "2101", "１２３４", "２０１１-06", "2011-06\n",
        "0000-01", "2011-06-30T00:00", "NaN", "last month", "-2011", "2011-1-01", None, 2011,
        "2011-06;DROP", "../../etc", "2011%2d06",
    ],
)  # fmt: skip
def test_anything_else_is_refused(text: object) -> None:
    with pytest.raises(BadInput):
        periods.parse(text)


def test_one_range_has_one_name() -> None:
    assert periods.parse("2010-12-01..2011-06-30").text == "2010-12..2011-06"
    assert periods.parse("2010-Q4..2010-Q4").text == "2010-10..2010-12"
    assert periods.parse("2010-12-02..2011-06-30").text == "2010-12-02..2011-06-30"


@given(
    kind=st.sampled_from([kind for kind in PeriodKind if kind is not PeriodKind.RANGE]),
    day=st.dates(dt.date(1901, 1, 8), dt.date(2099, 12, 1)),
)
def test_neighbours_touch_and_every_period_reads_back(kind: PeriodKind, day: dt.date) -> None:
    period = periods.containing(kind, day)

    assert period.first <= day <= period.last
    assert periods.parse(period.text) == period
    assert periods.before(period).after == period.first
    assert periods.following(period).first == period.after
    assert periods.before(periods.following(period)) == period


def test_range_moves_by_its_own_length() -> None:
    period = periods.parse("2011-06-05..2011-06-07")

    assert periods.before(period).text == "2011-06-02..2011-06-04"
    assert periods.following(period).text == "2011-06-08..2011-06-10"


@pytest.mark.parametrize(
    ("text", "earlier"),
    [
        ("2024-02-29", "2023-02-28"),
        ("2026-10-05", "2025-10-05"),
        ("2020-W53", "2019-W52"),
        ("2026-W10", "2025-W10"),
        ("2024-02", "2023-02"),
        ("2026-Q4", "2025-Q4"),
        ("2026-H1", "2025-H1"),
        ("2026", "2025"),
        ("2024-01..2024-02", "2023-01..2023-02"),
        ("2026-10-05..2026-10-09", "2025-10-05..2025-10-09"),
    ],
)
def test_the_year_before_is_the_same_period(text: str, earlier: str) -> None:
    assert periods.year_before(periods.parse(text)).text == earlier
