"""An order as its page and its forms open it: everything read once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from customers.models import Order, OrderLine, OrderPart, Return
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
    lines: Sequence[OrderLine]
    parts: Sequence[OrderPart]
    parcels: Sequence[Any]
    held: Mapping[int, int]
    backs: Sequence[Return]

    @property
    def is_joined(self) -> bool:
        """Say whether it shares a parcel."""
        return any(parcel.parcel_id for parcel in self.parcels)


def find(number: str, actor: Actor) -> Order:
    """Return an order by number; raises OrderMissing."""
    order = book.orders(actor=actor).filter(number=number).first()
    if order is None:
        raise missing()
    return order


def opened_by(order: Order) -> Opened:
    """Read an order and what its page shows of it."""
    rows = shipments.shipments(actor=_READER).filter(source_type=SOURCE, source_id=order.pk)
    return Opened(
        order,
        list(book.lines(order_id=order.pk)),
        list(OrderPart.objects.filter(order=order).order_by("part_no", "line_no")),
        list(rows.order_by("pk")),
        dict(held_lines(order)),
        returns_of(order_id=order.pk),
    )


def held_lines(order: Order) -> list[tuple[int, int]]:
    """Return (line held for, pieces) of what is held now."""
    rows = stock.reservations(actor=_READER).filter(
        source_type=SOURCE, source_id=order.pk, state="open"
    )
    return list(rows.values_list("source_line", "quantity"))
