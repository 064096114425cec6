"""Real orders as the catalogue replays them under a proposal (CAT-4.2-01, CAT-4.4-02)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Final

from django.urls import reverse

from catalog.ports import OrderQuery
from customers.models import Order

# What was really sold: paid for, or taken over as done, and not cancelled. Gifts and corrections
# are no demand. Imports carry the channel's own net price of a piece.
_SOLD: Final = """
SELECT o.id AS order_id, o.number, o.customer_id,
       CASE WHEN %(sold_with_first)s THEN o.customer_id IS NOT NULL AND NOT EXISTS (
           SELECT 1 FROM customers_order e
           WHERE e.customer_id = o.customer_id AND e.id <> o.id AND e.kind = 'sale'
             AND e.state NOT IN ('placed', 'cancelled')
             AND (e.placed_at, e.id) < (o.placed_at, o.id)) END AS is_first,
       l.line_no, l.sku_id, l.quantity,
       CASE WHEN l.discount = 0 THEN l.unit_price ELSE round(l.amount / l.quantity, 6) END
           AS unit_price, l.amount, o.business_day, o.placed_at, o.tier
FROM customers_order o JOIN customers_orderline l ON l.order_id = o.id
WHERE o.channel_id = %(sold_channel)s AND o.currency = %(sold_currency)s
  AND o.business_day BETWEEN %(sold_first)s AND %(sold_last)s
  AND o.kind = 'sale' AND o.state NOT IN ('placed', 'cancelled')
  AND l.kind = 'sale' AND l.quantity > 0
"""


def recent_orders(
    *, channel_id: int, currency: str, first: dt.date, last: dt.date, with_first: bool
) -> OrderQuery:
    """Return the query over the real orders of a channel; fills `catalog.recent_orders`."""
    return OrderQuery(
        _SOLD,
        {
            "sold_channel": channel_id,
            "sold_currency": currency,
            "sold_first": first,
            "sold_last": last,
            "sold_with_first": with_first,
        },
    )


def order_links(*, numbers: Collection[str]) -> dict[str, str]:
    """Return the address of each order's page; fills `catalog.order_links`."""
    return {number: reverse("customers:order", args=[number]) for number in numbers}


def users(*, ids: Collection[int]) -> dict[int, tuple[str, str]]:
    """Return number and page of orders by id; fills `catalog.used_by`."""
    rows = Order.objects.filter(pk__in=ids).values_list("pk", "number")
    return {pk: (number, reverse("customers:order", args=[number])) for pk, number in rows}
