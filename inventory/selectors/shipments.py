"""Shipments as they are read."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from django.db import connection
from django.db.models import QuerySet

from inventory.choices import ShipmentState
from inventory.models import GoodsReturn, Pick, Shipment, ShipmentLine
from inventory.selectors.stock import scopes_of
from inventory.types import Source
from ops.engines.kernel.actor import Actor

_COST = """
SELECT sum(m.value), bool_and(m.is_costed)
FROM inventory_shipment s
JOIN inventory_move m ON m.source_type = 'inventory.shipment' AND m.source_id = s.id
                     AND m.reason = 'sale'
WHERE s.source_type = %s AND s.source_id = %s
"""


def shipments(*, actor: Actor) -> QuerySet[Shipment]:
    """Return the shipments of the actor's warehouses."""
    every = Shipment.objects.select_related("warehouse")
    ids = scopes_of(actor)
    return every if ids is None else every.filter(warehouse_id__in=ids)


def lines(*, shipment_id: int) -> QuerySet[ShipmentLine]:
    """Return the lines of a shipment with their SKUs."""
    return ShipmentLine.objects.filter(shipment_id=shipment_id).select_related("sku")


def picks(*, shipment_id: int) -> QuerySet[Pick]:
    """Return where the pieces of a shipment come from, in the order of the lines."""
    return (
        Pick.objects.filter(line__shipment_id=shipment_id)
        .select_related("sku", "lot", "location", "line")
        .order_by("line__line_no", "id")
    )


def goods_returns(*, actor: Actor) -> QuerySet[GoodsReturn]:
    """Return what came back to the actor's warehouses."""
    every = GoodsReturn.objects.select_related("warehouse")
    ids = scopes_of(actor)
    return every if ids is None else every.filter(warehouse_id__in=ids)


def held_on_parcels(*, source_type: str, source_ids: Collection[int]) -> set[int]:
    """Return the reservations of these documents which a shipment that is not cancelled carries."""
    rows = ShipmentLine.objects.filter(
        shipment__source_type=source_type, shipment__source_id__in=source_ids
    ).exclude(shipment__state=ShipmentState.CANCELLED)
    return set(rows.values_list("reservation_id", flat=True))


def cost_of(*, source: Source) -> tuple[Decimal, bool] | None:
    """Return what a document's shipped goods cost and whether all were costed; None before."""
    with connection.cursor() as cursor:
        cursor.execute(_COST, [source.type, source.id])
        value, is_costed = cursor.fetchone()
    return None if value is None else (value, is_costed)


def sources(*, shipment_ids: list[int]) -> dict[int, Source]:
    """Return the document each shipment was opened for; for handlers of GoodsShipped."""
    rows = Shipment.objects.filter(pk__in=shipment_ids).values_list(
        "id", "source_type", "source_id"
    )
    return {pk: Source(type=kind, id=document) for pk, kind, document in rows}
