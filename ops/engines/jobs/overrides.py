"""Cadences that staff changed from a day on: the same periods, due at another moment or not at all.

A period is never renamed by a change, so it still has one run: a daily job stays daily and runs at
another hour, a job of every minute runs every fifth. A period whose moment was over when the change
was made keeps what it had; one that the change would place in the past is due when it was made.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from django.utils.translation import gettext as _

from ops.engines.jobs.timetables import Cadence, Calendar, Every, Slot
from ops.engines.kernel.errors import BadInput
from ops.engines.kernel.parse import business_day

_DAY: Final = dt.timedelta(days=1)
_MOMENT: Final = dt.timedelta(microseconds=1)
_LONGEST: Final = {"day": 2, "week": 8, "month": 32, "quarter": 93, "half": 185, "year": 367}
_AHEAD: Final = 3  # lengths of the longest period in which a next one must lie


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """What staff changed, from `first` to `last` (None: until changed again), made at `at`.

    `is_off` drops the periods; `time`, `day` and `minutes` replace those of the declaration; with
    none of them it is as declared again.
    """

    first: dt.date
    last: dt.date | None
    at: dt.datetime
    is_off: bool = False
    time: dt.time | None = None
    day: int | None = None
    minutes: int | None = None
    reason: str = ""
    by: str = ""

    def covers(self, day: dt.date) -> bool:
        """Say whether a business day lies in it."""
        return self.first <= day and (self.last is None or day <= self.last)

    @property
    def label(self) -> str:
        """Say it to a person."""
        if self.is_off:
            return _("does not run")
        if self.minutes is not None:
            return _("every %(minutes)s minutes") % {"minutes": self.minutes}
        if self.time is None:
            return _("as declared")
        said = {"time": f"{self.time:%H:%M}", "day": self.day}
        return (
            _("at %(time)s") % said if self.day is None else _("on day %(day)s at %(time)s") % said
        )


def changed(cadence: Cadence, override: Override) -> Cadence:
    """Return a cadence as an override has it. Raises BadInput where it does not fit."""
    if override.is_off or (override.time is None and override.minutes is None):
        return cadence
    if isinstance(cadence, Every) and override.minutes is not None:
        if override.minutes % cadence.minutes or 1440 % override.minutes:
            raise BadInput(
                "jobs.minutes",
                _("It must be a multiple of %(minutes)s minutes and divide a day.")
                % {"minutes": cadence.minutes},
            )
        return replace(cadence, minutes=override.minutes)
    if isinstance(cadence, Calendar) and override.time is not None:
        return replace(cadence, time=override.time, day=_day(cadence, override.day))
    raise BadInput("jobs.cadence", _("This job's cadence cannot be changed like this."))


@dataclass(frozen=True, slots=True)
class Overridden:
    """A declared cadence under the overrides of staff, oldest first."""

    base: Cadence
    overrides: Sequence[Override]

    @property
    def label(self) -> str:
        """Say it to a person."""
        return self.base.label

    @property
    def catch_up(self) -> int:
        """Return how many missed periods are run afterwards."""
        return self.base.catch_up

    @property
    def in_order(self) -> bool:
        """Say whether a period waits for the earlier ones."""
        return self.base.in_order

    def between(
        self, after: dt.datetime, until: dt.datetime, *, most: int
    ) -> tuple[Sequence[Slot], int]:
        """Return the newest `most` slots in (after, until], oldest first, and how many older."""
        if not isinstance(self.base, Calendar):
            return self._thinned(after, until, most=most)
        margin = _LONGEST[self.base.unit.key] * _DAY
        found, _older = self.base.between(after - margin, until + margin, most=1_000_000)
        slots = sorted(
            slot
            for slot in map(self._effective, found)
            if slot is not None and after < slot.due_at <= until
        )
        kept = slots[max(0, len(slots) - most) :]
        return kept, len(slots) - len(kept)

    def next_after(self, at: dt.datetime) -> Slot | None:
        """Return the first slot due after a moment; None when staff have switched it off."""
        for slot in self._ahead(at):
            effective = self._effective(slot)
            if effective is not None and effective.due_at > at:
                return effective
        return None

    def read(self, period: str) -> Slot:
        """Return the slot a period's text names. Raises BadInput."""
        return self.base.read(period)

    def _thinned(
        self, after: dt.datetime, until: dt.datetime, *, most: int
    ) -> tuple[Sequence[Slot], int]:
        rarer = [each.minutes for each in self.overrides if each.minutes]
        ratio = max(rarer, default=1)
        found, older = self.base.between(after, until, most=most * ratio)
        slots = [slot for slot in found if self._effective(slot) is not None]
        kept = slots[max(0, len(slots) - most) :]
        return kept, len(slots) - len(kept) + older // ratio

    def _ahead(self, at: dt.datetime) -> Iterator[Slot]:
        unit = self.base.unit.key if isinstance(self.base, Calendar) else "day"
        margin = _LONGEST[unit] * _DAY
        slot = self.base.next_after(at - margin)
        while slot.due_at <= at + _AHEAD * margin:
            yield slot
            slot = self.base.next_after(slot.due_at)

    def _effective(self, slot: Slot) -> Slot | None:
        """Return when a declared slot is due under the overrides; None when it is dropped."""
        standing: Slot | None = slot
        for override in self.overrides:
            now = slot.due_at if standing is None else standing.due_at
            if override.covers(business_day(slot.due_at)) and now > override.at:
                standing = self._under(override, slot)
        return standing

    def _under(self, override: Override, slot: Slot) -> Slot | None:
        if override.is_off:
            return None
        moved = changed(self.base, override)
        if isinstance(moved, Every):
            minute = int(slot.due_at.timestamp()) // 60
            return slot if minute % moved.minutes == 0 else None
        due_at = moved.read(slot.period).due_at
        return replace(slot, due_at=max(due_at, override.at + _MOMENT))


def _day(cadence: Calendar, day: int | None) -> int:
    if day is None:
        return cadence.day
    most = {"day": 1, "week": 7}.get(cadence.unit.key, 31)
    if not (1 <= day <= most or (most == 31 and -28 <= day <= -1)):
        raise BadInput("jobs.day", _("Day %(day)s does not lie in this period.") % {"day": day})
    return day
