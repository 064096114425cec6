"""Facts finance waits for: each becomes vouchers once, in the transaction of its receipt.

Vouchers of history open the months they need; live months are opened by the calendar.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.utils import timezone

from customers.events import OrderShipped, OrdersImported, ReturnAccepted, ReturnsImported
from finance.services import posting
from inventory.events import (
    CountPosted,
    GoodsReturned,
    GoodsShipped,
    MovesImported,
    ReceiptPosted,
)
from inventory.selectors import values
from ops.engines.events.facts import Fact
from ops.engines.events.handling import subscribe
from ops.engines.kernel.actor import Actor

_ACTOR = Actor.system("finance.posting")


@subscribe(ReceiptPosted)
def post_receipts(facts: Sequence[ReceiptPosted]) -> None:
    """Book goods received."""
    _post_stock("inventory.receipt", [fact.receipt_id for fact in facts])


@subscribe(GoodsShipped)
def post_shipments(facts: Sequence[GoodsShipped]) -> None:
    """Book the cost of goods sold."""
    _post_stock("inventory.shipment", [fact.shipment_id for fact in facts])


@subscribe(GoodsReturned)
def post_goods_returns(facts: Sequence[GoodsReturned]) -> None:
    """Book the cost of goods that came back."""
    keys = [fact.return_key for fact in facts]
    _post_stock("inventory.goodsreturn", values.return_ids(keys=keys))


@subscribe(CountPosted)
def post_counts(facts: Sequence[CountPosted]) -> None:
    """Book the differences of approved counts."""
    _post_stock("inventory.stockcount", [fact.count_id for fact in facts])


@subscribe(MovesImported)
def post_history_moves(facts: Sequence[MovesImported]) -> None:
    """Book the value of stock history, by day and reason."""
    _post_stock("inventory.history", [fact.batch_id for fact in facts])


@subscribe(OrderShipped)
def post_sales(facts: Sequence[OrderShipped]) -> None:
    """Book revenue, receivable and output VAT, and what gifts cost their promotions."""
    days, at = _days(facts, "order_id"), timezone.now()
    posting.post_sales(order_days=days, actor=_ACTOR, at=at)
    posting.post_gifts(order_days=days, actor=_ACTOR, at=at)


@subscribe(OrdersImported)
def post_history_sales(facts: Sequence[OrdersImported]) -> None:
    """Book the revenue of imported history."""
    for fact in facts:
        posting.post_sales(batch_id=fact.batch_id, actor=_ACTOR, at=timezone.now())


@subscribe(ReturnAccepted)
def post_returns(facts: Sequence[ReturnAccepted]) -> None:
    """Book what is owed to buyers, and gifts that came back."""
    days, at = _days(facts, "return_id"), timezone.now()
    posting.post_returns(return_days=days, actor=_ACTOR, at=at)
    posting.post_gift_returns(return_days=days, actor=_ACTOR, at=at)


@subscribe(ReturnsImported)
def post_history_returns(facts: Sequence[ReturnsImported]) -> None:
    """Book the returns of imported history."""
    for fact in facts:
        posting.post_returns(batch_id=fact.batch_id, actor=_ACTOR, at=timezone.now())


def _post_stock(source_type: str, source_ids: Sequence[int]) -> None:
    posting.post_stock(
        source_type=source_type, source_ids=source_ids, actor=_ACTOR, at=timezone.now()
    )


def _days(facts: Sequence[Fact], key: str) -> dict[int, dt.date]:
    days: dict[int, dt.date] = {}
    for fact in facts:
        if fact.dated_on is None:
            # Never dropped silently: the delivery is parked where people see it.
            raise ValueError(f"{fact.name} says no business day")
        days[getattr(fact, key)] = fact.dated_on
    return days
