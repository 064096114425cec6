"""The periods a card judges, cut as the jobs engine cuts them."""

from __future__ import annotations

import datetime as dt
from typing import Final

from ops.engines.jobs.units import MONTH, QUARTER, YEAR, Unit
from ops.engines.scorecards.choices import PeriodKind
from ops.engines.scorecards.types import Span

UNITS: Final[dict[PeriodKind, Unit]] = {
    PeriodKind.MONTH: MONTH,
    PeriodKind.QUARTER: QUARTER,
    PeriodKind.YEAR: YEAR,
}


def span_named(kind: PeriodKind, text: str) -> Span:
    """Return the days of a written period; raises BadInput for a text of another kind."""
    return _span(kind, UNITS[kind].read(text))


def span_of(kind: PeriodKind, day: dt.date) -> Span:
    """Return the period of a kind that holds a day."""
    return _span(kind, UNITS[kind].start_of(day))


def _span(kind: PeriodKind, start: dt.date) -> Span:
    unit = UNITS[kind]
    return Span(kind, unit.write(start), start, unit.next(start) - dt.timedelta(days=1))
