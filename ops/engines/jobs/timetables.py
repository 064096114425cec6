"""Timetables: which periods fall between two moments, in business time.

A period is text, so that a person can name it: "2026-11-05", "2026-W45", "2026-11", "2026-Q4",
"2026-H2", "2026", and for jobs of every few minutes "2026-11-05T10:35+08:00". `back=1` makes a run
about the period before the one it is due in: the close of yesterday, the report of last month.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ops.engines.jobs.units import MONTH, Unit, bad_period
from ops.engines.kernel.errors import BadInput
from ops.engines.kernel.parse import BUSINESS_ZONE, moment

_DAY = dt.timedelta(days=1)

_LABELS = {
    "day": gettext_lazy("daily %(time)s"),
    "week": gettext_lazy("weekly on day %(day)s, %(time)s"),
    "month": gettext_lazy("monthly on day %(day)s, %(time)s"),
    "quarter": gettext_lazy("quarterly in month %(month)s on day %(day)s, %(time)s"),
    "half": gettext_lazy("half-yearly in month %(month)s on day %(day)s, %(time)s"),
    "year": gettext_lazy("yearly in month %(month)s on day %(day)s, %(time)s"),
}
_FROM_END = {
    "month": gettext_lazy("monthly on day %(day)s from the end, %(time)s"),
    "quarter": gettext_lazy("quarterly in month %(month)s on day %(day)s from the end, %(time)s"),
    "half": gettext_lazy("half-yearly in month %(month)s on day %(day)s from the end, %(time)s"),
    "year": gettext_lazy("yearly in month %(month)s on day %(day)s from the end, %(time)s"),
}


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """One period of a job: when it is due, and the business days it is about."""

    due_at: dt.datetime
    period: str
    first: dt.date
    last: dt.date


class Cadence(Protocol):
    """What a declaration needs to know about time."""

    @property
    def label(self) -> str:
        """Say it to a person."""

    @property
    def catch_up(self) -> int:
        """Return how many missed periods are run afterwards unless the job says otherwise."""

    @property
    def in_order(self) -> bool:
        """Say whether a period waits for the earlier ones."""

    def between(
        self, after: dt.datetime, until: dt.datetime, *, most: int
    ) -> tuple[Sequence[Slot], int]:
        """Return the newest `most` slots in (after, until], oldest first, and how many older."""

    def next_after(self, at: dt.datetime) -> Slot:
        """Return the first slot due after a moment."""

    def read(self, period: str) -> Slot:
        """Return the slot a period's text names. Raises BadInput."""


