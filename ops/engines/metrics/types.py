"""What the metrics engine takes and hands out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ops.engines.metrics.choices import LimitKind

# Four weeks of the same weekday: the shop's week is its strongest rhythm.
SAME_WEEKDAYS = (7, 14, 21, 28)
USUAL_SPREAD = tuple(range(1, 29))


def two_days(first: dt.date, last: dt.date) -> Sequence[Any]:
    """Return the parameters of a query that asks for its two days, in that order."""
    return [first, last]


@dataclass(frozen=True, slots=True)
class Query:
    """The registered query of a metric: yields day, dimension, member, numerator, denominator.

    `sql` is a constant; `params(first, last)` gives its values for two days, both inside.
    """

    sql: str
    params: Callable[[dt.date, dt.date], Sequence[Any]] = two_days


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One registered rule by which a day's figure is out of range.

    ABSOLUTE: under `low` or over `high`. RELATIVE: further from its baseline than `high` (or under
    `low`, negative) as a share; the baseline is the figure of the days `back` days ago, a ratio's
    from summed parts. Z_SCORE: more than `high` standard deviations from the mean of the days
    `back`. `least_days` of them must have a value, otherwise the rule says nothing. `is_hourly`
    rules also judge the unfinished day.
    """

    kind: LimitKind
    low: Decimal | None = None
    high: Decimal | None = None
    back: tuple[int, ...] = ()
    least_days: int = 3
    is_hourly: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A figure out of range: what it was, what was expected, the bound it crossed."""

    kind: LimitKind
    value: Decimal
    expected: Decimal | None
    bound: Decimal
    is_over: bool


@dataclass(frozen=True, slots=True)
class Point:
    """The parts of a metric on a day, to be stored."""

    day: dt.date
    numerator: Decimal | int
    denominator: Decimal | int | None = None
    dimension: str = ""
    member: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric over some days: summed parts and, for a ratio, their quotient.

    `value` is None when there is nothing to divide by; `newest` is the last day with a value.
    """

    key: str
    start: dt.date
    member: str
    numerator: Decimal
    denominator: Decimal | None
    value: Decimal | None
    newest: dt.date
    version: int


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure should reach between two days, both inside."""

    key: str
    dimension: str
    member: str
    first: dt.date
    last: dt.date
    value: Decimal


@dataclass(frozen=True, slots=True)
class ScanReport:
    """What one scan did: figures judged by a rule, cases opened, cases that recovered."""

    judged: int
    opened: int
    recovered: int
