"""The statements of the price patrol, each for any number of offers."""

from __future__ import annotations

from typing import Final

from catalog.selectors.price_sql import BY_CATEGORY, FLOOR, on_shelf

# One row an offer a channel shows: what was approved when it was seen, today's floor, the proof of
# a struck-out price, and whether it is off sale. What promotions promise counts as approved.
# What was seen before an offer was put back on sale is no news.
FINDINGS: Final = f"""
WITH {BY_CATEGORY}, costs AS (
    SELECT * FROM unnest(%(costed)s::bigint[], %(costs)s::numeric[]) AS k(sku_id, cost)
), promised AS (
    SELECT * FROM unnest(%(promised)s::bigint[], %(promises)s::numeric[]) AS q(sku_id, price)
), shown AS MATERIALIZED (
    SELECT o.sku_id, o.price, o.struck_price, o.seen_at, r.price AS approved, r.change_id,
           q.price AS promised, l.struck_price AS struck_approved,
           coalesce(l.new_price < l.floor_price, false) AS is_floor_approved,
           {FLOOR} AS floor_price, c.drafted_by,
           x.id IS NOT NULL
               OR NOT {on_shelf(sku="s", channel="o.channel_id", moment="o.seen_at")}
               AS is_off_sale
    FROM catalog_shownoffer o
    JOIN catalog_sku s ON s.id = o.sku_id
    JOIN catalog_product d ON d.id = s.product_id
    JOIN by_category y ON y.category_id = d.category_id
    LEFT JOIN costs k ON k.sku_id = o.sku_id
    LEFT JOIN promised q ON q.sku_id = o.sku_id
    LEFT JOIN catalog_pricerange r
           ON r.sku_id = o.sku_id AND r.channel_id = o.channel_id AND r.tier = ''
          AND r.valid @> o.seen_at
    LEFT JOIN catalog_pricechange c ON c.id = r.change_id
    LEFT JOIN catalog_pricechangeline l
           ON l.change_id = r.change_id AND l.sku_id = r.sku_id AND r.kind = 'change'
    LEFT JOIN catalog_offersuspension x
           ON x.sku_id = o.sku_id AND x.channel_id = o.channel_id AND x.lifted_at IS NULL
          AND x.since < o.seen_at
    WHERE o.channel_id = %(channel)s AND o.seen_at > %(at)s::timestamptz - interval '3 days'
      AND NOT EXISTS (SELECT 1 FROM catalog_offersuspension b
                      WHERE b.sku_id = o.sku_id AND b.channel_id = o.channel_id
                        AND b.lifted_at >= o.seen_at)
), wrong AS (
    SELECT w.*, CASE
        WHEN is_off_sale THEN 'still_shown'
        WHEN price IS NOT DISTINCT FROM promised OR price IS NOT DISTINCT FROM approved THEN
            CASE WHEN price < floor_price AND NOT is_floor_approved AND promised IS NULL
                 THEN 'floor_rose' END
        WHEN EXISTS (SELECT 1 FROM catalog_pricerange e
                     WHERE e.sku_id = w.sku_id AND e.channel_id = %(channel)s AND e.tier = ''
                       AND e.kind = 'change' AND e.price = w.price
                       AND upper(e.valid) <= w.seen_at
                       AND upper(e.valid) > w.seen_at - interval '90 days') THEN 'window_over'
        WHEN approved IS NULL THEN 'no_price'
        WHEN price < floor_price THEN 'below_floor'
        ELSE 'wrong_price' END AS kind
    FROM shown w
    UNION ALL
    SELECT w.*, 'no_proof' FROM shown w
    WHERE w.struck_price IS NOT NULL AND NOT w.is_off_sale
      AND w.struck_price > coalesce(w.struck_approved, 0)
      AND NOT EXISTS (SELECT 1 FROM catalog_referenceprice p
                      WHERE p.sku_id = w.sku_id AND p.channel_id = %(channel)s
                        AND p.kind = 'suggested' AND p.price >= w.struck_price)
)
SELECT sku_id, kind, CASE kind WHEN 'no_proof' THEN struck_price ELSE price END,
       CASE kind WHEN 'no_proof' THEN struck_approved WHEN 'floor_rose' THEN floor_price
                 WHEN 'still_shown' THEN NULL ELSE coalesce(promised, approved) END, drafted_by
FROM wrong WHERE kind IS NOT NULL
ORDER BY sku_id, kind
"""  # noqa: S608 - constants only

COUNT: Final = """
SELECT count(*) FROM catalog_shownoffer
WHERE channel_id = %(channel)s AND seen_at > %(at)s::timestamptz - interval '3 days'
"""

