"""When a sheet is due: a plain function of the business days it is about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from ops.engines.kernel.parse import BUSINESS_ZONE

# (first and last business day of the period, the day it is opened on) -> moment, UTC
Due = Callable[[dt.date, dt.date, dt.date], dt.datetime]


def _moment(day: dt.date, time: dt.time) -> dt.datetime:
    return dt.datetime.combine(day, time, tzinfo=BUSINESS_ZONE).astimezone(dt.UTC)


def same_day(at: str) -> Due:
    """Be due on the last business day of the period at a time such as "08:45"."""
    time = dt.time.fromisoformat(at)
    return lambda _first, last, _opened: _moment(last, time)


def days_after_opening(days: int, at: str) -> Due:
    """Be due so many days after the sheet was opened, at a time such as "18:00"."""
    time = dt.time.fromisoformat(at)
    return lambda _first, _last, opened: _moment(opened + dt.timedelta(days=days), time)
