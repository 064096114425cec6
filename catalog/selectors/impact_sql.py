"""Statements that replay real orders under other prices, for ten orders or a hundred thousand.

The real lines of the window go into a temporary table, those the proposal touches into another;
totals, SKUs and baskets are read from them. The planner knows nothing of a new table, and what it
knows of the others may be old: each is analysed before it is joined.
"""

from __future__ import annotations

from typing import Final

from catalog.selectors.price_sql import BY_CATEGORY, FLOOR

WINDOW: Final = """
DROP TABLE IF EXISTS pg_temp.impact_window;
CREATE TEMP TABLE impact_window ON COMMIT DROP AS {sold};
ANALYZE pg_temp.impact_window
"""
SKUS_SOLD: Final = "SELECT DISTINCT sku_id FROM impact_window"
COUNT_ORDERS: Final = "SELECT count(DISTINCT order_id) FROM impact_window"

# Every line of the goods in reach, with what it would have cost without and with the proposal.
# Without a price in force at that moment, what was paid is what it would have cost.
_STAGE: Final = "CREATE TEMP TABLE impact_line ON COMMIT DROP AS"
CLEAR: Final = "DROP TABLE IF EXISTS pg_temp.impact_line"

# The goods, prices and costs of a price change; the moment is the one at which it starts.
PRICED: Final = f"""
{_STAGE}
WITH {BY_CATEGORY}, costs AS (
    SELECT * FROM unnest(%(costed)s::bigint[], %(costs)s::numeric[]) AS k(sku_id, cost)
), moved AS MATERIALIZED (
    SELECT l.sku_id, l.new_price, p.price AS old_price, k.cost, {FLOOR} AS floor
    FROM catalog_pricechangeline l
    JOIN catalog_sku s ON s.id = l.sku_id
    JOIN catalog_product d ON d.id = s.product_id
    JOIN by_category y ON y.category_id = d.category_id
    LEFT JOIN costs k ON k.sku_id = l.sku_id
    LEFT JOIN LATERAL (
        SELECT r.price FROM catalog_pricerange r
        WHERE r.sku_id = l.sku_id AND r.channel_id = %(channel)s
          AND r.tier IN ('', %(tier)s) AND r.valid @> %(moment)s::timestamptz
        ORDER BY r.tier DESC LIMIT 1
    ) p ON true
    WHERE l.change_id = %(change)s
)
SELECT s.order_id, s.number, s.customer_id, s.sku_id, s.quantity, s.amount AS paid,
       coalesce(m.old_price, s.unit_price) * s.quantity AS before,
       m.new_price * s.quantity AS after, m.cost * s.quantity AS cost, m.floor * s.quantity AS floor
FROM impact_window s JOIN moved m ON m.sku_id = s.sku_id
"""  # noqa: S608 - constants only

# What really happened to goods that had a proposal: paid is before and after.
PAID: Final = f"""
{_STAGE}
WITH {BY_CATEGORY}, costs AS (
    SELECT * FROM unnest(%(costed)s::bigint[], %(costs)s::numeric[]) AS k(sku_id, cost)
), reach AS MATERIALIZED (
    SELECT s.id AS sku_id, k.cost, {FLOOR} AS floor
    FROM unnest(%(skus)s::bigint[]) AS w(id)
    JOIN catalog_sku s ON s.id = w.id
    JOIN catalog_product d ON d.id = s.product_id
    JOIN by_category y ON y.category_id = d.category_id
    LEFT JOIN costs k ON k.sku_id = s.id
)
SELECT s.order_id, s.number, s.customer_id, s.sku_id, s.quantity, s.amount AS paid,
       s.amount AS before, s.amount AS after, r.cost * s.quantity AS cost,
       r.floor * s.quantity AS floor
FROM impact_window s JOIN reach r ON r.sku_id = s.sku_id
"""  # noqa: S608 - constants only