# One case while it is open, however often the patrol comes by.
SEEN_AGAIN: Final = """
UPDATE catalog_priceviolation v
SET last_seen_at = %(at)s, times_seen = v.times_seen + 1, shown_price = g.shown,
    right_price = g.meant
FROM unnest(%(skus)s::bigint[], %(kinds)s::text[], %(shown)s::numeric[], %(meant)s::numeric[])
    AS g(sku_id, kind, shown, meant)
WHERE v.channel_id = %(channel)s AND v.sku_id = g.sku_id AND v.kind = g.kind AND v.state = 'open'
RETURNING v.sku_id, v.kind
"""
OPEN: Final = """
INSERT INTO catalog_priceviolation
    (number, channel_id, sku_id, kind, severity, shown_price, right_price, found_at, last_seen_at,
     times_seen, owner_id, state, handling)
SELECT g.number, %(channel)s, g.sku_id, g.kind, g.severity, g.shown, g.meant, %(at)s, %(at)s, 1,
       g.owner_id, 'open', ''
FROM unnest(%(numbers)s::text[], %(skus)s::bigint[], %(kinds)s::text[], %(severities)s::text[],
            %(shown)s::numeric[], %(meant)s::numeric[], %(owners)s::bigint[])
    AS g(number, sku_id, kind, severity, shown, meant, owner_id)
RETURNING id, number
"""
SUSPEND: Final = """
INSERT INTO catalog_offersuspension
    (channel_id, sku_id, violation_id, reason, since, set_by, lifted_why)
SELECT DISTINCT ON (v.sku_id) v.channel_id, v.sku_id, v.id, v.number, %(at)s, NULL::bigint, ''
FROM catalog_priceviolation v
WHERE v.channel_id = %(channel)s AND v.state = 'open' AND v.severity = 'severe'
  AND v.last_seen_at = %(at)s
ORDER BY v.sku_id, v.id
ON CONFLICT (channel_id, sku_id) WHERE lifted_at IS NULL DO NOTHING
RETURNING violation_id, sku_id
"""

# Own lasting and limited prices of everybody against the cheapest rival of the last 30 days (the
# newest word of each rival counts) and against cost. What was kept lately at the same price stays.
OUTLIERS: Final = f"""
WITH {BY_CATEGORY}, costs AS (
    SELECT * FROM unnest(%(costed)s::bigint[], %(costs)s::numeric[]) AS k(sku_id, cost)
), newest AS (
    SELECT DISTINCT ON (p.sku_id, p.rival) p.sku_id, p.price FROM catalog_competitorprice p
    WHERE p.seen_on > %(day)s::date - 30 AND p.seen_on <= %(day)s::date
    ORDER BY p.sku_id, p.rival, p.seen_on DESC, p.id DESC
), rivals AS (
    SELECT sku_id, min(price) AS price FROM newest GROUP BY sku_id
), offers AS (
    SELECT r.sku_id, r.price, v.price AS rival, k.cost, {FLOOR} AS floor_price, y.*
    FROM catalog_pricerange r
    JOIN catalog_sku s ON s.id = r.sku_id AND s.state = 'active'
    JOIN catalog_product d ON d.id = s.product_id
    JOIN by_category y ON y.category_id = d.category_id
    LEFT JOIN rivals v ON v.sku_id = r.sku_id
    LEFT JOIN costs k ON k.sku_id = r.sku_id
    WHERE r.channel_id = %(channel)s AND r.tier = '' AND r.valid @> %(at)s::timestamptz
), found AS (
    SELECT sku_id, 'above_rival' AS kind, price, rival AS compared, above_rival AS most,
           greatest(rival, coalesce(floor_price, rival)) AS suggested
    FROM offers WHERE price * 100 > (100 + above_rival) * rival
    UNION ALL
    SELECT sku_id, 'under_rival', price, rival, under_rival, rival
    FROM offers WHERE price * 100 < (100 - under_rival) * rival
    UNION ALL
    SELECT sku_id, 'low_margin', price, floor_price, floor_margin,
           round(ceil(cost * 10000 / (100 - target_margin)) / 100, 2)
    FROM offers WHERE price < floor_price
    UNION ALL
    SELECT sku_id, 'high_margin', price,
           round(ceil(cost * 10000 / (100 - ceiling_margin)) / 100, 2),
           ceiling_margin, round(ceil(cost * 10000 / (100 - target_margin)) / 100, 2)
    FROM offers WHERE cost > 0 AND (price - cost) * 100 > ceiling_margin * price
), kept AS (
    INSERT INTO catalog_priceoutlier
        (channel_id, sku_id, kind, price, compared_with, percent, "limit", suggested, found_at,
         state, reason)
    SELECT %(channel)s, f.sku_id, f.kind, f.price, f.compared,
           round((f.price - f.compared) / f.compared * 100, 1), f.most, f.suggested, %(at)s,
           'open', ''
    FROM found f
    WHERE f.compared > 0 AND NOT EXISTS (
        SELECT 1 FROM catalog_priceoutlier o
        WHERE o.channel_id = %(channel)s AND o.sku_id = f.sku_id AND o.kind = f.kind
          AND o.state = 'kept' AND o.price = f.price
          AND o.decided_at > %(at)s::timestamptz - interval '28 days')
    ORDER BY f.sku_id, f.kind
    ON CONFLICT (channel_id, sku_id, kind) WHERE state = 'open' DO UPDATE
       SET price = excluded.price, compared_with = excluded.compared_with,
           percent = excluded.percent, "limit" = excluded."limit", suggested = excluded.suggested
    RETURNING found_at
)
SELECT count(*) FILTER (WHERE found_at = %(at)s), count(*) FILTER (WHERE found_at <> %(at)s)
FROM kept
"""  # noqa: S608 - constants only
