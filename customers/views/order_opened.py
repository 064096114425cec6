"""An order as its page and its forms open it: everything read once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from customers.choices import LineKind
from customers.models import Order, OrderDiscount, OrderGift, OrderLine, OrderPart, Return
from customers.selectors import book
from customers.selectors.rows import returns_of
from customers.services.steps import SOURCE, missing
from inventory.selectors import shipments, stock
from ops.engines.kernel.actor import Actor

# What is held and where parcels are is shown to whoever may see the order.
_READER = Actor.system("customers.orders")


@dataclass(frozen=True, slots=True)
class Opened:
    """An order with what its page shows in several places, each read once."""

    order: Order
    story: book.Story
    lines: Sequence[OrderLine]
    parts: Sequence[OrderPart]
    parcels: Sequence[Any]
    held: Mapping[int, int]
    backs: Sequence[Return]
    discounts: Sequence[OrderDiscount] = ()
    gifts: Sequence[OrderGift] = ()

    @property
    def is_joined(self) -> bool:
        """Say whether it shares a parcel."""
        return any(parcel.parcel_id for parcel in self.parcels)


def find(number: str, actor: Actor) -> Order:
    """Return an order by number; raises OrderMissing."""
    return _found(book.orders(actor=actor), number)


def _found(rows: QuerySet[Order], number: str) -> Order:
    order = rows.filter(number=number).first()
    if order is None:
        raise missing()
    return order


def opened_by(number: str, actor: Actor) -> Opened:
    """Read an order and what its page shows of it; raises OrderMissing.

    Parts, returns and what promotions gave are asked for only where the order has any.
    """
    order = _found(book.with_story(book.orders(actor=actor)), number)
    story = book.Story.of(order)
    parts = OrderPart.objects.filter(order=order).order_by("part_no", "line_no")
    rows = shipments.shipments(actor=_READER).filter(source_type=SOURCE, source_id=order.pk)
    lines = list(book.lines(order_id=order.pk))
    is_off = order.shipping_discount > 0 or any(line.discount for line in lines)
    has_gifts = any(line.kind == LineKind.GIFT for line in lines)
    return Opened(
        order,
        story,
        lines,
        list(parts) if story.is_divided else [],
        list(rows.order_by("pk")),
        dict(held_lines(order)),
        returns_of(order_id=order.pk) if story.has_returns else [],
        list(book.discounts(order_id=order.pk)) if is_off else [],
        list(book.gifts(order_id=order.pk)) if has_gifts else [],
    )


def held_lines(order: Order) -> list[tuple[int, int]]:
    """Return (line held for, pieces) of what is held now."""
    rows = stock.reservations(actor=_READER).filter(
        source_type=SOURCE, source_id=order.pk, state="open"
    )
    return list(rows.values_list("source_line", "quantity"))
