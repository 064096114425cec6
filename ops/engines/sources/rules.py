"""When figures are owed, on the Chinese working calendar, and whether they are late."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from ops.engines.clocks.calendars import Calendar
from ops.engines.kernel.parse import BUSINESS_ZONE, business_day

from .choices import Rhythm

_DAY: Final = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """How often, on which ISO weekday (weekly only) and at which business hour figures are owed."""

    rhythm: str
    weekday: int
    hour: int

    def owed(self, calendar: Calendar, *, at: dt.datetime) -> Iterator[dt.datetime]:
        """Yield the moments up to now at which figures were owed, newest first, without end."""
        days = self._days if self.rhythm == Rhythm.DAILY else self._weeks
        for day in days(calendar, business_day(at)):
            moment = dt.datetime.combine(day, dt.time(self.hour), tzinfo=BUSINESS_ZONE)
            if moment <= at:
                yield moment

    def _days(self, calendar: Calendar, last: dt.date) -> Iterator[dt.date]:
        while True:
            if calendar.is_working(last):
                yield last
            last -= _DAY

    def _weeks(self, calendar: Calendar, last: dt.date) -> Iterator[dt.date]:
        # A weekday in a long holiday moves into the week after it, so the next week may count too.
        monday = last - (last.weekday() - 7) * _DAY
        while True:
            monday -= 7 * _DAY
            day = monday + (self.weekday - 1) * _DAY
            while not calendar.is_working(day):
                day += _DAY
            yield day


def missed(
    timetable: Timetable,
    calendar: Calendar,
    *,
    opened_at: dt.datetime,
    last_at: dt.datetime | None,
    at: dt.datetime,
) -> dt.datetime | None:
    """Return when figures were owed that are not there; None when nothing is late.

    Figures count for the moment they came nearest to: what came more than half a period before was
    owed earlier. Nothing is owed for moments before the source was opened.
    """
    newest, before = islice(timetable.owed(calendar, at=at), 2)
    if newest <= opened_at:
        return None
    opens_at = before + (newest - before) / 2
    return newest if last_at is None or last_at < opens_at else None
