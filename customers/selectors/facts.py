"""Sales facts for analysis: set-based sums of the order book, asked by day or by month.

Definitions: turnover (GMV) counts sale lines only; a return counts by its own day; scope `merch`
is what is kept in stock (SKU kind goods), scope `all` is everything. Amounts stay exact decimals.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

from catalog.choices.goods import SkuKind
from customers.choices import LineKind

# Every line of every document, signed the way it counts; `doc` is unique across both tables.
_LINES = """
    SELECT o.business_day AS day, o.channel_id, o.country, o.customer_id,
           o.id AS order_id, NULL::bigint AS return_id, s.kind = %(goods)s AS is_merch,
           l.kind = %(sale)s AS is_sale, l.quantity, l.amount
      FROM customers_order o
      JOIN customers_orderline l ON l.order_id = o.id
      JOIN catalog_sku s ON s.id = l.sku_id
     WHERE o.state <> 'cancelled' AND o.business_day BETWEEN %(first)s AND %(last)s
       AND (%(channels)s::bigint[] IS NULL OR o.channel_id = ANY(%(channels)s::bigint[]))
    UNION ALL
    SELECT r.business_day, r.channel_id, r.country, r.customer_id,
           NULL, r.id, s.kind = %(goods)s, FALSE, l.quantity, l.amount
      FROM customers_return r
      JOIN customers_returnline l ON l.back_id = r.id
      JOIN catalog_sku s ON s.id = l.sku_id
     WHERE r.state NOT IN ('requested', 'refused')
       AND r.business_day BETWEEN %(first)s AND %(last)s
       AND (%(channels)s::bigint[] IS NULL OR r.channel_id = ANY(%(channels)s::bigint[]))
"""

_SUMS = """
    count(*) AS lines,
    count(DISTINCT order_id) FILTER (WHERE is_sale) AS orders,
    count(DISTINCT return_id) AS cancel_docs,
    coalesce(sum(quantity) FILTER (WHERE is_sale), 0)::bigint AS units,
    coalesce(sum(amount) FILTER (WHERE is_sale), 0) AS gmv,
    coalesce(sum(amount) FILTER (WHERE return_id IS NOT NULL), 0) AS returns
"""

_DAYS = f"""
WITH line AS ({_LINES}),
scoped AS (SELECT 'all' AS scope, * FROM line UNION ALL SELECT 'merch', * FROM line WHERE is_merch)
SELECT day, channel_id, country, scope, {_SUMS}
  FROM scoped GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
"""  # noqa: S608 - constants only

_MONTHS = f"""
WITH line AS ({_LINES}),
scoped AS (SELECT 'all' AS scope, * FROM line UNION ALL SELECT 'merch', * FROM line WHERE is_merch),
sums AS (
    SELECT date_trunc('month', day)::date AS month, scope, {_SUMS}
      FROM scoped WHERE day >= %(from_month)s
     GROUP BY GROUPING SETS ((1, scope), (scope))),
buyer AS (
    SELECT date_trunc('month', day)::date AS month, scope, customer_id,
           count(DISTINCT order_id) AS orders
      FROM scoped WHERE is_sale AND customer_id IS NOT NULL GROUP BY 1, 2, 3),
seen AS (
    SELECT month, scope, orders,
           month > min(month) OVER (PARTITION BY scope, customer_id) AS is_returning FROM buyer),
whole AS (
    SELECT scope, sum(orders) AS orders
      FROM buyer WHERE month >= %(from_month)s GROUP BY scope, customer_id),
people AS (
    SELECT month, scope, count(*) AS customers,
           count(*) FILTER (WHERE orders >= 2) AS repeat_in_month,
           count(*) FILTER (WHERE is_returning) AS returners
      FROM seen WHERE month >= %(from_month)s GROUP BY 1, 2
    UNION ALL
    SELECT NULL, scope, count(*), count(*) FILTER (WHERE orders >= 2), NULL
      FROM whole GROUP BY scope)
SELECT s.month, s.scope, lines, orders, cancel_docs, units, gmv, returns,
       coalesce(customers, 0), coalesce(repeat_in_month, 0),
       CASE WHEN s.month IS NOT NULL THEN coalesce(returners, 0) END
  FROM sums s LEFT JOIN people p ON p.scope = s.scope AND p.month IS NOT DISTINCT FROM s.month
 ORDER BY s.scope, s.month NULLS LAST
"""  # noqa: S608 - constants only


@dataclass(frozen=True, slots=True)
class SalesDay:
    """Sums of one day, channel, country and scope; amounts exact in the channel's currency."""

    day: dt.date
    channel_id: int
    country: str
    scope: str
    lines: int
    orders: int
    cancel_docs: int
    units: int
    gmv: Decimal
    returns: Decimal


@dataclass(frozen=True, slots=True)
class SalesMonth:
    """Sums of one month and scope, with its distinct customers; month None is all of them.

    `returning` are customers who also bought in an earlier month since `since`; over all months
    it has no meaning and is None.
    """

    month: dt.date | None
    scope: str
    lines: int
    orders: int
    cancel_docs: int
    units: int
    gmv: Decimal
    returns: Decimal
    customers: int
    repeat_in_month: int
    returning: int | None


def sales_days(
    *,
    first: dt.date,
    last: dt.date,
    channel_ids: Iterable[int] | None = None,
    using: str = DEFAULT_DB_ALIAS,
) -> list[SalesDay]:
    """Return the sums by day, channel, country and scope (MKT-5.4-04, MKT-5.4-05)."""
    with connections[using].cursor() as cursor:
        cursor.execute(_DAYS, _parameters(first, last, channel_ids))
        return [SalesDay(*row) for row in cursor.fetchall()]


def sales_months(
    *,
    first: dt.date,
    last: dt.date,
    channel_ids: Iterable[int] | None = None,
    since: dt.date | None = None,
    using: str = DEFAULT_DB_ALIAS,
) -> list[SalesMonth]:
    """Return the sums by month and scope, and over all; `since` is where history begins."""
    parameters = _parameters(since or first, last, channel_ids)
    with connections[using].cursor() as cursor:
        cursor.execute(_MONTHS, {**parameters, "from_month": first.replace(day=1)})
        return [SalesMonth(*row) for row in cursor.fetchall()]


def _parameters(first: dt.date, last: dt.date, channel_ids: Iterable[int] | None) -> dict[str, Any]:
    return {
        "first": first,
        "last": last,
        "channels": None if channel_ids is None else sorted(channel_ids),
        "goods": SkuKind.GOODS.value,
        "sale": LineKind.SALE.value,
    }
