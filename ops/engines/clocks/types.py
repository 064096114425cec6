"""What the clocks engine takes and returns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from ops.engines.clocks.choices import ClockState, EventKind
from ops.engines.clocks.limits import Limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a clock is about, and whose it is.

    `type` and `id` are those of the audit trail ("customers.complaint", 12). `label` is the
    document's number and `link` its address; neither holds anything personal. The owner is a
    person, else the holders of `role` (the kind's when empty), in a department or scope.
    `started_at` is when it started, when that was before now; `limit` stands for the kind's where
    the house set another one.
    """

    type: str
    id: int
    label: str
    link: str = ""
    person_id: int | None = None
    role: str = ""
    department_id: int | None = None
    scope: tuple[str, int] | None = None
    started_at: datetime | None = None
    limit: Limit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventInfo:
    """One thing that happened to a clock."""

    seq: int
    kind: EventKind
    at: datetime
    due_at: datetime
    term: str
    step: int
    reason: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockInfo:
    """One clock, as staff see it."""

    id: int
    kind: str
    title: str
    subject_type: str
    subject_id: int
    label: str
    link: str
    state: ClockState
    person: str  # the owner's name; empty when the holders of `role` own it
    role: str
    started_at: datetime
    due_at: datetime
    ended_at: datetime | None
    level: int
    is_open: bool
    is_assumed: bool  # the calendar of a year in it is not published: weekends were assumed


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepReport:
    """What one sweep did."""

    reminded: int = 0
    breached: int = 0
    escalated: int = 0

    def __add__(self, other: SweepReport) -> SweepReport:
        return SweepReport(
            reminded=self.reminded + other.reminded,
            breached=self.breached + other.breached,
            escalated=self.escalated + other.escalated,
        )

    @property
    def total(self) -> int:
        """Return how many steps were taken."""
        return self.reminded + self.breached + self.escalated


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One clock whose row is not what its events say."""

    clock_id: int
    stored: str
    replayed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarChange:
    """What a change of the calendar did."""

    days: tuple[date, ...]
    moved: int
