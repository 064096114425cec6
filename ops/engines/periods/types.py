"""What the periods engine returns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from ops.engines.periods.choices import PeriodState


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodInfo:
    """Days of one module, first and last included, and their common state.

    Of days in several states the weakest counts: one open day makes the range open.
    """

    module: str
    first: date
    last: date
    state: PeriodState


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionInfo:
    """Leave to post into held or closed days of a module, first and last included.

    `waits` while closed days still need a second person's confirmation.
    """

    id: int
    module: str
    first: date
    last: date
    until: datetime
    reason: str
    granted_by: str
    granted_at: datetime
    confirmed_by: str
    over_closed: bool
    waits: bool
    ended_at: datetime | None
