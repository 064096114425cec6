"""The Chinese working calendar: which days are worked, and counting them.

A calendar is a weekday rule and the days that differ from it: public holidays, and the Saturdays
and Sundays worked to make up for them. A year nobody has published yet falls back to Monday to
Friday, and `knows` says so.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

_DAY: Final = dt.timedelta(days=1)
_SHIPPED: Final = Path(__file__).parent / "data" / "cn_days.csv"
KINDS: Final = MappingProxyType({"holiday": False, "makeup_workday": True})


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """One day that differs from its weekday, or that somebody has confirmed."""

    day: dt.date
    is_working: bool
    name_zh: str = ""
    name_en: str = ""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days that differ from Monday to Friday, and the years whose days are known."""

    days: Mapping[dt.date, CalendarDay] = field(default_factory=lambda: MappingProxyType({}))
    years: frozenset[int] = frozenset()

    def is_working(self, day: dt.date) -> bool:
        """Say whether a day is worked."""
        known = self.days.get(day)
        return day.isoweekday() < 6 if known is None else known.is_working

    def knows(self, first: dt.date, last: dt.date) -> bool:
        """Say whether every year of a range has published days; else weekends were assumed."""
        return self.years.issuperset(range(first.year, last.year + 1))

    def add(self, day: dt.date, count: int) -> dt.date:
        """Return the `count`-th working day after (or, negative, before) a day.

        The day itself is never counted; zero is the day, moved on to the next working day.
        """
        step = _DAY if count >= 0 else -_DAY
        while not count and not self.is_working(day):
            day += _DAY
        left = abs(count)
        while left:
            day += step
            left -= self.is_working(day)
        return day

    def between(self, first: dt.date, last: dt.date) -> int:
        """Count the working days after `first` up to and including `last`; negative backwards."""
        if last < first:
            return -self.between(last, first)
        return sum(self.is_working(first + _DAY * n) for n in range(1, (last - first).days + 1))

    def with_days(self, changed: Iterable[CalendarDay], *, years: Iterable[int] = ()) -> Calendar:
        """Return this calendar with some days set otherwise and more years known."""
        days = {**self.days, **{each.day: each for each in changed}}
        return Calendar(MappingProxyType(days), self.years | frozenset(years))


def read_days(lines: Iterable[str]) -> list[CalendarDay]:
    """Read `day,kind,name_en,name_zh` lines; kind is holiday or makeup_workday.

    Raises KeyError or ValueError for anything else: the file is part of the product.
    """
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    return [
        CalendarDay(
            day=dt.date.fromisoformat(row["day"]),
            is_working=KINDS[row["kind"]],
            name_zh=row["name_zh"],
            name_en=row["name_en"],
        )
        for row in rows
    ]


@cache
def shipped() -> Calendar:
    """Return the calendar that comes with the product."""
    days = read_days(_SHIPPED.read_text(encoding="utf-8").splitlines())
    return Calendar().with_days(days, years={each.day.year for each in days})
