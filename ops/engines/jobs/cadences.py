"""The words in which a job says when it is due, in business time (Asia/Shanghai)."""

from __future__ import annotations

import datetime as dt

from ops.engines.jobs.timetables import Calendar, Every, Several
from ops.engines.jobs.units import DAY, HALF, MONTH, QUARTER, WEEK, YEAR, Unit


def every(*, minutes: int) -> Every:
    """Be due every so many minutes; they divide an hour, or are whole hours that divide a day."""
    if minutes < 1 or (60 % minutes and (minutes % 60 or 1440 % minutes)):
        raise TypeError(f"every {minutes} minutes does not divide an hour or a day")
    return Every(minutes)


def daily(at: str, *, back: int = 0) -> Calendar:
    """Be due every day at a business time such as "01:00"."""
    return Calendar(DAY, dt.time.fromisoformat(at), back=back)


def weekly(weekday: int, at: str, *, back: int = 0) -> Calendar:
    """Be due every week on an ISO weekday, 1 for Monday to 7 for Sunday."""
    if not 1 <= weekday <= 7:
        raise TypeError(f"no weekday {weekday}")
    return Calendar(WEEK, dt.time.fromisoformat(at), day=weekday, back=back)


def monthly(*, day: int = 1, at: str, back: int = 0) -> Calendar:
    """Be due every month on a day; -1 is the last, and day 31 of a short month is its last."""
    return _of_months(MONTH, month=1, day=day, at=at, back=back)


def quarterly(*, month: int = 1, day: int = 1, at: str, back: int = 0) -> Calendar:
    """Be due every quarter, on a day of its first, second or third month."""
    return _of_months(QUARTER, month=month, day=day, at=at, back=back)


def half_yearly(*, month: int = 1, day: int = 1, at: str, back: int = 0) -> Calendar:
    """Be due every half-year, on a day of one of its six months."""
    return _of_months(HALF, month=month, day=day, at=at, back=back)


def yearly(*, month: int = 1, day: int = 1, at: str, back: int = 0) -> Calendar:
    """Be due every year, on a day of one of its months."""
    return _of_months(YEAR, month=month, day=day, at=at, back=back)


def several(*cadences: Every | Calendar) -> Several:
    """Be due by each of several cadences whose periods are of different kinds.

    Raises TypeError for two of one kind: their periods would have the same names.
    """
    kinds = [c.unit.key if isinstance(c, Calendar) else "minutes" for c in cadences]
    if len(set(kinds)) < len(kinds):
        raise TypeError("two cadences name their periods alike: declare two jobs")
    return Several(cadences)


def _of_months(unit: Unit, *, month: int, day: int, at: str, back: int) -> Calendar:
    if not (1 <= month <= unit.months and (1 <= day <= 31 or -28 <= day <= -1)):
        raise TypeError(f"no month {month}, day {day} in a {unit.key}")
    return Calendar(unit, dt.time.fromisoformat(at), month=month, day=day, back=back)
