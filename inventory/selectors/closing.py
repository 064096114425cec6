"""Totals of days and months, and the documents that are still open when a day ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.db import connection
from django.db.models import QuerySet

from inventory.choices import ShipmentState
from inventory.models import DayClose, MonthClose, Move, Shipment
from inventory.selectors.stock import scopes_of
from inventory.types import DayTotals, MonthTotals, UnpostedDocument
from ops.engines.kernel.actor import Actor

_DAY = """
SELECT count(DISTINCT m.id),
       coalesce(sum(m.quantity) FILTER (WHERE NOT m.leaves AND NOT m.stays), 0)::bigint,
       coalesce(sum(m.quantity) FILTER (WHERE m.leaves), 0)::bigint,
       coalesce(sum(m.value) FILTER (WHERE NOT m.leaves AND NOT m.stays), 0.00),
       coalesce(sum(m.value) FILTER (WHERE m.leaves), 0.00),
       count(DISTINCT m.id) FILTER (WHERE m.document_day IS NOT NULL),
       encode(sha256(convert_to(coalesce(string_agg(concat_ws('|', m.id, m.sku_id, m.lot_id,
           m.from_location_id, m.to_location_id, m.quantity, m.value, m.leaves), E'\\n'
           ORDER BY m.id, m.leaves), ''), 'UTF8')), 'hex')
FROM (SELECT v.*, l.id = v.from_location_id
                      AND (o.warehouse_id IS DISTINCT FROM l.warehouse_id) AS leaves,
             o.warehouse_id IS NOT DISTINCT FROM l.warehouse_id AS stays
      FROM inventory_move v
      JOIN inventory_location l ON l.id IN (v.from_location_id, v.to_location_id)
                               AND l.warehouse_id = %(warehouse)s
      JOIN inventory_location o ON o.id = v.from_location_id + v.to_location_id - l.id
      WHERE v.business_day = %(day)s) m
"""
# What every SKU and warehouse ended a day with: moves across the warehouse's border, summed.
CLOSING = """
SELECT sku_id, warehouse_id, sum(quantity)::bigint AS quantity, sum(value) AS value
FROM (SELECT m.sku_id, t.warehouse_id, m.quantity, m.value
      FROM inventory_move m
      JOIN inventory_location f ON f.id = m.from_location_id
      JOIN inventory_location t ON t.id = m.to_location_id AND t.is_internal
      WHERE m.business_day <= %(last)s AND f.warehouse_id IS DISTINCT FROM t.warehouse_id
      UNION ALL
      SELECT m.sku_id, f.warehouse_id, -m.quantity, -m.value
      FROM inventory_move m
      JOIN inventory_location f ON f.id = m.from_location_id AND f.is_internal
      JOIN inventory_location t ON t.id = m.to_location_id
      WHERE m.business_day <= %(last)s AND f.warehouse_id IS DISTINCT FROM t.warehouse_id) x
GROUP BY sku_id, warehouse_id
"""
_MONTH = f"""
SELECT (SELECT count(*) FROM inventory_move WHERE business_day <= %(last)s
            AND business_day >= date_trunc('month', %(last)s::date)),
       coalesce(sum(c.quantity), 0)::bigint, coalesce(sum(c.value), 0.00),
       encode(sha256(convert_to(coalesce(string_agg(concat_ws('|', c.warehouse_id, c.sku_id,
           c.quantity, c.value), E'\\n' ORDER BY c.warehouse_id, c.sku_id), ''), 'UTF8')), 'hex')
FROM ({CLOSING}) c
"""  # noqa: S608 - made of constants


def day_totals(*, warehouse_id: int, day: date) -> DayTotals:
    """Return a day's figures of a warehouse and the hash over its moves."""
    with connection.cursor() as cursor:
        cursor.execute(_DAY, {"warehouse": warehouse_id, "day": day})
        return DayTotals(*cursor.fetchone())


def month_totals(*, last: date) -> MonthTotals:
    """Return what the house owned after a day, and the hash over every line of it."""
    with connection.cursor() as cursor:
        cursor.execute(_MONTH, {"last": last})
        return MonthTotals(*cursor.fetchone())


def unposted_documents(*, day: date) -> list[UnpostedDocument]:
    """Return the documents that were begun until a day and whose goods are not posted yet."""
    return [document for find in FINDERS for document in find(day)]


def _shipments(day: date) -> list[UnpostedDocument]:
    rows = Shipment.objects.filter(
        state__in=[ShipmentState.PICKED, ShipmentState.PACKED], picked_at__date__lte=day
    ).order_by("warehouse_id", "id")
    return [
        UnpostedDocument("shipment", row.pk, row.number, row.state, row.warehouse_id)
        for row in rows
    ]


# Each kind of document adds its own finder here.
FINDERS: list[Callable[[date], list[UnpostedDocument]]] = [_shipments]


def late_documents(*, day: date) -> list[Move]:
    """Return the moves of a day whose documents belong to an earlier, closed one."""
    return list(Move.objects.filter(business_day=day, document_day__isnull=False).order_by("id"))


def day_closes(*, actor: Actor) -> QuerySet[DayClose]:
    """Return the closed days of the actor's warehouses."""
    every = DayClose.objects.select_related("warehouse")
    ids = scopes_of(actor)
    return every if ids is None else every.filter(warehouse_id__in=ids)


def month_closes(*, actor: Actor) -> QuerySet[MonthClose]:
    """Return the closed months; their figures are of the whole house, so is the right to see."""
    return MonthClose.objects.all() if scopes_of(actor) is None else MonthClose.objects.none()
