"""Choosing where pieces come from: first to expire first, else first in first out."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db import connection
from django.utils.translation import gettext as _

from inventory.errors import StockShort
from ops.engines.kernel.arrays import array

_ALLOCATE = "SELECT sku, available, needed FROM {function}(%s::bigint[], %s)"
FEW = 20  # beyond this a wave is planned for its size


def allocate(*, shipment_ids: Collection[int], day: date) -> None:
    """Write the picks of locked shipments; set-based, for one shipment or thousands.

    Locks the counters ascending, so that two waves never promise the same pieces. Expired lots are
    passed over. Raises StockShort when the bins hold less than the lines need.
    """
    function = "inventory_allocate" if len(shipment_ids) <= FEW else "inventory_allocate_many"
    with connection.cursor() as cursor:
        cursor.execute(_ALLOCATE.format(function=function), [array(shipment_ids), day])
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
