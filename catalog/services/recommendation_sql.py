"""The statements that find what sells together, each for any number of orders."""

from typing import Final

FORGET: Final = (
    "DROP TABLE IF EXISTS pg_temp.recommendation_basket, pg_temp.recommendation_candidate"
)
# Merchandise only, each SKU once a basket.
BASKETS: Final = """
CREATE TEMP TABLE recommendation_basket ON COMMIT DROP AS
SELECT DISTINCT g.order_id, g.sku_id
FROM ({given}) AS g(order_id, sku_id)
JOIN catalog_sku s ON s.id = g.sku_id AND s.kind = 'goods'
"""
KNOW_BASKETS: Final = "ANALYZE pg_temp.recommendation_basket"

# support n_ab, confidence = n_ab / n_a, lift = n_ab * N / (n_a * n_b). What is bought less often
# than the support is in no pair, so it leaves before the join.
PAIRS: Final = """
WITH items AS MATERIALIZED (
    SELECT sku_id, count(*) AS n FROM recommendation_basket GROUP BY sku_id
    HAVING count(*) >= %(support)s
), kept AS MATERIALIZED (
    SELECT b.order_id, b.sku_id FROM recommendation_basket b JOIN items USING (sku_id)
), counted AS (
    SELECT a.sku_id AS a, b.sku_id AS b, count(*) AS together
    FROM kept a JOIN kept b ON b.order_id = a.order_id AND b.sku_id > a.sku_id
    GROUP BY 1, 2 HAVING count(*) >= %(support)s
), everything AS (
    SELECT count(DISTINCT order_id) AS n FROM recommendation_basket
)
SELECT c.a, c.b, c.together, x.n AS of_a, y.n AS of_b, e.n AS baskets,
       round(c.together * e.n::numeric / (x.n::numeric * y.n), 4) AS lift
FROM counted c JOIN items x ON x.sku_id = c.a JOIN items y ON y.sku_id = c.b CROSS JOIN everything e
"""
MINED: Final = f"""
SELECT a, b, together, of_a, of_b, baskets, round(together::numeric / of_a, 6), lift
FROM ({PAIRS}) p ORDER BY together DESC, a, b
"""  # noqa: S608 - constants only

# Both directions, but beside nothing stands what is retired, banned or off sale.
CANDIDATES: Final = f"""
CREATE TEMP TABLE recommendation_candidate ON COMMIT DROP AS
WITH pairs AS MATERIALIZED (
    SELECT * FROM ({PAIRS}) p WHERE lift >= %(lift)s
), directed AS (
    SELECT a AS sku_id, b AS other_id, together, of_a AS of_sku, of_b AS of_other, lift FROM pairs
    UNION ALL
    SELECT b, a, together, of_b, of_a, lift FROM pairs
), on_sale AS MATERIALIZED (
    SELECT other_id FROM (SELECT DISTINCT other_id FROM directed) o
    WHERE catalog_may_recommend(other_id, %(channel)s, %(at)s)
)
SELECT d.*, round(d.together::numeric / d.of_sku, 6) AS confidence
FROM directed d JOIN on_sale o ON o.other_id = d.other_id
"""  # noqa: S608 - constants only
OTHERS: Final = "SELECT DISTINCT other_id FROM recommendation_candidate"
BAR: Final = "DELETE FROM recommendation_candidate WHERE other_id = ANY(%(barred)s)"

_RANKED: Final = """
SELECT * FROM (
    SELECT c.*, row_number() OVER (
        PARTITION BY sku_id ORDER BY confidence DESC, lift DESC, other_id) AS rank
    FROM recommendation_candidate c) r
WHERE rank <= %(top)s
"""
DIGEST: Final = f"""
SELECT count(*), encode(sha256(convert_to(
           coalesce(string_agg(sku_id || ':' || other_id, ',' ORDER BY sku_id, rank), ''),
           'UTF8')), 'hex'),
       (SELECT count(DISTINCT order_id) FROM recommendation_basket)
FROM ({_RANKED}) r
"""  # noqa: S608 - constants only
KEEP: Final = f"""
INSERT INTO catalog_recommendationpair
    (set_id, sku_id, other_id, rank, together, of_sku, of_other, confidence, lift)
SELECT %(set)s, sku_id, other_id, rank, together, of_sku, of_other, confidence, lift
FROM ({_RANKED}) r ORDER BY sku_id, rank
"""  # noqa: S608 - constants only

# Orders with a good that recommends, and among them those that hold one it recommends.
MEASURE: Final = """
WITH pairs AS MATERIALIZED (
    SELECT sku_id, other_id FROM catalog_recommendationpair WHERE set_id = %(set)s
), asked AS (
    SELECT DISTINCT order_id FROM recommendation_basket
    WHERE sku_id IN (SELECT sku_id FROM pairs)
), hit AS (
    SELECT DISTINCT a.order_id
    FROM recommendation_basket a
    JOIN pairs p ON p.sku_id = a.sku_id
    JOIN recommendation_basket b ON b.order_id = a.order_id AND b.sku_id = p.other_id
)
SELECT (SELECT count(*) FROM asked), (SELECT count(*) FROM hit)
"""
