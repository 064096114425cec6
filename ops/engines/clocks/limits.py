"""The words in which a clock says how long something may take.

Civil Code 201 to 203: the day something starts is not counted, and a period of days ends at
midnight of its last day. Business days are those of Asia/Shanghai.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final


class LimitKind(StrEnum):
    """What is counted."""

    SECONDS = "seconds"
    SHIFT = "shift"
    DAYS = "days"
    WORKING_DAYS = "working_days"
    MONTH_DAY = "month_day"
    MONTH_WORKING_DAY = "month_working_day"


@dataclass(frozen=True, slots=True)
class Shift:
    """When somebody is at work: spans of a day, on working days or on every day."""

    key: str
    spans: tuple[tuple[dt.time, dt.time], ...]
    every_day: bool = False


_shifts: dict[str, Shift] = {}


def shift(key: str, *spans: str, every_day: bool = False) -> Shift:
    """Declare a shift by its spans, such as "08:30-12:00"; they are in order and do not touch.

    Raises TypeError for spans out of order and for a key declared otherwise before.
    """
    read = tuple(
        (dt.time.fromisoformat(first), dt.time.fromisoformat(last))
        for first, _dash, last in (span.partition("-") for span in spans)
    )
    edges = [edge for span in read for edge in span]
    if not edges or any(later <= earlier for earlier, later in pairwise(edges)):
        raise TypeError(f"shift {key}: spans are given in order: {spans}")
    made = Shift(key, read, every_day)
    if _shifts.setdefault(key, made) != made:
        raise TypeError(f"shift {key} is declared twice")
    return made


def shift_named(key: str) -> Shift:
    """Return a declared shift. Raises KeyError."""
    return _shifts[key]


OFFICE: Final = shift("office", "08:30-12:00", "13:00-17:30")


@dataclass(frozen=True, slots=True)
class Limit:
    """How long something may take.

    `amount` is seconds for times, a count for days, and the day (or working day) of a month, from
    1, or from its end with -1. `months` is how many months on, `rolls` whether a last day nobody
    works moves to the next working day.
    """

    kind: LimitKind
    amount: int
    shift: str = ""
    months: int = 0
    rolls: bool = False

    @property
    def text(self) -> str:
        """Write it as stored, such as "working_days:5"."""
        match self.kind:
            case LimitKind.SHIFT:
                return f"{self.kind}:{self.amount}:{self.shift}"
            case LimitKind.MONTH_DAY | LimitKind.MONTH_WORKING_DAY:
                return f"{self.kind}:{self.amount}:{self.months}:{int(self.rolls)}"
            case _:
                return f"{self.kind}:{self.amount}"


def limit_of(text: str) -> Limit:
    """Read a limit as stored. Raises ValueError."""
    kind, amount, *more = text.split(":")
    read = LimitKind(kind)
    if read is LimitKind.SHIFT:
        return Limit(read, int(amount), shift=more[0])
    if more:
        return Limit(read, int(amount), months=int(more[0]), rolls=more[1] == "1")
    return Limit(read, int(amount))


def seconds(count: int) -> Limit:
    """So many seconds, day and night."""
    return _counted(LimitKind.SECONDS, count)


def minutes(count: int) -> Limit:
    """So many minutes, day and night."""
    return _counted(LimitKind.SECONDS, count * 60)


def hours(count: int) -> Limit:
    """So many hours, day and night."""
    return _counted(LimitKind.SECONDS, count * 3600)


def working_minutes(count: int, during: Shift = OFFICE) -> Limit:
    """So many minutes of a shift."""
    return Limit(LimitKind.SHIFT, _counted(LimitKind.SHIFT, count * 60).amount, shift=during.key)


def working_hours(count: int, during: Shift = OFFICE) -> Limit:
    """So many hours of a shift."""
    return working_minutes(count * 60, during)


def days(count: int) -> Limit:
    """Until midnight so many calendar days on."""
    return _counted(LimitKind.DAYS, count)


def working_days(count: int) -> Limit:
    """Until midnight so many working days on."""
    return _counted(LimitKind.WORKING_DAYS, count)


def month_day(day: int, *, months: int = 1, rolls: bool = False) -> Limit:
    """Until midnight of a day of a month on; day 31 of a short month is its last.

    With `months=0` the day of this month, or of the next when it has passed.
    """
    return _of_month(LimitKind.MONTH_DAY, day, months, rolls=rolls)


def month_working_day(day: int, *, months: int = 1) -> Limit:
    """Until midnight of the so many-th working day of a month on."""
    return _of_month(LimitKind.MONTH_WORKING_DAY, day, months)


def last_day_of_month(*, rolls: bool = False) -> Limit:
    """Until midnight of the last day of this month."""
    return month_day(-1, months=0, rolls=rolls)


def _counted(kind: LimitKind, count: int) -> Limit:
    if count < 0:
        raise TypeError(f"no limit of {count}")
    return Limit(kind, count)


def _of_month(kind: LimitKind, day: int, months: int, *, rolls: bool = False) -> Limit:
    if not (1 <= day <= 31 or day == -1) or not 0 <= months <= 120:
        raise TypeError(f"no day {day} of a month {months} months on")
    return Limit(kind, day, months=months, rolls=rolls)
