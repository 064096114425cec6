"""Questions to the periods."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import groupby

from ops.engines.periods.choices import PeriodState
from ops.engines.periods.models import Period
from ops.engines.periods.types import PeriodInfo

_WEAKEST_FIRST = (PeriodState.OPEN, PeriodState.HOLD, PeriodState.CLOSED)


def state_on(*, module: str, day: date) -> PeriodState | None:
    """Return the state of one business day; None when no period holds it."""
    row = Period.objects.filter(module=module, days__contains=day).only("state").first()
    return None if row is None else PeriodState(row.state)


def periods(*, module: str) -> list[PeriodInfo]:
    """Return the ranges of a module as they are, in order of their days."""
    rows = Period.objects.filter(module=module).order_by("days")
    return [
        PeriodInfo(
            module=module, first=first, last=end - timedelta(days=1), state=PeriodState(state)
        )
        for first, end, state in rows.values_list("days__startswith", "days__endswith", "state")
    ]


def months(*, module: str) -> list[PeriodInfo]:
    """Return the calendar months of a module in order; the weakest state of its days counts."""
    parts = [part for period in periods(module=module) for part in _by_month(period)]
    return [
        _weakest(list(group))
        for _month, group in groupby(parts, key=lambda part: part.first.replace(day=1))
    ]


def described(*, module: str, first: date, last: date) -> PeriodInfo:
    """Return a range of days that periods cover, with the weakest state among them."""
    rows = Period.objects.filter(module=module, days__overlap=(first, last + timedelta(days=1)))
    states = set(rows.values_list("state", flat=True))
    state = next(state for state in _WEAKEST_FIRST if state in states)
    return PeriodInfo(module=module, first=first, last=last, state=state)


def _by_month(period: PeriodInfo) -> list[PeriodInfo]:
    parts, first = [], period.first
    while first <= period.last:
        last = min(next_month(first) - timedelta(days=1), period.last)
        parts.append(PeriodInfo(module=period.module, first=first, last=last, state=period.state))
        first = last + timedelta(days=1)
    return parts


def _weakest(parts: list[PeriodInfo]) -> PeriodInfo:
    states = {part.state for part in parts}
    return PeriodInfo(
        module=parts[0].module,
        first=parts[0].first,
        last=parts[-1].last,
        state=next(state for state in _WEAKEST_FIRST if state in states),
    )


def next_month(day: date) -> date:
    """Return the first day of the month after a day's."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
