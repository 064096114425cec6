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


def return_ids(*, keys: Collection[str]) -> list[int]:
    """Return the documents under which returns of these keys came in."""
    return list(GoodsReturn.objects.filter(key__in=keys).values_list("pk", flat=True))
