"""The time a report is about: day, ISO week, month, quarter, year, or a range."""

from __future__ import annotations

import datetime as dt
import re
from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from ops.engines.kernel import parse as reading
from ops.engines.kernel.errors import BadInput
from ops.engines.reports.choices import PeriodKind

_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_RANGE = ".."
_SHAPES = (
    (PeriodKind.DAY, re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)),
    (PeriodKind.MONTH, re.compile(r"[0-9]{4}-[0-9]{2}", re.ASCII)),
    (PeriodKind.WEEK, re.compile(r"[0-9]{4}-W[0-9]{2}", re.ASCII)),
    (PeriodKind.QUARTER, re.compile(r"[0-9]{4}-Q[1-4]", re.ASCII)),
    (PeriodKind.HALF, re.compile(r"[0-9]{4}-H[12]", re.ASCII)),
    (PeriodKind.YEAR, re.compile(r"[0-9]{4}", re.ASCII)),
)


_WRITTEN: Mapping[PeriodKind, Callable[[dt.date], str]] = {
    PeriodKind.DAY: dt.date.isoformat,
    PeriodKind.WEEK: lambda day: "{:04}-W{:02}".format(*day.isocalendar()),
    PeriodKind.MONTH: lambda day: f"{day:%Y-%m}",
    PeriodKind.QUARTER: lambda day: f"{day:%Y}-Q{(day.month + 2) // 3}",
    PeriodKind.HALF: lambda day: f"{day:%Y}-H{(day.month + 5) // 6}",
    PeriodKind.YEAR: lambda day: f"{day:%Y}",
}


@dataclass(frozen=True, slots=True)
class Period:
    """Business days `first` to `last`, both inside, under their one written name."""

    kind: PeriodKind
    first: dt.date
    last: dt.date

    @property
    def text(self) -> str:
        """Return the one way this period is written; `parse(text)` gives it back."""
        if self.kind is PeriodKind.RANGE:
            return _range_text(self.first, self.last)
        return _WRITTEN[self.kind](self.first)

    @property
    def days(self) -> int:
        """Count the business days inside."""
        return (self.last - self.first).days + 1

    @property
    def after(self) -> dt.date:
        """Return the first day that is past the period, for half-open SQL ranges."""
        return self.last + dt.timedelta(days=1)

    def __iter__(self) -> Iterator[dt.date]:
        """Unpack as `first, last = period`."""
        return iter((self.first, self.last))

    def __str__(self) -> str:
        return self.text


def parse(text: object) -> Period:
    """Read a period as people and jobs write it.

    Raises BadInput for anything else, for days that do not exist and for ranges that run back.
    """
    if isinstance(text, str) and _RANGE in text:
        first, _dots, last = text.partition(_RANGE)
        begin, end = _single(first), _single(last)
        if end.last < begin.first:
            raise BadInput("reports.period_backwards", _("The range ends before it begins."))
        return Period(PeriodKind.RANGE, begin.first, end.last)
    return _single(text)


def containing(kind: PeriodKind, day: dt.date) -> Period:
    """Return the period of one kind that holds a day."""
    match kind:
        case PeriodKind.WEEK:
            monday = day - dt.timedelta(days=day.weekday())
            return Period(kind, monday, monday + dt.timedelta(days=6))
        case PeriodKind.MONTH:
            return _months(kind, day.year, day.month, 1)
        case PeriodKind.QUARTER:
            return _months(kind, day.year, (day.month - 1) // 3 * 3 + 1, 3)
        case PeriodKind.HALF:
            return _months(kind, day.year, (day.month - 1) // 6 * 6 + 1, 6)
        case PeriodKind.YEAR:
            return _months(kind, day.year, 1, 12)
        case _:
            return Period(PeriodKind.DAY, day, day)


def before(period: Period) -> Period:
    """Return the period of the same kind (a range: of the same length) just before."""
    last = period.first - dt.timedelta(days=1)
    if period.kind is PeriodKind.RANGE:
        return Period(period.kind, last - dt.timedelta(days=period.days - 1), last)
    return containing(period.kind, last)


def following(period: Period) -> Period:
    """Return the period of the same kind (a range: of the same length) just after."""
    if period.kind is PeriodKind.RANGE:
        end = period.after + dt.timedelta(days=period.days - 1)
        return Period(period.kind, period.after, end)
    return containing(period.kind, period.after)


def year_before(period: Period) -> Period:
    """Return the same period a year earlier; a week by its number, 29 February by the 28th."""
    if period.kind is PeriodKind.WEEK:
        year, week, _day = period.first.isocalendar()
        last_week = dt.date(year - 1, 12, 28).isocalendar().week
        return containing(period.kind, dt.date.fromisocalendar(year - 1, min(week, last_week), 1))
    first, last = (_year_earlier(day) for day in period)
    if period.kind is not PeriodKind.RANGE:
        return containing(period.kind, first)
    return Period(period.kind, first, last)


def _year_earlier(day: dt.date) -> dt.date:
    """Return the day a year earlier; the end of a February stays its end."""
    end = monthrange(day.year - 1, day.month)[1]
    is_last = day.day == monthrange(day.year, day.month)[1]
    return dt.date(day.year - 1, day.month, end if is_last else min(day.day, end))


def _single(text: object) -> Period:
    written = text if isinstance(text, str) else ""
    kind = next((k for k, shape in _SHAPES if shape.fullmatch(written)), None)
    if kind is None:
        raise _unreadable(text)
    if kind is PeriodKind.DAY:
        day = reading.day(written)
        return Period(kind, day, day)
    year = int(written[:4])
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise BadInput("input.year", _("Only years 1900 to 2100."))
    try:
        return containing(kind, _first_day(kind, year, written[5:]))
    except ValueError as error:
        raise _unreadable(text) from error


def _first_day(kind: PeriodKind, year: int, rest: str) -> dt.date:
    match kind:
        case PeriodKind.WEEK:
            return dt.date.fromisocalendar(year, int(rest[1:]), 1)
        case PeriodKind.MONTH:
            return dt.date(year, int(rest), 1)
        case PeriodKind.QUARTER:
            return dt.date(year, int(rest[1:]) * 3 - 2, 1)
        case PeriodKind.HALF:
            return dt.date(year, int(rest[1:]) * 6 - 5, 1)
        case _:
            return dt.date(year, 1, 1)


def _months(kind: PeriodKind, year: int, month: int, count: int) -> Period:
    end = month + count - 1
    return Period(kind, dt.date(year, month, 1), dt.date(year, end, monthrange(year, end)[1]))


def _range_text(first: dt.date, last: dt.date) -> str:
    """Write whole months as months, so that one range has one name."""
    whole = first.day == 1 and last.day == monthrange(last.year, last.month)[1]
    if whole:
        return f"{first:%Y-%m}{_RANGE}{last:%Y-%m}"
    return f"{first.isoformat()}{_RANGE}{last.isoformat()}"


def _unreadable(text: object) -> BadInput:
    return BadInput(
        "reports.period",
        _(
            "Not a period: %(text)s. Write 2011-06-30, 2011-W23, 2011-06, 2011-Q2, 2011 "
            "or 2010-12..2011-06."
        )
        % {"text": ascii(str(text)[:40])[1:-1]},
    )
