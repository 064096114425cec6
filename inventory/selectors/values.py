"""What the ledger of money must know of the ledger of stock: value in and out by document."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection

from inventory.models import GoodsReturn

_VALUES = """
SELECT m.source_type, m.source_id, m.business_day, m.reason,
       coalesce(sum(m.value) FILTER (WHERE target.warehouse_id IS NOT NULL
                                       AND away.warehouse_id IS NULL), 0),
       coalesce(sum(m.value) FILTER (WHERE away.warehouse_id IS NOT NULL
                                       AND target.warehouse_id IS NULL), 0)
  FROM inventory_move m
  JOIN inventory_location away ON away.id = m.from_location_id
  JOIN inventory_location target ON target.id = m.to_location_id
 WHERE m.source_type = %s AND m.source_id = ANY (%s::bigint[])
 GROUP BY 1, 2, 3, 4
HAVING sum(m.value) <> 0
 ORDER BY 3, 2, 4
"""


# What left for a document, or came back for one, by SKU.
_LEFT_BY_SKU = """
SELECT s.source_id, m.sku_id, sum(m.quantity)::bigint, sum(m.value)
  FROM inventory_shipment s
  JOIN inventory_move m ON m.source_type = 'inventory.shipment' AND m.source_id = s.id
                       AND m.reason = 'sale'
 WHERE s.source_type = %s AND s.source_id = ANY (%s::bigint[])
 GROUP BY 1, 2
"""
_BACK_BY_SKU = """
SELECT g.source_id, m.sku_id, sum(m.quantity)::bigint, sum(m.value)
  FROM inventory_goodsreturn g
  JOIN inventory_move m ON m.source_type = 'inventory.goodsreturn' AND m.source_id = g.id
 WHERE g.source_type = %s AND g.source_id = ANY (%s::bigint[])
 GROUP BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class DocumentValue:
    """Value (CNY, cents) that one document brought in and took out for one reason on one day."""

    source_type: str
    source_id: int
    business_day: date
    reason: str
    gain: Decimal
    loss: Decimal


def document_values(*, source_type: str, source_ids: Collection[int]) -> list[DocumentValue]:
    """Return the stock value that documents moved in and out of our warehouses (FIN-7.2-02).

    Moves between our own places carry no value in or out and are absent.
    """
    with connection.cursor() as cursor:
        cursor.execute(_VALUES, [source_type, list(source_ids)])
        return [DocumentValue(*row) for row in cursor.fetchall()]


def left_by_sku(
    *, source_type: str, source_ids: Collection[int]
) -> dict[tuple[int, int], tuple[int, Decimal]]:
    """Return pieces and value (CNY) that left for documents, by (document, SKU)."""
    return _by_sku(_LEFT_BY_SKU, source_type, source_ids)


def back_by_sku(
    *, source_type: str, source_ids: Collection[int]
) -> dict[tuple[int, int], tuple[int, Decimal]]:
    """Return pieces and value (CNY) that came back for documents, by (document, SKU)."""
    return _by_sku(_BACK_BY_SKU, source_type, source_ids)


def _by_sku(
    statement: str, source_type: str, source_ids: Collection[int]
) -> dict[tuple[int, int], tuple[int, Decimal]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [source_type, list(source_ids)])
        return {(source, sku): (pieces, worth) for source, sku, pieces, worth in cursor.fetchall()}


def return_ids(*, keys: Collection[str]) -> list[int]:
    """Return the documents under which returns of these keys came in."""
    return list(GoodsReturn.objects.filter(key__in=keys).values_list("pk", flat=True))
