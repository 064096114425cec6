"""Questions to the periods."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import groupby

from ops.engines.periods.choices import PeriodState
from ops.engines.periods.models import Period, PeriodException
from ops.engines.periods.types import ExceptionInfo, PeriodInfo

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


def states_within(*, module: str, first: date, last: date) -> set[PeriodState]:
    """Return the states found among the days of a range; days without a period have none."""
    rows = Period.objects.filter(module=module, days__overlap=(first, last + timedelta(days=1)))
    return {PeriodState(state) for state in rows.values_list("state", flat=True)}


def is_postable(*, module: str, day: date, at: datetime) -> bool:
    """Say whether a day may be posted: it is open, or an exception holds at this moment."""
    state = state_on(module=module, day=day)
    if state in {PeriodState.OPEN, None}:
        return state is not None
    found = PeriodException.objects.filter(
        module=module, days__contains=day, until__gt=at, ended_at__isnull=True
    )
    if state == PeriodState.CLOSED:
        found = found.filter(over_closed=True, confirmed_at__isnull=False)
    return found.exists()


def exceptions(*, at: datetime | None = None, limit: int = 100) -> list[ExceptionInfo]:
    """Return the exceptions, the newest first; with `at`, those not over at that moment."""
    found = PeriodException.objects.order_by("-id")
    if at is not None:
        found = found.filter(until__gt=at, ended_at__isnull=True)
    return [_exception(row) for row in found[:limit]]


def exception(*, exception_id: int) -> ExceptionInfo:
    """Return one exception. Raises PeriodException.DoesNotExist."""
    return _exception(PeriodException.objects.get(pk=exception_id))


def _exception(row: PeriodException) -> ExceptionInfo:
    first, after = row.days.lower, row.days.upper
    if first is None or after is None:  # the database refuses such rows
        raise ValueError(f"exception {row.pk} has no days")
    return ExceptionInfo(
        id=row.pk,
        module=row.module,
        first=first,
        last=after - timedelta(days=1),
        until=row.until,
        reason=row.reason,
        granted_by=row.granted_by,
        granted_at=row.granted_at,
        confirmed_by=row.confirmed_by,
        over_closed=row.over_closed,
        waits=row.over_closed and row.confirmed_at is None,
        ended_at=row.ended_at,
    )


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
