"""Choosing where pieces come from: first to expire first, else first in first out."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db import connection
from django.utils.translation import gettext as _

from inventory.arrays import array
from inventory.errors import StockShort

_LOCK = """
SELECT inventory_lock_stock(array_agg(p.sku_id), array_agg(p.warehouse_id))
FROM (SELECT DISTINCT l.sku_id, s.warehouse_id
      FROM inventory_shipmentline l JOIN inventory_shipment s ON s.id = l.shipment_id
      WHERE s.id = ANY (%s::bigint[])) p
"""
# Lines and places are laid end to end per SKU and warehouse; a pick is where the two overlap.
_ALLOCATE = """
WITH line AS (
    SELECT l.id, l.sku_id, s.warehouse_id, l.quantity,
           sum(l.quantity) OVER (PARTITION BY s.warehouse_id, l.sku_id
                                 ORDER BY l.shipment_id, l.line_no) AS upto
    FROM inventory_shipmentline l JOIN inventory_shipment s ON s.id = l.shipment_id
    WHERE s.id = ANY (%(ids)s::bigint[])
), spoken AS (
    SELECT p.location_id, p.sku_id, p.lot_id, sum(p.quantity) AS quantity
    FROM inventory_pick p
    WHERE p.is_open AND p.sku_id IN (SELECT sku_id FROM line)
    GROUP BY p.location_id, p.sku_id, p.lot_id
), place AS (
    SELECT b.location_id, b.sku_id, b.lot_id, o.warehouse_id, t.expires_on, t.received_on,
           o.is_default, o.code, b.on_hand - coalesce(k.quantity, 0) AS free
    FROM inventory_balance b
    JOIN inventory_location o ON o.id = b.location_id AND o.kind = 'bin' AND o.is_active
    LEFT JOIN inventory_lot t ON t.id = b.lot_id
    LEFT JOIN spoken k ON k.location_id = b.location_id AND k.sku_id = b.sku_id
                      AND k.lot_id IS NOT DISTINCT FROM b.lot_id
    WHERE b.sku_id IN (SELECT sku_id FROM line) AND b.on_hand > coalesce(k.quantity, 0)
      AND (t.expires_on IS NULL OR t.expires_on >= %(day)s)
), laid AS (
    SELECT p.*, sum(p.free) OVER (
        PARTITION BY p.warehouse_id, p.sku_id
        ORDER BY p.expires_on NULLS LAST, p.received_on NULLS FIRST, p.lot_id NULLS FIRST,
                 p.is_default DESC, p.code, p.location_id) AS upto
    FROM place p
)
INSERT INTO inventory_pick (line_id, location_id, sku_id, lot_id, quantity, is_open)
SELECT l.id, p.location_id, p.sku_id, p.lot_id,
       least(l.upto, p.upto) - greatest(l.upto - l.quantity, p.upto - p.free), true
FROM line l
JOIN laid p ON p.sku_id = l.sku_id AND p.warehouse_id = l.warehouse_id
           AND p.upto > l.upto - l.quantity AND p.upto - p.free < l.upto
ORDER BY l.id, p.upto
"""
_UNFILLED = """
SELECT k.code, coalesce(sum(p.quantity), 0)::bigint, l.quantity
FROM inventory_shipmentline l
JOIN catalog_sku k ON k.id = l.sku_id
LEFT JOIN inventory_pick p ON p.line_id = l.id AND p.is_open
WHERE l.shipment_id = ANY (%s::bigint[])
GROUP BY l.id, k.code, l.quantity
HAVING coalesce(sum(p.quantity), 0) < l.quantity
ORDER BY l.id
"""


def allocate(*, shipment_ids: Collection[int], day: date) -> None:
    """Write the picks of locked shipments; set-based, for one shipment or thousands.

    Locks the counters ascending, so that two waves never promise the same pieces. Expired lots are
    passed over. Raises StockShort when the bins hold less than the lines need.
    """
    ids = array(shipment_ids)
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [ids])
        cursor.execute(_ALLOCATE, {"ids": ids, "day": day})
        cursor.execute(_UNFILLED, [ids])
        unfilled = cursor.fetchall()
    if unfilled:
        raise StockShort(
            "inventory.pick_short",
            _("The bins hold too little to pick: %(list)s.")
            % {"list": "; ".join(f"{sku} {have} < {need}" for sku, have, need in unfilled[:20])},
            short=[{"sku": sku, "available": have, "needed": need} for sku, have, need in unfilled],
        )


def undo(*, shipment_ids: Collection[int]) -> None:
    """Take back the open picks of shipments."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM inventory_pick p USING inventory_shipmentline l"
            " WHERE l.id = p.line_id AND p.is_open AND l.shipment_id = ANY (%s::bigint[])",
            [array(shipment_ids)],
        )
