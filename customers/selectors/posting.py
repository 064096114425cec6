"""What finance must book of orders and returns, read as plain rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection
from django.db.models import F

from customers.choices import OrderKind
from customers.models import Order, Return


@dataclass(frozen=True, slots=True)
class DocumentAmounts:
    """A shipped order or an accepted return: gross total and the tax in it, in its currency.

    `shipping` is the part of the total that is the fee for shipping, net of its discount.
    """

    id: int
    number: str
    business_day: dt.date
    currency: str
    channel_id: int
    total: Decimal
    tax: Decimal
    shipping: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class GiftPieces:
    """Pieces of a SKU that a promotion gave away with an order, or that came back."""

    document_id: int
    number: str
    promotion_id: int
    promotion: str
    sku_id: int
    pieces: int


_GIVEN = """
SELECT o.id, o.number, p.id, p.number, l.sku_id, sum(l.quantity)::bigint
  FROM customers_ordergift g
  JOIN customers_orderline l ON l.order_id = g.order_id AND l.line_no = g.line_no
  JOIN customers_order o ON o.id = g.order_id
  JOIN catalog_promotion p ON p.id = g.promotion_id
 WHERE g.order_id = ANY(%s::bigint[])
 GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 3, 5
"""
_GIVEN_BACK = """
SELECT r.id, r.number, p.id, p.number, l.sku_id, sum(l.quantity)::bigint
  FROM customers_return r
  JOIN customers_returnline l ON l.back_id = r.id
  JOIN customers_ordergift g ON g.order_id = r.order_id AND g.line_no = l.line_no
  JOIN catalog_promotion p ON p.id = g.promotion_id
 WHERE r.id = ANY(%s::bigint[]) AND r.state NOT IN ('requested', 'refused')
 GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 3, 5
"""
_COLUMNS = ("id", "number", "business_day", "currency", "channel_id", "total", "tax")


def orders_for_posting(
    *, order_ids: Iterable[int] | None = None, batch_id: int | None = None
) -> list[DocumentAmounts]:
    """Return the sale orders with an amount, by id or by import batch (FIN-7.1-02)."""
    rows = Order.objects.filter(kind=OrderKind.SALE).exclude(total=0)
    rows = (
        rows.filter(pk__in=order_ids) if order_ids is not None else rows.filter(batch_id=batch_id)
    )
    fee = F("shipping") - F("shipping_discount")
    return [DocumentAmounts(*row) for row in rows.order_by("id").values_list(*_COLUMNS, fee)]


def returns_for_posting(
    *, return_ids: Iterable[int] | None = None, batch_id: int | None = None
) -> list[DocumentAmounts]:
    """Return the accepted returns with an amount, by id or by import batch (FIN-7.1-02)."""
    rows = Return.objects.exclude(total=0).exclude(state__in=["requested", "refused"])
    rows = (
        rows.filter(pk__in=return_ids) if return_ids is not None else rows.filter(batch_id=batch_id)
    )
    columns = (*_COLUMNS, "shipping")
    return [DocumentAmounts(*row) for row in rows.order_by("id").values_list(*columns)]


def gifts_of_orders(*, order_ids: Iterable[int]) -> list[GiftPieces]:
    """Return what promotions gave away with orders (CAT-4.4-07)."""
    return _gifts(_GIVEN, order_ids)


def gifts_of_returns(*, return_ids: Iterable[int]) -> list[GiftPieces]:
    """Return which gifts came back with accepted returns (CAT-4.4-07)."""
    return _gifts(_GIVEN_BACK, return_ids)


def _gifts(statement: str, ids: Iterable[int]) -> list[GiftPieces]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(ids)])
        return [GiftPieces(*row) for row in cursor.fetchall()]
