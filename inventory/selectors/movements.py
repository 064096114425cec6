"""The stock ledger as it is read: pages, sums by reason, closings, and where goods went."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection
from django.db.models import Q, QuerySet

from inventory.models import Lot, Move, Shipment
from inventory.selectors import stock
from inventory.types import Source
from ops.engines.kernel.actor import Actor

# Signed as the house sees it: in from outside, out to outside; what only changed its place is left
# out, and so is opening stock, which is no movement.
BY_REASON = """
SELECT to_char(m.business_day, 'YYYY-MM') AS month, m.reason, count(*) AS lines,
       sum(CASE WHEN t.is_internal THEN m.quantity ELSE -m.quantity END)::bigint AS units
FROM inventory_move m
JOIN inventory_location f ON f.id = m.from_location_id
JOIN inventory_location t ON t.id = m.to_location_id
WHERE m.business_day BETWEEN %(first)s AND %(last)s AND f.is_internal <> t.is_internal
  AND m.reason <> 'opening'
  AND (%(scopes)s::bigint[] IS NULL
       OR coalesce(f.warehouse_id, t.warehouse_id) = ANY (%(scopes)s::bigint[]))
GROUP BY 1, 2 ORDER BY 1, 2
"""
CLOSING = """
SELECT k.code, sum(CASE WHEN t.warehouse_id IS NOT NULL THEN m.quantity ELSE 0 END
                   - CASE WHEN f.warehouse_id IS NOT NULL THEN m.quantity ELSE 0 END)::bigint
FROM inventory_move m
JOIN inventory_location a ON a.id = m.from_location_id
JOIN inventory_location b ON b.id = m.to_location_id
LEFT JOIN inventory_location f ON f.id = a.id AND f.is_internal
     AND (%(scopes)s::bigint[] IS NULL OR f.warehouse_id = ANY (%(scopes)s::bigint[]))
LEFT JOIN inventory_location t ON t.id = b.id AND t.is_internal
     AND (%(scopes)s::bigint[] IS NULL OR t.warehouse_id = ANY (%(scopes)s::bigint[]))
JOIN catalog_sku k ON k.id = m.sku_id
WHERE m.business_day <= %(last)s AND (f.id IS NOT NULL OR t.id IS NOT NULL)
GROUP BY k.code ORDER BY k.code COLLATE "C"
"""


@dataclass(frozen=True, slots=True)
class Trace:
    """Where goods came from and where they went: the moves, and the parcels they left in."""

    moves: tuple[Move, ...]
    shipments: tuple[Shipment, ...]


def moves(*, actor: Actor) -> QuerySet[Move]:
    """Return the moves that touch the actor's warehouses."""
    every = Move.objects.select_related("sku", "lot", "from_location", "to_location")
    ids = stock.scopes_of(actor)
    if ids is None:
        return every
    return every.filter(
        Q(from_location__warehouse_id__in=ids) | Q(to_location__warehouse_id__in=ids)
    )


def movements_by_reason(
    *, first: date, last: date, warehouse_ids: Collection[int] | None = None
) -> list[tuple[str, str, int, int]]:
    """Return (month, reason, lines, signed pieces) of what came in and went out."""
    with connection.cursor() as cursor:
        cursor.execute(BY_REASON, {"first": first, "last": last, "scopes": _ids(warehouse_ids)})
        return list(cursor.fetchall())


def closing(
    *, last: date, warehouse_ids: Collection[int] | None = None
) -> Iterator[tuple[str, int]]:
    """Return (SKU code, pieces owned) at the end of a day, every SKU that ever moved until then."""
    with connection.cursor() as cursor:
        cursor.execute(CLOSING, {"last": last, "scopes": _ids(warehouse_ids)})
        return iter(cursor.fetchall())


def trace_document(*, source: Source, actor: Actor, limit: int = 200) -> Trace:
    """Return the moves of a document and of the shipments made for it."""
    shipments = tuple(
        Shipment.objects.filter(source_type=source.type, source_id=source.id).order_by("id")
    )
    mine = Q(source_type=source.type, source_id=source.id) | Q(
        source_type="inventory.shipment", source_id__in=[one.pk for one in shipments]
    )
    return Trace(tuple(moves(actor=actor).filter(mine).order_by("id")[:limit]), shipments)


def trace_lot(*, lot: Lot, actor: Actor, limit: int = 200) -> Trace:
    """Return every move of a lot and the shipments that carried it, in the order of time."""
    found = tuple(moves(actor=actor).filter(lot=lot).order_by("id")[:limit])
    carried = [move.source_id for move in found if move.source_type == "inventory.shipment"]
    return Trace(found, tuple(Shipment.objects.filter(pk__in=carried).order_by("id")))


def trace_supplier(*, code: str, actor: Actor, limit: int = 200) -> Trace:
    """Return the newest moves of a supplier's lots and the shipments that carried them."""
    chosen = moves(actor=actor).filter(lot__supplier_code=code)
    found = tuple(chosen.order_by("-id")[:limit])
    carried = [move.source_id for move in found if move.source_type == "inventory.shipment"]
    return Trace(found, tuple(Shipment.objects.filter(pk__in=carried).order_by("id")))


def value_of(*, source_type: str, source_id: int) -> Decimal:
    """Return the value of all moves of a document."""
    values = Move.objects.filter(source_type=source_type, source_id=source_id)
    return sum(values.values_list("value", flat=True), Decimal("0.00"))


def _ids(warehouse_ids: Collection[int] | None) -> list[int] | None:
    return None if warehouse_ids is None else sorted(warehouse_ids)
