"""Time arithmetic of clocks: pure, in whole microseconds, over a calendar that is passed in.

A due moment is the last one that is still in time: a period of days ends at 23:59:59 of its last
day, and a clock is breached when a later moment comes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Final

from ops.engines.clocks.calendars import Calendar, shipped
from ops.engines.clocks.limits import Limit, LimitKind, Shift, shift_named
from ops.engines.kernel.parse import BUSINESS_ZONE, business_day

_DAY: Final = dt.timedelta(days=1)
_NONE: Final = dt.timedelta()
_LAST: Final = dt.time(23, 59, 59)


def due(start: dt.datetime, limit: Limit, calendar: Calendar | None = None) -> dt.datetime:
    """Return the last moment in time of something that started at `start` (aware; UTC back).

    Without a calendar the one that comes with the product counts; services pass the one in force.
    """
    known = shipped() if calendar is None else calendar
    day = business_day(start)
    match limit.kind:
        case LimitKind.SECONDS:
            return (start + dt.timedelta(seconds=limit.amount)).astimezone(dt.UTC)
        case LimitKind.SHIFT:
            return _along(start, dt.timedelta(seconds=limit.amount), limit, known)
        case LimitKind.DAYS:
            return end_of(day + _DAY * limit.amount)
        case LimitKind.WORKING_DAYS:
            return end_of(known.add(day, limit.amount))
        case LimitKind.MONTH_DAY | LimitKind.MONTH_WORKING_DAY:
            return end_of(_month_day(day, limit, known))


def latest_start(
    due_at: dt.datetime, limit: Limit, calendar: Calendar | None = None
) -> dt.datetime:
    """Return the last moment at which something of this limit may start to be due by `due_at`.

    The inverse of `due` for times and days. Raises ValueError for a day of the month, which
    does not depend on when within the month something starts.
    """
    known = shipped() if calendar is None else calendar
    match limit.kind:
        case LimitKind.SECONDS:
            return (due_at - dt.timedelta(seconds=limit.amount)).astimezone(dt.UTC)
        case LimitKind.SHIFT:
            return _back(due_at, dt.timedelta(seconds=limit.amount), limit, known)
        case LimitKind.DAYS:
            return end_of(_last_whole_day(due_at) - _DAY * limit.amount)
        case LimitKind.WORKING_DAYS:
            return end_of(_latest_day(_last_whole_day(due_at), limit.amount, known))
        case _:
            raise ValueError(f"{limit.text} has no latest start")


def remaining(
    at: dt.datetime, due_at: dt.datetime, limit: Limit | None, calendar: Calendar | None = None
) -> Limit:
    """Return what is left of a limit at a moment, in its own kind; never below nothing.

    A day of the month, or a due moment set by hand (`limit` None), leaves plain seconds.
    """
    known = shipped() if calendar is None else calendar
    today, last = business_day(at), business_day(due_at)
    match limit.kind if limit is not None else None:
        case LimitKind.SHIFT if limit is not None:
            left = worked(at, due_at, shift_named(limit.shift), known)
            return Limit(LimitKind.SHIFT, int(left.total_seconds()), shift=limit.shift)
        case LimitKind.DAYS:
            return Limit(LimitKind.DAYS, max(0, (last - today).days))
        case LimitKind.WORKING_DAYS:
            return Limit(LimitKind.WORKING_DAYS, max(0, known.between(today, last)))
        case _:
            return Limit(LimitKind.SECONDS, max(0, int((due_at - at).total_seconds())))


def worked(
    first: dt.datetime, last: dt.datetime, during: Shift, calendar: Calendar | None = None
) -> dt.timedelta:
    """Return how much of a shift lies between two moments; nothing when they are reversed."""
    known = shipped() if calendar is None else calendar
    total = _NONE
    for opens, closes in _spans(business_day(first), during, known):
        if opens >= last:
            break
        total += max(_NONE, min(closes, last) - max(opens, first))
    return total


def depends_on_calendar(limit: Limit) -> bool:
    """Say whether a change of the calendar may move what this limit makes due."""
    if limit.kind is LimitKind.SHIFT:
        return not shift_named(limit.shift).every_day
    return limit.rolls or limit.kind in {LimitKind.WORKING_DAYS, LimitKind.MONTH_WORKING_DAY}


def end_of(day: dt.date) -> dt.datetime:
    """Return the last second of a business day."""
    return dt.datetime.combine(day, _LAST, tzinfo=BUSINESS_ZONE).astimezone(dt.UTC)


def _last_whole_day(due_at: dt.datetime) -> dt.date:
    day = business_day(due_at)
    return day if due_at >= end_of(day) else day - _DAY


def _latest_day(last: dt.date, count: int, calendar: Calendar) -> dt.date:
    """Return the latest day whose `count`-th working day is `last` or earlier."""
    while not calendar.is_working(last):
        last -= _DAY
    if not count:
        return last
    day = calendar.add(last, -count)
    # Free days after it lead to the same working day.
    while not calendar.is_working(day + _DAY):
        day += _DAY
    return day


def _month_day(start: dt.date, limit: Limit, calendar: Calendar) -> dt.date:
    months = limit.months
    while (day := _day_of(start, months, limit, calendar)) < start:
        months += 1
    return day


def _day_of(start: dt.date, months: int, limit: Limit, calendar: Calendar) -> dt.date:
    count = start.year * 12 + start.month - 1 + months
    first = dt.date(count // 12, count % 12 + 1, 1)
    last = (first + _DAY * 31).replace(day=1) - _DAY
    if limit.kind is LimitKind.MONTH_WORKING_DAY:
        if limit.amount < 0:
            return calendar.add(last + _DAY, -1)
        return calendar.add(first - _DAY, limit.amount)
    day = last if limit.amount < 0 else first.replace(day=min(limit.amount, last.day))
    return calendar.add(day, 0) if limit.rolls else day


def _spans(
    day: dt.date, during: Shift, calendar: Calendar, *, step: dt.timedelta = _DAY
) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """Return the spans of a shift from a day on (or back), without end."""
    spans = during.spans if step > _NONE else tuple(reversed(during.spans))
    while True:
        if during.every_day or calendar.is_working(day):
            for opens, closes in spans:
                yield _on(day, opens), _on(day, closes)
        day += step


def _along(
    start: dt.datetime, length: dt.timedelta, limit: Limit, calendar: Calendar
) -> dt.datetime:
    for opens, closes in _spans(business_day(start), shift_named(limit.shift), calendar):
        room = closes - max(opens, start)
        if room >= length and closes > start:
            return max(opens, start).astimezone(dt.UTC) + length
        length -= max(_NONE, room)
    raise AssertionError("a shift goes on for ever")


def _back(end: dt.datetime, length: dt.timedelta, limit: Limit, calendar: Calendar) -> dt.datetime:
    found = _spans(business_day(end), shift_named(limit.shift), calendar, step=-_DAY)
    for opens, closes in found:
        room = min(closes, end) - opens
        if room >= length and opens < end:
            return min(closes, end).astimezone(dt.UTC) - length
        length -= max(_NONE, room)
    raise AssertionError("a shift goes on for ever")


def _on(day: dt.date, time: dt.time) -> dt.datetime:
    return dt.datetime.combine(day, time, tzinfo=BUSINESS_ZONE).astimezone(dt.UTC)
