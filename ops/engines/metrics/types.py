"""What the metrics engine takes and hands out."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal


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
