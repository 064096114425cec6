"""Statements about prices, each for one SKU or a hundred thousand.

Costs and cover come from ports, as two arrays; the policy of a SKU is the newest approved version
in force of the nearest category upwards, else the house's own, else the figures of the register.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from catalog.rules import prices as rules
from ops.engines.kernel.arrays import array
from ops.engines.kernel.parse import business_day

# Every category has exactly one row here. Paths are compared with their dots, so that a code is
# never taken for the beginning of another one.
BY_CATEGORY: Final = """
versions AS (
    SELECT DISTINCT ON (p.category_id) p.*, coalesce(a.path, '') AS path
    FROM catalog_pricepolicy p LEFT JOIN catalog_category a ON a.id = p.category_id
    WHERE p.state = 'approved' AND p.starts_on <= %(day)s::date
    ORDER BY p.category_id, p.starts_on DESC
), by_category AS MATERIALIZED (
    SELECT c.id AS category_id, v.id AS policy_id, v.number AS policy_number,
           coalesce(v.target_margin, %(target)s::numeric) AS target_margin,
           coalesce(v.floor_margin, %(floor)s::numeric) AS floor_margin,
           CASE WHEN v.id IS NULL THEN %(ceiling)s::numeric ELSE v.ceiling_margin END
               AS ceiling_margin,
           coalesce(v.band, %(band)s::numeric) AS band,
           coalesce(v.window_days, %(window)s::int) AS window_days,
           CASE WHEN v.id IS NULL THEN %(above)s::numeric ELSE v.above_rival END AS above_rival,
           CASE WHEN v.id IS NULL THEN %(under)s::numeric ELSE v.under_rival END AS under_rival
    FROM catalog_category c
    LEFT JOIN LATERAL (
        SELECT * FROM versions v
        WHERE v.path = '' OR starts_with(c.path || '.', v.path || '.')
        ORDER BY length(v.path) DESC LIMIT 1
    ) v ON true
)"""

# The lowest price that keeps the floor margin, up to the next cent.
FLOOR: Final = "round(ceil(k.cost * 10000 / (100 - y.floor_margin)) / 100, 2)"

# No price in force while the offer is suspended.
NOT_SUSPENDED: Final = """NOT EXISTS (
    SELECT 1 FROM catalog_offersuspension x
    WHERE x.channel_id = {channel} AND x.sku_id = {sku} AND x.since <= %(at)s::timestamptz
      AND (x.lifted_at IS NULL OR x.lifted_at > %(at)s::timestamptz))"""

NOW: Final = "%(at)s::timestamptz"


def on_shelf(*, sku: str, channel: str, moment: str = NOW) -> str:
    """Return the condition that a SKU stands on a channel's shelf at a moment.

    `sku` is the alias of catalog_sku, `channel` and `moment` are expressions. Services and fees
    have no shelf: they are for sale without one.
    """
    return f"""({sku}.kind <> 'goods' OR EXISTS (
    SELECT 1 FROM catalog_listingshelf f
    WHERE f.product_id = {sku}.product_id AND f.channel_id = {channel}
      AND f.during @> {moment}))"""  # noqa: S608 - names of columns only


# `base_price` is the lasting price at the beginning of the policy's window, the last one before it
# when a limited price ran then, or the first in it: small steps one after another are measured
# against it, and a limited price is none to start from, however long it runs.
# A tier without a price of its own is measured against everybody's.
_LINES: Final = f"""
WITH {BY_CATEGORY}, costs AS (
    SELECT * FROM unnest(%(costed)s::bigint[], %(costs)s::numeric[]) AS k(sku_id, cost)
), covers AS (
    SELECT * FROM unnest(%(covered)s::bigint[], %(covers)s::numeric[]) AS v(sku_id, days)
), lines AS MATERIALIZED (
    SELECT l.id, l.sku_id, s.code, s.name, l.new_price, l.rival_price, l.struck_price,
           l.reference_id, p.price AS old_price, b.price AS base_price, k.cost, v.days,
           {FLOOR} AS floor_price, y.band, y.ceiling_margin, y.above_rival, y.policy_number
    FROM catalog_pricechangeline l
    JOIN catalog_sku s ON s.id = l.sku_id
    JOIN catalog_product d ON d.id = s.product_id
    JOIN by_category y ON y.category_id = d.category_id
    LEFT JOIN costs k ON k.sku_id = l.sku_id
    LEFT JOIN covers v ON v.sku_id = l.sku_id
    LEFT JOIN LATERAL (
        SELECT r.price FROM catalog_pricerange r
        WHERE r.sku_id = l.sku_id AND r.channel_id = %(channel)s
          AND r.tier IN ('', %(tier)s) AND r.valid @> %(at)s::timestamptz
        ORDER BY r.tier DESC LIMIT 1
    ) p ON true
    LEFT JOIN LATERAL (
        SELECT r.price
        FROM (SELECT %(at)s::timestamptz - make_interval(days => y.window_days) AS since) w
        JOIN catalog_pricerange r ON r.sku_id = l.sku_id AND r.channel_id = %(channel)s
            AND r.tier IN ('', %(tier)s)
        LEFT JOIN catalog_pricechange c ON c.id = r.change_id
        WHERE r.valid && tstzrange(NULL, %(at)s::timestamptz, '[]')
          AND (r.kind <> 'change' OR c.ends_at IS NULL)
        ORDER BY coalesce(lower(r.valid) > w.since, false),
                 CASE WHEN lower(r.valid) > w.since THEN lower(r.valid) END,
                 r.valid @> w.since DESC, r.tier DESC, lower(r.valid) DESC NULLS LAST
        LIMIT 1
    ) b ON true
    WHERE l.change_id = %(change)s
), judged AS (
    SELECT *,
           round((new_price - old_price) / nullif(old_price, 0) * 100, 1) AS change_percent,
           round((new_price - base_price) / nullif(base_price, 0) * 100, 1) AS window_percent,
           round((old_price - cost) / nullif(old_price, 0) * 100, 1) AS margin_old,
           round((new_price - cost) / new_price * 100, 1) AS margin_new,
           coalesce(abs(new_price - old_price) * 100 > band * old_price, false)
             OR coalesce(abs(new_price - base_price) * 100 > band * base_price, false)
             OR coalesce((new_price - cost) * 100 > ceiling_margin * new_price, false)
             OR coalesce(new_price * 100 > (100 + above_rival) * rival_price, false)
               AS is_outside_band,
           coalesce(new_price < floor_price, false) AS is_below_floor
    FROM lines
)"""  # noqa: S608 - constants only

FIGURES: Final = f"""{_LINES}
SELECT sku_id, code, name, old_price, new_price, change_percent, window_percent, margin_old,
       margin_new, floor_price, rival_price, days, struck_price, is_outside_band, is_below_floor
