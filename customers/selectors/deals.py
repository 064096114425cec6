"""What customers really paid: the rows that prove a former price (CAT-4.2-02)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any, Final

from django.db import connection

from catalog.ports import Deal, Deals
from ops.engines.kernel.arrays import array

MOST_NAMED: Final = 5

# A deal is a sale line of an order that was paid for, or taken over as done, and not cancelled. Its
# price is the net one of the line; gifts and corrections are no deals.
_LOWEST: Final = """
SELECT sku_id, number, line_no, price, quantity, at, deals FROM (
    SELECT l.sku_id, o.number, l.line_no, p.price, l.quantity,
           coalesce(o.paid_at, o.placed_at) AS at,
           count(*) OVER (PARTITION BY l.sku_id) AS deals,
           row_number() OVER (PARTITION BY l.sku_id
                              ORDER BY p.price, o.placed_at, o.id, l.line_no) AS place
    FROM customers_orderline l JOIN customers_order o ON o.id = l.order_id
    CROSS JOIN LATERAL (SELECT CASE WHEN l.discount = 0 THEN l.unit_price
                               ELSE round(l.amount / l.quantity, 6) END AS price) p
    WHERE l.sku_id = ANY (%(skus)s::bigint[]) AND l.kind = 'sale' AND l.quantity > 0
      AND o.kind = 'sale' AND o.state NOT IN ('placed', 'cancelled')
      AND o.channel_id = %(channel)s
      AND coalesce(o.paid_at, o.placed_at) >= %(since)s
      AND coalesce(o.paid_at, o.placed_at) < %(until)s
) ranked
WHERE place <= %(most)s
ORDER BY sku_id, place
"""


def lowest_deals(
    *, sku_ids: Collection[int], channel_id: int, since: dt.datetime, until: dt.datetime
) -> dict[int, Deals]:
    """Return how often each SKU was really sold in a window, and its cheapest deals.

    Fills the port `catalog.lowest_deals`; SKUs nobody bought are absent. One query.
    """
    values: dict[str, Any] = {
        "skus": array(sku_ids),
        "channel": channel_id,
        "since": since,
        "until": until,
        "most": MOST_NAMED,
    }
    found: dict[int, list[Deal]] = {}
    counts: dict[int, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(_LOWEST, values)
        for sku_id, number, line_no, price, quantity, at, count in cursor.fetchall():
            found.setdefault(sku_id, []).append(Deal(number, line_no, price, quantity, at))
            counts[sku_id] = count
    return {sku_id: Deals(counts[sku_id], deals) for sku_id, deals in found.items()}
