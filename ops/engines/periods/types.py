"""What the periods engine returns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

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
