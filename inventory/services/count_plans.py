"""Which counts are due: every warehouse at quarter end, the places that matter every week."""

from __future__ import annotations

from datetime import date, datetime

from django.db import connection

from inventory import rules
from inventory.choices import CountKind
from inventory.models import StockCount, Warehouse
from inventory.services import counts
from inventory.services.counts import COUNTED_KINDS
from inventory.types import CountInfo
from ops.engines.kernel.actor import Actor

# By value class first (A: the places that hold the first 80 % of the value, B the next 15 %), then
# by how long ago a place was last counted. Places under a running count wait.
_DUE = """
WITH held AS (
    SELECT l.id, coalesce(sum(b.on_hand * s.avg_cost), 0) AS value
    FROM inventory_location l
    JOIN inventory_balance b ON b.location_id = l.id AND b.on_hand > 0
    JOIN inventory_stock s ON s.sku_id = b.sku_id AND s.warehouse_id = l.warehouse_id
    WHERE l.warehouse_id = %(warehouse)s AND l.kind = ANY (%(kinds)s) AND l.is_active
    GROUP BY l.id
), ranked AS (
    SELECT id, value, sum(value) OVER (ORDER BY value DESC, id) - value AS before,
           sum(value) OVER () AS total
    FROM held
), last AS (
    SELECT h.location_id, max(c.closed_at) AS counted_at,
           bool_or(c.state IN ('open', 'counting', 'review', 'submitted')) AS is_running
    FROM inventory_countsheet h JOIN inventory_stockcount c ON c.id = h.count_id
    WHERE c.warehouse_id = %(warehouse)s AND c.state <> 'cancelled'
    GROUP BY h.location_id
)
SELECT r.id
FROM ranked r LEFT JOIN last t ON t.location_id = r.id
WHERE NOT coalesce(t.is_running, false)
ORDER BY coalesce(extract(epoch FROM %(at)s - t.counted_at) / 86400, 3650)
         * CASE WHEN r.before < 0.8 * r.total THEN 6 WHEN r.before < 0.95 * r.total THEN 2 ELSE 1
           END DESC, r.value DESC, r.id
LIMIT %(most)s
"""


def open_quarter_counts(*, day: date, actor: Actor, at: datetime) -> list[CountInfo]:
    """Open the count of the quarter in every active warehouse that has none yet (SCM-2.3-05)."""
    period = f"{day.year}-Q{(day.month + 2) // 3}"
    return [
        counts.open_count(
            warehouse_id=warehouse_id, kind=CountKind.QUARTER, period=period, actor=actor, at=at
        )
        for warehouse_id in _without(CountKind.QUARTER, period)
    ]


def open_cycle_counts(*, day: date, actor: Actor, at: datetime) -> list[CountInfo]:
    """Open the cycle count of the week in every active warehouse that has none (SCM-2.3-07)."""
    year, week, _weekday = day.isocalendar()
    period = f"{year}-W{week:02d}"
    opened = []
    for warehouse_id in _without(CountKind.CYCLE, period):
        chosen = due_places(warehouse_id=warehouse_id, at=at)
        if chosen:
            opened.append(
                counts.open_count(
                    warehouse_id=warehouse_id,
                    kind=CountKind.CYCLE,
                    period=period,
                    location_ids=chosen,
                    actor=actor,
                    at=at,
                )
            )
    return opened


def due_places(*, warehouse_id: int, at: datetime) -> list[int]:
    """Return the places of a warehouse to count next, by value class and last count."""
    with connection.cursor() as cursor:
        cursor.execute(
            _DUE,
            {
                "warehouse": warehouse_id,
                "kinds": [kind.value for kind in COUNTED_KINDS],
                "at": at,
                "most": rules.CYCLE_PLACES,
            },
        )
        return [row[0] for row in cursor.fetchall()]


def _without(kind: CountKind, period: str) -> list[int]:
    having = StockCount.objects.filter(kind=kind, period=period).exclude(state="cancelled")
    return list(
        Warehouse.objects.filter(is_active=True)
        .exclude(pk__in=having.values("warehouse_id"))
        .order_by("pk")
        .values_list("pk", flat=True)
    )