FROM judged
ORDER BY change_percent NULLS LAST, sku_id
LIMIT %(limit)s
"""  # noqa: S608 - constants only

SUMMARY: Final = f"""{_LINES}
SELECT count(*), round(avg(change_percent), 1), min(change_percent), min(window_percent),
       max(abs(window_percent)), round(avg(margin_old), 1), round(avg(margin_new), 1),
       count(*) FILTER (WHERE is_outside_band), count(*) FILTER (WHERE is_below_floor),
       count(*) FILTER (WHERE rival_price IS NULL), count(*) FILTER (WHERE cost IS NULL),
       count(*) FILTER (WHERE old_price IS NULL),
       count(*) FILTER (WHERE struck_price IS NOT NULL),
       coalesce(sum(old_price), 0), sum(new_price),
       (array_agg(sku_id ORDER BY sku_id) FILTER (WHERE rival_price IS NULL))[1:50],
       (array_agg(sku_id ORDER BY sku_id) FILTER (WHERE old_price = new_price))[1:50],
       count(*) FILTER (WHERE old_price = new_price)
FROM judged
"""  # noqa: S608 - constants only

# What is shown is what is stored: the figures of the moment of submission.
KEEP: Final = f"""{_LINES}
UPDATE catalog_pricechangeline l
SET old_price = j.old_price, floor_price = j.floor_price, base_price = j.base_price,
    is_outside_band = j.is_outside_band
FROM judged j WHERE l.id = j.id
"""  # noqa: S608 - constants only

# The lines of a handed-in change are fixed, and so is what was shown of them.
KEPT: Final = """
SELECT l.sku_id, s.code, s.name, l.old_price, l.new_price,
       round((l.new_price - l.old_price) / nullif(l.old_price, 0) * 100, 1) AS change_percent,
       round((l.new_price - l.base_price) / nullif(l.base_price, 0) * 100, 1),
       NULL::numeric, NULL::numeric, l.floor_price, l.rival_price, NULL::numeric, l.struck_price,
       l.is_outside_band, coalesce(l.new_price < l.floor_price, false)
FROM catalog_pricechangeline l JOIN catalog_sku s ON s.id = l.sku_id
WHERE l.change_id = %(change)s
ORDER BY change_percent NULLS LAST, l.sku_id
LIMIT %(limit)s
"""

FLOORS: Final = f"""
WITH {BY_CATEGORY}
SELECT k.sku_id, {FLOOR}
FROM unnest(%(costed)s::bigint[], %(costs)s::numeric[]) AS k(sku_id, cost)
JOIN catalog_sku s ON s.id = k.sku_id
JOIN catalog_product d ON d.id = s.product_id
JOIN by_category y ON y.category_id = d.category_id
"""  # noqa: S608 - constants only


def policy_values(*, at: datetime) -> dict[str, Any]:
    """Return what `BY_CATEGORY` needs: the day, and the figures where nobody set a policy."""
    default = rules.DEFAULT_POLICY
    return {
        "day": business_day(at),
        "target": default.target_margin,
        "floor": default.floor_margin,
        "ceiling": default.ceiling_margin,
        "band": default.band,
        "window": default.window_days,
        "above": default.above_rival,
        "under": default.under_rival,
    }


def cost_values(costs: Mapping[int, Decimal]) -> dict[str, str]:
    """Return costs as the two arrays that statements join."""
    return {"costed": array(costs), "costs": array(costs.values())}


def cover_values(covers: Mapping[int, Decimal]) -> dict[str, str]:
    """Return days of cover as the two arrays that statements join."""
    return {"covered": array(covers), "covers": array(covers.values())}
