"""What finance must book of orders and returns, read as plain rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from customers.choices import OrderKind
from customers.models import Order, Return


@dataclass(frozen=True, slots=True)
class DocumentAmounts:
    """A shipped order or an accepted return: gross total and the tax in it, in its currency."""

    id: int
    number: str
    business_day: dt.date
    currency: str
    channel_id: int
    total: Decimal
    tax: Decimal


_COLUMNS = ("id", "number", "business_day", "currency", "channel_id", "total", "tax")


def orders_for_posting(
    *, order_ids: Iterable[int] | None = None, batch_id: int | None = None
) -> list[DocumentAmounts]:
    """Return the sale orders with an amount, by id or by import batch (FIN-7.1-02)."""
    rows = Order.objects.filter(kind=OrderKind.SALE).exclude(total=0)
    rows = (
        rows.filter(pk__in=order_ids) if order_ids is not None else rows.filter(batch_id=batch_id)
    )
    return [DocumentAmounts(*row) for row in rows.order_by("id").values_list(*_COLUMNS)]


def returns_for_posting(
    *, return_ids: Iterable[int] | None = None, batch_id: int | None = None
) -> list[DocumentAmounts]:
    """Return the accepted returns with an amount, by id or by import batch (FIN-7.1-02)."""
    rows = Return.objects.exclude(total=0).exclude(state__in=["requested", "refused"])
    rows = (
        rows.filter(pk__in=return_ids) if return_ids is not None else rows.filter(batch_id=batch_id)
    )
    return [DocumentAmounts(*row) for row in rows.order_by("id").values_list(*_COLUMNS)]
