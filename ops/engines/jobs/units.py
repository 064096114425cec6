"""Calendar periods: how they are cut, and how they are written."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from ops.engines.kernel.errors import BadInput

_DAY = dt.timedelta(days=1)
_YEARS = (1900, 2100)


def bad_period(text: str) -> BadInput:
    """Return the refusal of a text that names no period."""
    return BadInput(
        "jobs.period", _("Not a period of this job: %(text)s.") % {"text": ascii(text[:40])[1:-1]}
    )


@dataclass(frozen=True, slots=True)
class Unit:
    """A kind of period: how it is cut, and how it is written."""

    key: str
    pattern: re.Pattern[str]
    start_of: Callable[[dt.date], dt.date]
    write: Callable[[dt.date], str]
    parse: Callable[[re.Match[str]], dt.date]
    catch_up: int
    months: int = 0

    def next(self, start: dt.date) -> dt.date:
        """Return the start of the following period: no period is longer than 366 days."""
        day = start + _DAY
        while self.start_of(day) == start:
            day += _LEAPS[self.key]
        return self.start_of(day)

    def previous(self, start: dt.date) -> dt.date:
        """Return the start of the period before."""
        return self.start_of(start - _DAY)

    def read(self, text: str) -> dt.date:
        """Return the start of the period a text names. Raises BadInput."""
        match = self.pattern.fullmatch(text)
        try:
            start = self.parse(match) if match else None
        except ValueError:
            start = None
        if start is None or not _YEARS[0] <= start.year <= _YEARS[1]:
            raise bad_period(text)
        return start


_LEAPS = {
    "day": _DAY,
    "week": 7 * _DAY,
    "month": 27 * _DAY,
    "quarter": 88 * _DAY,
    "half": 179 * _DAY,
    "year": 363 * _DAY,
}


def _unit_of_months(key: str, months: int, mark: str, catch_up: int) -> Unit:
    def start_of(day: dt.date) -> dt.date:
        return day.replace(month=(day.month - 1) // months * months + 1, day=1)

    return Unit(
        key=key,
        pattern=re.compile(rf"(\d{{4}})-{mark}(\d)", re.ASCII),
        start_of=start_of,
        write=lambda start: f"{start.year:04d}-{mark}{(start.month - 1) // months + 1}",
        parse=lambda m: dt.date(int(m[1]), (int(m[2]) - 1) * months + 1, 1),
        catch_up=catch_up,
        months=months,
    )


DAY = Unit(
    key="day",
    pattern=re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII),
    start_of=lambda day: day,
    write=dt.date.isoformat,
    parse=lambda m: dt.date(int(m[1]), int(m[2]), int(m[3])),
    catch_up=31,
)
WEEK = Unit(
    key="week",
    pattern=re.compile(r"(\d{4})-W(\d\d)", re.ASCII),
    start_of=lambda day: day - (day.isoweekday() - 1) * _DAY,
    write=lambda start: "{}-W{:02d}".format(*start.isocalendar()),
    parse=lambda m: dt.date.fromisocalendar(int(m[1]), int(m[2]), 1),
    catch_up=5,
)
MONTH = Unit(
    key="month",
    pattern=re.compile(r"(\d{4})-(\d\d)", re.ASCII),
    start_of=lambda day: day.replace(day=1),
    write=lambda start: f"{start:%Y-%m}",
    parse=lambda m: dt.date(int(m[1]), int(m[2]), 1),
    catch_up=12,
    months=1,
)
QUARTER = _unit_of_months("quarter", 3, "Q", 4)
HALF = _unit_of_months("half", 6, "H", 2)
YEAR = Unit(
    key="year",
    pattern=re.compile(r"(\d{4})", re.ASCII),
    start_of=lambda day: day.replace(month=1, day=1),
    write=lambda start: f"{start.year:04d}",
    parse=lambda m: dt.date(int(m[1]), 1, 1),
    catch_up=1,
    months=12,
)