@dataclass(frozen=True, slots=True)
class Every:
    """Every few minutes, counted from the hour; a missed one is made up by the newest."""

    minutes: int
    zone: ZoneInfo = BUSINESS_ZONE
    catch_up: int = 1
    in_order: bool = False

    @property
    def label(self) -> str:
        """Say it to a person."""
        return _("every %(minutes)s minutes") % {"minutes": self.minutes}

    def between(
        self, after: dt.datetime, until: dt.datetime, *, most: int
    ) -> tuple[Sequence[Slot], int]:
        """Return the newest `most` slots in (after, until], oldest first, and how many older."""
        first, last = self._count(after) + 1, self._count(until)
        kept = max(first, last - most + 1)
        return [self._slot(count) for count in range(kept, last + 1)], max(0, kept - first)

    def next_after(self, at: dt.datetime) -> Slot:
        """Return the first slot due after a moment."""
        return self._slot(self._count(at) + 1)

    def read(self, period: str) -> Slot:
        """Return the slot a period's text names. Raises BadInput."""
        at = moment(period, zone=self.zone)
        slot = self._slot(self._count(at))
        if slot.due_at != at:
            raise bad_period(period)
        return slot

    def _count(self, at: dt.datetime) -> int:
        return int(at.timestamp() // (self.minutes * 60))

    def _slot(self, count: int) -> Slot:
        due_at = dt.datetime.fromtimestamp(count * self.minutes * 60, dt.UTC)
        local = due_at.astimezone(self.zone)
        # The offset makes the hour that a clock shows twice two different periods.
        return Slot(due_at, local.isoformat(timespec="minutes"), local.date(), local.date())


@dataclass(frozen=True, slots=True)
class Calendar:
    """Once per calendar period, on a day and at a time of it."""

    unit: Unit
    time: dt.time
    month: int = 1  # of the period, from 1
    day: int = 1  # of the month (or week) from 1, or from its end: -1 is the last
    back: int = 0
    zone: ZoneInfo = BUSINESS_ZONE
    in_order: bool = True

    @property
    def label(self) -> str:
        """Say it to a person."""
        said = {"time": f"{self.time:%H:%M}", "day": abs(self.day), "month": self.month}
        key = self.unit.key
        return str(_FROM_END.get(key, _LABELS[key]) if self.day < 0 else _LABELS[key]) % said

    @property
    def catch_up(self) -> int:
        """Return how many missed periods are run afterwards."""
        return self.unit.catch_up

    def between(
        self, after: dt.datetime, until: dt.datetime, *, most: int
    ) -> tuple[Sequence[Slot], int]:
        """Return the newest `most` slots in (after, until], oldest first, and how many older."""
        slots = []
        for slot in self._from(after):
            if slot.due_at > until:
                break
            slots.append(slot)
        kept = slots[max(0, len(slots) - most) :]
        return kept, len(slots) - len(kept)

    def next_after(self, at: dt.datetime) -> Slot:
        """Return the first slot due after a moment."""
        return next(self._from(at))

    def read(self, period: str) -> Slot:
        """Return the slot a period's text names. Raises BadInput."""
        start = self.unit.read(period)
        for _step in range(self.back):
            start = self.unit.next(start)
        return self._slot(start)

    def _from(self, after: dt.datetime) -> Iterator[Slot]:
        start = self.unit.previous(self.unit.start_of(after.astimezone(self.zone).date()))
        while True:
            slot = self._slot(start)
            if slot.due_at > after:
                yield slot
            start = self.unit.next(start)

    def _slot(self, start: dt.date) -> Slot:
        local = dt.datetime.combine(self._due_on(start), self.time, tzinfo=self.zone)
        about = start
        for _step in range(self.back):
            about = self.unit.previous(about)
        last = self.unit.next(about) - _DAY
        return Slot(local.astimezone(dt.UTC), self.unit.write(about), about, last)

    def _due_on(self, start: dt.date) -> dt.date:
        if self.unit.key in {"day", "week"}:
            return start + (self.day - 1) * _DAY
        first = dt.date(start.year, start.month + self.month - 1, 1)
        length = (MONTH.next(first) - first).days
        return first + (min(self.day, length) - 1 if self.day > 0 else length + self.day) * _DAY


@dataclass(frozen=True, slots=True)
class Several:
    """Several cadences of different kinds, such as weekly and monthly."""

    cadences: tuple[Cadence, ...]

    @property
    def label(self) -> str:
        """Say it to a person."""
        return "; ".join(cadence.label for cadence in self.cadences)

    @property
    def catch_up(self) -> int:
        """Return how many missed periods are run afterwards."""
        return sum(cadence.catch_up for cadence in self.cadences)

    @property
    def in_order(self) -> bool:
        """Say whether a period waits for the earlier ones."""
        return all(cadence.in_order for cadence in self.cadences)

    def between(
        self, after: dt.datetime, until: dt.datetime, *, most: int
    ) -> tuple[Sequence[Slot], int]:
        """Return the newest `most` slots in (after, until], oldest first, and how many older."""
        slots: list[Slot] = []
        older = 0
        for cadence in self.cadences:
            found, before = cadence.between(after, until, most=most)
            slots, older = [*slots, *found], older + before
        slots.sort()
        kept = slots[max(0, len(slots) - most) :]
        return kept, older + len(slots) - len(kept)

    def next_after(self, at: dt.datetime) -> Slot:
        """Return the first slot due after a moment."""
        return min(cadence.next_after(at) for cadence in self.cadences)

    def read(self, period: str) -> Slot:
        """Return the slot a period's text names. Raises BadInput."""
        for cadence in self.cadences:
            try:
                return cadence.read(period)
            except BadInput:
                continue
        raise bad_period(period)
