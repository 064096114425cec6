"""When a figure is out of range: pure, over the figures of one member by day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal, localcontext

from ops.engines.metrics.choices import LimitKind, MetricKind
from ops.engines.metrics.types import Figure, Finding, Limit

Days = Mapping[dt.date, Figure]


def judge(*, day: dt.date, days: Days, limit: Limit, kind: MetricKind) -> Finding | None:
    """Return the finding of one limit on one day, None when it is in range or nothing is known."""
    here = days.get(day)
    if here is None or here.value is None:
        return None
    with localcontext() as context:
        context.prec = 40
        if limit.kind is LimitKind.ABSOLUTE:
            return _crossed(limit, here.value, here.value, None)
        before = [days[d] for back in limit.back if (d := day - dt.timedelta(days=back)) in days]
        if len(before) < max(limit.least_days, 1):
            return None
        if limit.kind is LimitKind.RELATIVE:
            return _against(limit, here.value, baseline(before, kind))
        return _spread(limit, here.value, [f.value for f in before if f.value is not None])


def baseline(before: Sequence[Figure], kind: MetricKind) -> Decimal | None:
    """Return what comparable days lead to expect: a ratio's from sums, never a mean of rates."""
    if kind is MetricKind.RATIO:
        below = sum((f.denominator or Decimal(0) for f in before), Decimal(0))
        return sum((f.numerator for f in before), Decimal(0)) / below if below else None
    return sum((f.numerator for f in before), Decimal(0)) / len(before)


def _against(limit: Limit, value: Decimal, expected: Decimal | None) -> Finding | None:
    if not expected:
        return None
    return _crossed(limit, (value - expected) / abs(expected), value, expected)


def _spread(limit: Limit, value: Decimal, values: Sequence[Decimal]) -> Finding | None:
    if len(values) < 2:
        return None
    mean = sum(values, Decimal(0)) / len(values)
    variance = sum(((each - mean) ** 2 for each in values), Decimal(0)) / (len(values) - 1)
    deviation = variance.sqrt()
    if not deviation:
        return None
    return _crossed(limit, (value - mean) / deviation, value, mean)


def _crossed(
    limit: Limit, measure: Decimal, value: Decimal, expected: Decimal | None
) -> Finding | None:
    if limit.high is not None and measure > limit.high:
        return Finding(
            kind=limit.kind, value=value, expected=expected, bound=limit.high, is_over=True
        )
    if limit.low is not None and measure < limit.low:
        return Finding(
            kind=limit.kind, value=value, expected=expected, bound=limit.low, is_over=False
        )
    return None
