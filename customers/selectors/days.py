"""Which business days documents belong to, for those who keep sums by day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db import connection

_DAYS = """
SELECT business_day FROM customers_order WHERE id = ANY (%(orders)s::bigint[])
UNION SELECT business_day FROM customers_order WHERE batch_id = ANY (%(order_batches)s::bigint[])
UNION SELECT business_day FROM customers_return WHERE id = ANY (%(returns)s::bigint[])
UNION SELECT business_day FROM customers_return WHERE batch_id = ANY (%(return_batches)s::bigint[])
ORDER BY 1
"""
_BOUNDS = """
SELECT least(o.first, r.first), greatest(o.last, r.last)
  FROM (SELECT min(business_day) AS first, max(business_day) AS last FROM customers_order) o,
       (SELECT min(business_day) AS first, max(business_day) AS last FROM customers_return) r
"""


def days_of(
    *,
    order_ids: Collection[int] = (),
    return_ids: Collection[int] = (),
    order_batches: Collection[int] = (),
    return_batches: Collection[int] = (),
) -> list[dt.date]:
    """Return the business days of documents, each once, in order. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            _DAYS,
            {
                "orders": list(order_ids),
                "returns": list(return_ids),
                "order_batches": list(order_batches),
                "return_batches": list(return_batches),
            },
        )
        return [day for (day,) in cursor.fetchall()]


def bounds() -> tuple[dt.date, dt.date] | None:
    """Return the first and last business day of the order book; None while it is empty."""
    with connection.cursor() as cursor:
        cursor.execute(_BOUNDS)
        first, last = cursor.fetchone()
    return (first, last) if first is not None else None
