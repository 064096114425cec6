"""Give the metric dictionary its values out of the stored sums: parts, never rates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from marketing.rules import BASE_CURRENCY
from ops.engines.metrics import services as metrics
from ops.engines.metrics.types import Query

# A company's figure adds only channels of the base currency; a channel's is in its own.
_BY_DAY: Final = """
SELECT d.day, g.dimension, g.member, sum(d.{numerator}), {denominator}
  FROM marketing_salesday d JOIN catalog_channel c ON c.id = d.channel_id
 CROSS JOIN LATERAL (VALUES ('', ''), ('channel', d.channel_id::text)) AS g(dimension, member)
 WHERE d.scope = 'all' AND d.day BETWEEN %s AND %s
   AND (g.dimension = 'channel' OR c.currency = %s)
 GROUP BY 1, 2, 3
"""
_BY_MONTH: Final = """
SELECT month, CASE WHEN channel_id IS NULL THEN '' ELSE 'channel' END,
       coalesce(channel_id::text, ''), {numerator}, {denominator}
  FROM marketing_salesmonth WHERE scope = 'all' AND month BETWEEN %s AND %s
"""
_NONE: Final = "NULL::numeric"
_DAYS: Final = {
    "gmv": ("gmv", _NONE),
    "orders": ("orders", _NONE),
    "units": ("units", _NONE),
    "returns": ("returns", _NONE),
    "aov": ("gmv", "sum(d.orders)"),
    "return_rate": ("returns", "sum(greatest(d.gmv, 0))"),
}
_MONTHS: Final = {
    "customers": ("customers", _NONE),
    "repeat_rate": ("repeat_in_month", "customers"),
}


DAILY: Final = tuple(_DAYS)
MONTHLY: Final = tuple(_MONTHS)


def query_of(key: str) -> Query:
    """Return the registered query of a metric of sales."""
    if key in _MONTHS:
        numerator, denominator = _MONTHS[key]
        return Query(_BY_MONTH.format(numerator=numerator, denominator=denominator))
    numerator, denominator = _DAYS[key]
    return Query(_BY_DAY.format(numerator=numerator, denominator=denominator), _in_base_currency)


def store_days(*, first: dt.date, last: dt.date, at: dt.datetime) -> None:
    """Store the daily metrics of these days; days without sales lose theirs."""
    metrics.refresh(keys=DAILY, first=first, last=last, at=at)


def store_months(*, first: dt.date, last: dt.date, at: dt.datetime) -> None:
    """Store the monthly metrics, each on the first day of its month."""
    metrics.refresh(keys=MONTHLY, first=first, last=last, at=at)


def _in_base_currency(first: dt.date, last: dt.date) -> Sequence[object]:
    return [first, last, BASE_CURRENCY]
