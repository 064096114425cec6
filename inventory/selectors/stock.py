"""What there is: counters, balances and what is free to sell."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from inventory.arrays import array
from inventory.types import Shortage, Want
from ops.engines.kernel.actor import Actor

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
_COUNTERS = """
SELECT s.id, s.sku_id, k.code, k.name, s.warehouse_id, w.code, s.on_hand, s.reserved,
       s.on_hand - s.reserved, s.owned, coalesce(t.quantity, 0), s.avg_cost, s.value, s.is_costed
FROM inventory_stock s
JOIN catalog_sku k ON k.id = s.sku_id
JOIN inventory_warehouse w ON w.id = s.warehouse_id
LEFT JOIN LATERAL (
    SELECT sum(b.on_hand)::bigint AS quantity
    FROM inventory_location l
    JOIN inventory_balance b ON b.location_id = l.id AND b.sku_id = s.sku_id
    WHERE l.warehouse_id = s.warehouse_id AND l.kind = 'transit') t ON true
WHERE s.id > %(after)s
  AND (%(scopes)s::bigint[] IS NULL OR s.warehouse_id = ANY (%(scopes)s::bigint[]))
  AND (%(sku)s::bigint IS NULL OR s.sku_id = %(sku)s)
  AND (%(warehouse)s::bigint IS NULL OR s.warehouse_id = %(warehouse)s)
ORDER BY s.id LIMIT %(limit)s
"""
_BALANCES = """
SELECT b.id, b.sku_id, k.code, l.warehouse_id, w.code, b.location_id, l.code, l.kind,
       b.lot_id, coalesce(t.code, ''), t.expires_on, b.on_hand, b.seq
FROM inventory_balance b
JOIN inventory_location l ON l.id = b.location_id
JOIN inventory_warehouse w ON w.id = l.warehouse_id
JOIN catalog_sku k ON k.id = b.sku_id
LEFT JOIN inventory_lot t ON t.id = b.lot_id
WHERE b.id > %(after)s AND b.on_hand <> 0
  AND (%(scopes)s::bigint[] IS NULL OR l.warehouse_id = ANY (%(scopes)s::bigint[]))
  AND (%(sku)s::bigint IS NULL OR b.sku_id = %(sku)s)
  AND (%(warehouse)s::bigint IS NULL OR l.warehouse_id = %(warehouse)s)
  AND (%(location)s::bigint IS NULL OR b.location_id = %(location)s)
  AND (%(lot)s::bigint IS NULL OR b.lot_id = %(lot)s)
ORDER BY b.id LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class StockRow:
    """The counter of one SKU in one warehouse."""

    id: int
    sku_id: int
    sku: str
    sku_name: str
    warehouse_id: int
    warehouse: str
    on_hand: int
    reserved: int
    available: int
    owned: int
    in_transit: int
    avg_cost: Decimal
    value: Decimal
    is_costed: bool


@dataclass(frozen=True, slots=True)
class BalanceRow:
    """How much of a SKU and lot is at one place of ours."""

    id: int
    sku_id: int
    sku: str
    warehouse_id: int
    warehouse: str
    location_id: int
    location: str
    kind: str
    lot_id: int | None
    lot: str
    expires_on: object
    on_hand: int
    seq: int


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


def counters(
    *,
    actor: Actor,
    sku_id: int | None = None,
    warehouse_id: int | None = None,
    after: int = 0,
    limit: int = 50,
) -> list[StockRow]:
    """Return a keyset page of counters in the actor's warehouses (SCM-2.3-01)."""
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNTERS,
            {
                "after": after,
                "scopes": scopes_of(actor),
                "sku": sku_id,
                "warehouse": warehouse_id,
                "limit": limit,
            },
        )
        return [StockRow(*row) for row in cursor.fetchall()]


def stock_balances(
    *,
    actor: Actor,
    sku_id: int | None = None,
    warehouse_id: int | None = None,
    location_id: int | None = None,
    lot_id: int | None = None,
    after: int = 0,
    limit: int = 50,
) -> list[BalanceRow]:
    """Return a keyset page of what lies where in the actor's warehouses."""
    with connection.cursor() as cursor:
        cursor.execute(
            _BALANCES,
            {
                "after": after,
                "scopes": scopes_of(actor),
                "sku": sku_id,
                "warehouse": warehouse_id,
                "location": location_id,
                "lot": lot_id,
                "limit": limit,
            },
        )
        return [BalanceRow(*row) for row in cursor.fetchall()]


def unit_costs(*, sku_ids: Collection[int]) -> dict[int, Decimal]:
    """Return the average cost over all warehouses of each costed SKU; uncosted ones are absent."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sku_id, CASE WHEN sum(owned) > 0 THEN round(sum(value) / sum(owned), 6)"
            " ELSE max(avg_cost) END"
            " FROM inventory_stock WHERE sku_id = ANY (%s::bigint[]) AND is_costed GROUP BY sku_id",
            [array(sku_ids)],
        )
        return dict(cursor.fetchall())


def stock_value() -> list[tuple[int, str, int, Decimal]]:
    """Return (warehouse id, code, owned pieces, value) for the agreement with the ledger."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT w.id, w.code, coalesce(sum(s.owned), 0)::bigint, coalesce(sum(s.value), 0.00)"
            " FROM inventory_warehouse w LEFT JOIN inventory_stock s ON s.warehouse_id = w.id"
            " GROUP BY w.id, w.code ORDER BY w.id"
        )
        return list(cursor.fetchall())