TOTALS: Final = """
SELECT count(DISTINCT order_id), count(DISTINCT order_id) FILTER (WHERE before <> after),
       count(DISTINCT customer_id), count(*), count(DISTINCT sku_id),
       coalesce(sum(quantity), 0)::bigint,
       coalesce(round(sum(paid), 2), 0), coalesce(round(sum(before), 2), 0),
       coalesce(round(sum(after), 2), 0), round(sum(before - cost), 2), round(sum(after - cost), 2),
       count(*) FILTER (WHERE cost IS NULL), count(*) FILTER (WHERE after < floor),
       count(*) FILTER (WHERE after < floor AND before >= floor)
FROM impact_line
"""

SKUS: Final = """
WITH covers AS (
    SELECT * FROM unnest(%(covered)s::bigint[], %(covers)s::numeric[]) AS v(sku_id, days)
), by_sku AS (
    SELECT sku_id, count(DISTINCT order_id) AS orders, sum(quantity)::bigint AS units,
           round(sum(before), 2) AS before, round(sum(after), 2) AS after,
           round(sum(before - cost), 2) AS margin_before,
           round(sum(after - cost), 2) AS margin_after,
           count(*) FILTER (WHERE after < floor) AS below_floor
    FROM impact_line GROUP BY sku_id
    ORDER BY abs(sum(after) - sum(before)) DESC, sku_id LIMIT %(most)s
)
SELECT b.sku_id, s.code, s.name, b.orders, b.units, b.before, b.after, b.margin_before,
       b.margin_after, b.below_floor, v.days
FROM by_sku b JOIN catalog_sku s ON s.id = b.sku_id LEFT JOIN covers v ON v.sku_id = b.sku_id
ORDER BY abs(b.after - b.before) DESC, b.sku_id
"""

# The basket that loses most revenue, and the one that earns least (or loses most) afterwards. A
# basket with a line of unknown cost is no candidate for the second.
_ORDERS: Final = """
SELECT number, sum(quantity)::bigint, round(sum(before), 2), round(sum(after), 2),
       CASE WHEN count(cost) = count(*) THEN round(sum(before - cost), 2) END,
       CASE WHEN count(cost) = count(*) THEN round(sum(after - cost), 2) END
FROM impact_line GROUP BY order_id, number
"""
DEEPEST: Final = f"{_ORDERS} ORDER BY sum(after) - sum(before), order_id LIMIT %(baskets)s"
THINNEST: Final = f"""{_ORDERS} HAVING count(cost) = count(*)
ORDER BY sum(after) - sum(cost), order_id LIMIT %(baskets)s"""

# All lines of the baskets that hold goods in a promotion's reach, at the prices its start finds for
# the tier the order was priced under. An order of the past without such a price is replayed at what
# was paid, to the cent.
BASKETS: Final = f"""
CREATE TEMP TABLE impact_sold ON COMMIT DROP AS
WITH {BY_CATEGORY}, reach AS (
    SELECT unnest(%(skus)s::bigint[]) AS sku_id
), touched AS MATERIALIZED (
    SELECT DISTINCT order_id FROM impact_window JOIN reach USING (sku_id)
), costs AS (
    SELECT * FROM unnest(%(costed)s::bigint[], %(costs)s::numeric[]) AS k(sku_id, cost)
), goods AS MATERIALIZED (
    SELECT s.id AS sku_id, w.tier, c.path, k.cost, {FLOOR} AS floor, p.price,
           r.sku_id IS NOT NULL AS is_reached
    FROM (SELECT DISTINCT sku_id, tier FROM impact_window JOIN touched USING (order_id)) w
    JOIN catalog_sku s ON s.id = w.sku_id
    JOIN catalog_product d ON d.id = s.product_id
    JOIN catalog_category c ON c.id = d.category_id
    JOIN by_category y ON y.category_id = d.category_id
    LEFT JOIN costs k ON k.sku_id = s.id
    LEFT JOIN reach r ON r.sku_id = s.id
    LEFT JOIN LATERAL (
        SELECT r.price FROM catalog_pricerange r
        WHERE r.sku_id = s.id AND r.channel_id = %(channel)s AND r.tier IN ('', w.tier)
          AND r.valid @> %(moment)s::timestamptz
        ORDER BY r.tier DESC LIMIT 1
    ) p ON true
), priced AS (
    SELECT s.order_id, s.number, s.customer_id, s.sku_id, s.quantity, s.amount AS paid,
           coalesce(g.price, round(s.unit_price, 2)) AS price, g.path, g.cost, g.floor,
           g.is_reached, coalesce(s.is_first, false) AS is_first, s.tier,
           CASE WHEN %(by_minute)s THEN s.placed_at END AS placed_at
    FROM impact_window s JOIN touched t USING (order_id)
    JOIN goods g ON g.sku_id = s.sku_id AND g.tier = s.tier
    WHERE coalesce(g.price, round(s.unit_price, 2)) > 0
)
SELECT *, row_number() OVER (PARTITION BY order_id ORDER BY sku_id, price, quantity) AS place
FROM priced
"""  # noqa: S608 - constants only

