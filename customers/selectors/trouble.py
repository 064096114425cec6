"""What is wrong with orders that wait: named, counted, and findable."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Final

from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from customers.choices import OrderState
from customers.models import Order
from customers.selectors import book

DUPLICATE_WITHIN: Final = dt.timedelta(hours=24)

# The same buyer asked for the same pieces of the same SKUs, close in time; one may be a slip.
_REPEATED = """
SELECT w.id FROM customers_order w
 WHERE w.state = ANY(%s::text[]) AND w.customer_id IS NOT NULL AND EXISTS (
       SELECT 1 FROM customers_order o
        WHERE o.customer_id = w.customer_id AND o.channel_id = w.channel_id AND o.id <> w.id
          AND o.state <> 'cancelled' AND o.kind = 'sale' AND o.total = w.total
          AND o.placed_at BETWEEN w.placed_at - %s::interval AND w.placed_at + %s::interval
          AND (SELECT array_agg((l.sku_id, l.quantity) ORDER BY l.sku_id, l.quantity)
                 FROM customers_orderline l WHERE l.order_id = o.id)
            = (SELECT array_agg((l.sku_id, l.quantity) ORDER BY l.sku_id, l.quantity)
                 FROM customers_orderline l WHERE l.order_id = w.id))
"""


def _held_for(*codes: str) -> Callable[[QuerySet[Order]], QuerySet[Order]]:
    def narrowed(rows: QuerySet[Order]) -> QuerySet[Order]:
        named = Q()
        for code in codes:
            named |= Q(hold_reason__contains=code)
        return book.held(rows).filter(named)

    return narrowed


def _refunding(rows: QuerySet[Order]) -> QuerySet[Order]:
    return rows.filter(state=OrderState.REFUNDING)


def _repeated(rows: QuerySet[Order]) -> QuerySet[Order]:
    states = [state.value for state in book.TO_SHIP]
    return rows.filter(
        pk__in=RawSQL(_REPEATED, [states, DUPLICATE_WITHIN, DUPLICATE_WITHIN])  # noqa: S611
    )


KINDS: Final[Mapping[str, Callable[[QuerySet[Order]], QuerySet[Order]]]] = {
    "short": _held_for("inventory.short", "inventory.reservation_broken"),
    "address": _held_for("customers.address_incomplete"),
    "refunding": _refunding,
    "price": _held_for("customers.below_price"),
    "repeated": _repeated,
}


def in_trouble(rows: QuerySet[Order], kind: str) -> QuerySet[Order]:
    """Return the orders with this trouble: one of `KINDS`, or a reason to hold by its code.

    `repeated` are suspected duplicates: the same buyer, the same goods, the same amount within a
    day of each other, not yet shipped.
    """
    return KINDS.get(kind, _held_for(kind))(rows)
