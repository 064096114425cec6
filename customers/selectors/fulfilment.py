"""How an order leaves: its pieces by part, which are held, which are gone, what may go together."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db import connection

from catalog.choices.goods import SkuKind
from customers.choices import OrderState
from customers.models import OrderPart
from customers.selectors.book import SOURCE
from inventory.choices import ShipmentState
from inventory.selectors import shipments, stock
from ops.engines.kernel.actor import Actor

_READER = Actor.system("customers.orders")
_PIECES = """
SELECT l.order_id, coalesce(p.part_no, 1), l.line_no, coalesce(p.source_line, l.line_no), l.sku_id,
       coalesce(p.quantity, l.quantity)
  FROM customers_orderline l
  JOIN catalog_sku k ON k.id = l.sku_id AND k.kind = %(goods)s
  LEFT JOIN customers_orderpart p ON p.order_id = l.order_id AND p.line_no = l.line_no
 WHERE l.order_id = ANY(%(orders)s::bigint[])
 ORDER BY l.order_id, 2, l.line_no
"""
_ALIKE = """
WITH mine AS (
    SELECT o.id, o.channel_id, o.customer_id, o.warehouse_id, r.index
      FROM customers_order o JOIN customers_orderrecipient r ON r.order_id = o.id
     WHERE o.id = ANY(%(orders)s::bigint[]) AND o.state = %(ready)s AND o.hold_reason = '')
SELECT m.id, array_agg(o.id ORDER BY o.id)
  FROM mine m
  JOIN customers_orderrecipient r ON r.index = m.index
  JOIN customers_order o ON o.id = r.order_id
   AND (o.channel_id, o.customer_id, o.warehouse_id)
       = (m.channel_id, m.customer_id, m.warehouse_id)
   AND o.state = %(ready)s AND o.hold_reason = ''
 WHERE NOT EXISTS (SELECT 1 FROM customers_orderpart p WHERE p.order_id IN (o.id, m.id))
 GROUP BY m.id HAVING count(*) > 1
"""


@dataclass(frozen=True, slots=True)
class Piece:
    """Pieces of a line that leave together; `source_line` names them to stock."""

    order_id: int
    part_no: int
    line_no: int
    source_line: int
    sku_id: int
    quantity: int

    @property
    def held_for(self) -> tuple[int, int]:
        """Return what stock holds the pieces for: order and line."""
        return self.order_id, self.source_line


@dataclass(frozen=True, slots=True)
class Together:
    """What an order may share a parcel with: others like it, and those it shares one with now."""

    alike: int = 0
    joined: int = 0


def pieces(*, order_ids: Collection[int]) -> list[Piece]:
    """Return the goods of orders, part by part; an undivided order is part 1. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_PIECES, {"orders": list(order_ids), "goods": SkuKind.GOODS.value})
        return [Piece(*row) for row in cursor.fetchall()]


def gone(*, order_ids: Collection[int]) -> set[int]:
    """Return the orders of which every piece has left the house. Two statements."""
    left = held(order_ids=order_ids, states=("consumed",))
    found = pieces(order_ids=order_ids)
    inside = {piece.order_id for piece in found if piece.held_for not in left}
    return {piece.order_id for piece in found} - inside


def held(
    *, order_ids: Collection[int], states: Collection[str] = ("open",)
) -> set[tuple[int, int]]:
    """Return (order, line held for) of reservations in these states."""
    rows = stock.reservations(actor=_READER).filter(
        source_type=SOURCE, source_id__in=order_ids, state__in=states
    )
    return set(rows.values_list("source_id", "source_line"))


def divided(*, order_ids: Collection[int]) -> set[int]:
    """Return the orders that leave in more than one part."""
    return set(OrderPart.objects.filter(order_id__in=order_ids).values_list("order_id", flat=True))


def alike(*, order_ids: Collection[int]) -> dict[int, list[int]]:
    """Return for each order the orders, itself among them, that may go out in one parcel with it.

    Same buyer, recipient and address (compared by keyed hash), channel and warehouse; allocated,
    not held, not divided. Orders alone are left out.
    """
    if not order_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_ALIKE, {"orders": list(order_ids), "ready": OrderState.ALLOCATED.value})
        return dict(cursor.fetchall())


def together(*, order_ids: Collection[int]) -> dict[int, Together]:
    """Return what orders may share, or share, a parcel with; two statements for a page."""
    groups = alike(order_ids=order_ids)
    everyone = {pk for group in groups.values() for pk in group}
    live = _live_parcels(everyone)
    found = {}
    for pk, group in groups.items():
        state, parcel = live.get(pk, (ShipmentState.OPEN, None))
        mates = [o for o in group if o != pk and parcel and live.get(o, ("", None))[1] == parcel]
        fit = [o for o in group if live.get(o, (ShipmentState.OPEN, None))[0] == ShipmentState.OPEN]
        is_free = state == ShipmentState.OPEN and len(fit) > 1 and len(mates) + 1 < len(fit)
        found[pk] = Together(len(fit) if is_free else 0, len(mates) + 1 if mates else 0)
    return found


def _live_parcels(order_ids: Collection[int]) -> Mapping[int, tuple[str, int | None]]:
    if not order_ids:
        return {}
    rows = (
        shipments.shipments(actor=_READER)
        .filter(source_type=SOURCE, source_id__in=order_ids)
        .exclude(state=ShipmentState.CANCELLED)
        .order_by("pk")
    )
    return {
        order_id: (state, parcel)
        for order_id, state, parcel in rows.values_list("source_id", "state", "parcel_id")
    }