# Orders whose baskets hold the same are one basket; numbers follow their content, so that a part of
# the baskets is the same part every time.
GROUPED: Final = """
CREATE TEMP TABLE impact_order ON COMMIT DROP AS
WITH contents AS (
    SELECT order_id, md5(string_agg(concat_ws(':', sku_id, quantity, price), ',' ORDER BY place)
                     || coalesce(min(placed_at)::text, '') || bool_or(is_first)::text
                     || min(tier)) AS content
    FROM impact_sold GROUP BY order_id
)
SELECT order_id, dense_rank() OVER (ORDER BY content) AS basket FROM contents
"""
ANALYZE_BASKETS: Final = "ANALYZE pg_temp.impact_sold, pg_temp.impact_order"
COUNT_BASKETS: Final = "SELECT count(*), coalesce(max(basket), 0) FROM impact_order"
DISTINCT: Final = """
WITH chosen AS (
    SELECT basket, min(order_id) AS order_id FROM impact_order
    WHERE basket %% %(step)s = 0 GROUP BY basket
)
SELECT c.basket, s.place, s.sku_id, s.path, s.quantity, s.price, s.floor, s.is_first, s.placed_at,
       s.tier
FROM chosen c JOIN impact_sold s USING (order_id) ORDER BY c.basket, s.place
"""
QUOTED: Final = """
CREATE TEMP TABLE impact_quoted (basket bigint, place int, before numeric, after numeric)
ON COMMIT DROP
"""
ADD_QUOTED: Final = """
INSERT INTO impact_quoted SELECT * FROM unnest(%(baskets)s::bigint[], %(places)s::int[],
                                               %(before)s::numeric[], %(after)s::numeric[])
"""
ANALYZE_QUOTED: Final = "ANALYZE pg_temp.impact_quoted"
# In reach are the promotion's own goods, and any other line whose price it moves.
FROM_QUOTED: Final = """
CREATE TEMP TABLE impact_line ON COMMIT DROP AS
SELECT s.order_id, s.number, s.customer_id, s.sku_id, s.quantity, s.paid, q.before, q.after,
       s.cost * s.quantity AS cost, s.floor * s.quantity AS floor
FROM impact_quoted q JOIN impact_order o USING (basket)
JOIN impact_sold s ON s.order_id = o.order_id AND s.place = q.place
WHERE s.is_reached OR q.before <> q.after
"""
CLEAR_BASKETS: Final = (
    "DROP TABLE IF EXISTS pg_temp.impact_line, pg_temp.impact_sold, pg_temp.impact_order,"
    " pg_temp.impact_quoted"
)

# Other price changes of the channel and tier on the same SKUs in the same time.
CHANGES: Final = """
SELECT c.id, c.number, c.reason, c.state, count(*)
FROM catalog_pricechange c JOIN catalog_pricechangeline l ON l.change_id = c.id
WHERE c.channel_id = %(channel)s AND c.tier = %(tier)s AND c.id <> %(change)s
  AND c.state IN ('submitted', 'scheduled', 'active')
  AND tstzrange(c.starts_at, c.ends_at) && tstzrange(%(starts)s, %(ends)s)
  AND l.sku_id = ANY (%(skus)s::bigint[])
GROUP BY c.id ORDER BY c.starts_at, c.id
"""

CONTENT: Final = """
SELECT coalesce(string_agg(concat_ws('|', l.sku_id, l.new_price), E'\\n' ORDER BY l.sku_id), '')
FROM catalog_pricechangeline l WHERE l.change_id = %s
"""
