"""What left stock and came back, and what lies there, for the review of the range (CAT-4.1-05)."""

from __future__ import annotations

import datetime as dt
from typing import Final

from catalog.ports import SkuQuery

# Stock at a past evening is the stock of now less what moved since. A piece costs what the pieces
# that left cost, else what the pieces cost that lie there.
_MOVED: Final = """
SELECT coalesce(o.sku_id, m.sku_id), coalesce(m.sold, 0), coalesce(m.back, 0),
       (coalesce(o.owned, 0) - coalesce(m.since, 0))::bigint,
       (coalesce(o.owned, 0) - coalesce(m.after, 0))::bigint,
       coalesce(m.cost, o.cost), b.business_day
FROM (
    SELECT sku_id, sum(owned) AS owned,
           sum(value) FILTER (WHERE is_costed) / nullif(sum(owned) FILTER (WHERE is_costed), 0)
               AS cost
    FROM inventory_stock GROUP BY sku_id
) o FULL JOIN (
    SELECT v.sku_id,
           (sum(v.quantity) FILTER (WHERE v.reason = 'sale' AND NOT v.is_after))::bigint AS sold,
           (sum(v.quantity) FILTER (WHERE v.reason = 'return' AND NOT v.is_after))::bigint AS back,
           sum(v.value) FILTER (WHERE v.reason = 'sale' AND v.is_costed AND NOT v.is_after)
               / nullif(sum(v.quantity) FILTER (
                   WHERE v.reason = 'sale' AND v.is_costed AND NOT v.is_after), 0) AS cost,
           sum(v.quantity * v.sign) AS since,
           sum(v.quantity * v.sign) FILTER (WHERE v.is_after) AS after
    FROM (
        SELECT m.sku_id, m.quantity, m.value, m.reason, m.is_costed,
               m.business_day > %(moved_last)s AS is_after,
               t.is_internal::int - f.is_internal::int AS sign
        FROM inventory_move m
        JOIN inventory_location f ON f.id = m.from_location_id
        JOIN inventory_location t ON t.id = m.to_location_id
        WHERE m.business_day >= %(moved_first)s
    ) v GROUP BY v.sku_id
) m ON m.sku_id = o.sku_id
LEFT JOIN LATERAL (
    SELECT e.business_day FROM inventory_move e
    WHERE e.sku_id = coalesce(o.sku_id, m.sku_id) ORDER BY e.id LIMIT 1
) b ON true
"""


def moved_skus(*, first: dt.date, last: dt.date) -> SkuQuery:
    """Return per SKU what left, came back and lay there; fills `catalog.moved_skus`."""
    return SkuQuery(_MOVED, {"moved_first": first, "moved_last": last})
