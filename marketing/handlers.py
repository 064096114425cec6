"""Days whose orders changed are noted; the next build does them again."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from customers.events import (
    OrderCancelled,
    OrderShipped,
    OrdersImported,
    OrdersPlaced,
    ReturnAccepted,
    ReturnsImported,
)
from customers.selectors import days
from marketing.services import facts
from ops.engines.events.handling import subscribe


@subscribe(OrdersPlaced)
def note_placed(told: Sequence[OrdersPlaced]) -> None:
    """Note the days of new orders."""
    ids = {order for fact in told for order in fact.order_ids}
    facts.note(days=days.days_of(order_ids=ids), at=timezone.now())


@subscribe(OrderShipped)
def note_shipped(told: Sequence[OrderShipped]) -> None:
    """Note the days of shipped orders."""
    facts.note(days=days.days_of(order_ids={f.order_id for f in told}), at=timezone.now())


@subscribe(OrderCancelled)
def note_cancelled(told: Sequence[OrderCancelled]) -> None:
    """Note the days of cancelled orders: they no longer count."""
    facts.note(days=days.days_of(order_ids={f.order_id for f in told}), at=timezone.now())


@subscribe(ReturnAccepted)
def note_returned(told: Sequence[ReturnAccepted]) -> None:
    """Note the days of accepted returns."""
    facts.note(days=days.days_of(return_ids={f.return_id for f in told}), at=timezone.now())


@subscribe(OrdersImported)
def note_imported_orders(told: Sequence[OrdersImported]) -> None:
    """Note every day of imported orders."""
    facts.note(days=days.days_of(order_batches={f.batch_id for f in told}), at=timezone.now())


@subscribe(ReturnsImported)
def note_imported_returns(told: Sequence[ReturnsImported]) -> None:
    """Note every day of imported returns."""
    facts.note(days=days.days_of(return_batches={f.batch_id for f in told}), at=timezone.now())
