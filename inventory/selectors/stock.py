"""What there is: counters, balances and what is free to sell."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import connection
from django.db.models import BigIntegerField, F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from inventory.choices import LocationKind
from inventory.models import Balance, Reservation, Stock
from inventory.types import Shortage, Want
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.arrays import array
from ops.engines.kernel.parse import business_day

COVER_DAYS = 28

_SHORTAGES = """
SELECT n.sku, k.code, n.wh, coalesce(s.on_hand - s.reserved, 0), n.quantity
FROM (SELECT u.sku, u.wh, sum(u.quantity)::bigint AS quantity
      FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS u(sku, wh, quantity)
      GROUP BY u.sku, u.wh) n
JOIN catalog_sku k ON k.id = n.sku
LEFT JOIN inventory_stock s ON s.sku_id = n.sku AND s.warehouse_id = n.wh
WHERE coalesce(s.on_hand - s.reserved, 0) < n.quantity
ORDER BY n.sku, n.wh
"""

_COVER = """
WITH sold AS (
    SELECT sku_id, sum(quantity) AS quantity FROM inventory_move
    WHERE sku_id = ANY (%(skus)s::bigint[]) AND reason = 'sale'
      AND business_day > %(first)s AND business_day <= %(last)s
    GROUP BY sku_id
), free AS (
    SELECT sku_id, sum(on_hand - reserved) AS quantity FROM inventory_stock
    WHERE sku_id = ANY (%(skus)s::bigint[]) GROUP BY sku_id
)
SELECT sold.sku_id, round(coalesce(free.quantity, 0) * %(days)s / sold.quantity, 1)
FROM sold LEFT JOIN free ON free.sku_id = sold.sku_id
"""

_FREE_IN = "SELECT sku_id, on_hand - reserved FROM inventory_stock WHERE warehouse_id = {warehouse}"


def scopes_of(actor: Actor) -> list[int] | None:
    """Return the warehouses an actor may see; None means all of them."""
    ids = actor.scope_ids("warehouse", "inventory")
    return None if ids is None else sorted(ids)


def shortages(wants: Sequence[Want]) -> tuple[Shortage, ...]:
    """Return each SKU and warehouse of which there is too little for the wants together."""
    with connection.cursor() as cursor:
        cursor.execute(
            _SHORTAGES,
            [
                array(want.sku_id for want in wants),
                array(want.warehouse_id for want in wants),
                array(want.quantity for want in wants),
            ],
        )
        return tuple(Shortage(*row) for row in cursor.fetchall())


def available(
    *, sku_ids: Collection[int], warehouse_ids: Collection[int] | None = None
) -> dict[tuple[int, int], int]:
    """Return the pieces free to sell by (SKU, warehouse); pairs never stocked are absent."""
    chosen = None if warehouse_ids is None else array(warehouse_ids)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sku_id, warehouse_id, on_hand - reserved FROM inventory_stock"
            " WHERE sku_id = ANY (%s::bigint[])"
            " AND (%s::bigint[] IS NULL OR warehouse_id = ANY (%s::bigint[]))",
            [array(sku_ids), chosen, chosen],
        )
        return {(sku, warehouse): free for sku, warehouse, free in cursor.fetchall()}


def counters(*, actor: Actor) -> QuerySet[Stock]:
    """Return the counters of the actor's warehouses (SCM-2.3-01).

    Each carries `available` (free to sell) and `in_transit` (on its way in).
    """
    under_way = (
        Balance.objects.filter(
            sku_id=OuterRef("sku_id"),
            location__warehouse_id=OuterRef("warehouse_id"),
            location__kind=LocationKind.TRANSIT,
        )
        .order_by()
        .values("sku_id")
        .annotate(total=Sum("on_hand"))
        .values("total")
    )
    every = Stock.objects.select_related("sku", "warehouse").annotate(
        available=F("on_hand") - F("reserved"),
        in_transit=Coalesce(
            Subquery(under_way, output_field=BigIntegerField()), 0, output_field=BigIntegerField()
        ),
    )
    ids = scopes_of(actor)
    return every if ids is None else every.filter(warehouse_id__in=ids)


def stock_balances(*, actor: Actor) -> QuerySet[Balance]:
    """Return what lies where in the actor's warehouses, empty places left out."""
    every = Balance.objects.filter(is_internal=True, on_hand__gt=0).select_related(
        "sku", "lot", "location", "location__warehouse"
    )
    ids = scopes_of(actor)
    return every if ids is None else every.filter(location__warehouse_id__in=ids)


def reservations(*, actor: Actor) -> QuerySet[Reservation]:
    """Return the reservations on the actor's warehouses."""
    every = Reservation.objects.select_related("sku", "warehouse")
    ids = scopes_of(actor)
    return every if ids is None else every.filter(warehouse_id__in=ids)


def unit_costs(*, sku_ids: Collection[int], at: datetime) -> dict[int, Decimal]:
    """Return the average cost over all warehouses of each costed SKU; uncosted ones are absent.

    Fills the port `catalog.unit_cost`; the cost is the one of now.
    """
    del at
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sku_id, CASE WHEN sum(owned) > 0 THEN round(sum(value) / sum(owned), 6)"
            " ELSE max(avg_cost) END"
            " FROM inventory_stock WHERE sku_id = ANY (%s::bigint[]) AND is_costed GROUP BY sku_id",
            [array(sku_ids)],
        )
        return dict(cursor.fetchall())


def days_of_cover(
    *, sku_ids: Collection[int], channel_id: int | None, at: datetime
) -> dict[int, Decimal]:
    """Return for how many days the free stock lasts at the sales of the last weeks.

    Fills the port `catalog.stock_cover`. SKUs that did not leave lately are absent; stock is shared
    by all channels.
    """
    del channel_id
    today = business_day(at)
    with connection.cursor() as cursor:
        cursor.execute(
            _COVER,
            {
                "skus": array(sku_ids),
                "first": today - timedelta(days=COVER_DAYS),
                "last": today,
                "days": COVER_DAYS,
            },
        )
        return dict(cursor.fetchall())


def sellable_pieces(*, sku_ids: Collection[int]) -> dict[int, int]:
    """Return how many pieces of SKUs are free in all warehouses; never stocked ones are absent.

    Fills the port `catalog.sellable_pieces`. One query.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sku_id, sum(on_hand - reserved)::bigint FROM inventory_stock"
            " WHERE sku_id = ANY(%s::bigint[]) GROUP BY sku_id",
            [array(sku_ids)],
        )
        return dict(cursor.fetchall())


def free_of(*, warehouse_id: int) -> tuple[str, dict[str, int]]:
    """Return a query of (SKU id, pieces free to sell) in a warehouse, with its values.

    The names of its values begin with `free_`; never stocked SKUs are absent.
    """
    return free_in("%(free_warehouse)s"), {"free_warehouse": warehouse_id}


def free_in(warehouse: str) -> str:
    """Return a query of (SKU id, pieces free to sell) in a warehouse that a column or value names.

    It belongs into a larger statement; never stocked SKUs are absent.
    """
    return _FREE_IN.format(warehouse=warehouse)


def stock_value() -> list[tuple[int, str, int, Decimal]]:
    """Return (warehouse id, code, owned pieces, value) for the agreement with the ledger."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT w.id, w.code, coalesce(sum(s.owned), 0)::bigint, coalesce(sum(s.value), 0.00)"
            " FROM inventory_warehouse w LEFT JOIN inventory_stock s ON s.warehouse_id = w.id"
            " GROUP BY w.id, w.code ORDER BY w.id"
        )
        return list(cursor.fetchall())
