"""The statement that ranks every SKU of a month and proposes what becomes of it."""

from typing import Final

# Where nothing was sold, a SKU earned nothing; where its cost is unknown, nobody knows.
# Ties in earning and turning share the lower place, ties in coming back the better one.
BUILD: Final = """
INSERT INTO catalog_rangereviewrow
    (review_id, sku_id, rank, score, pieces, revenue, margin, margin_percent, stock, turns,
     returned, return_rate, proposal, grounds, decision, note)
WITH sold AS MATERIALIZED (
    SELECT * FROM ({sold}) AS s(sku_id, pieces, amount)
), moved AS MATERIALIZED (
    SELECT * FROM ({moved}) AS m(sku_id, sold, returned, opening, closing, cost, since)
), figures AS MATERIALIZED (
    SELECT k.id AS sku_id, coalesce(s.pieces, 0) AS pieces, coalesce(s.amount, 0) AS revenue,
           CASE WHEN coalesce(s.pieces, 0) = 0 THEN 0
                ELSE round(s.amount - s.pieces * m.cost, 2) END AS margin,
           coalesce(m.closing, 0) AS stock,
           round(24.0 * coalesce(m.sold, 0)
                 / greatest(coalesce(m.opening, 0) + coalesce(m.closing, 0), 1), 2) AS turns,
           coalesce(m.returned, 0) AS returned,
           coalesce(round(100.0 * m.returned / nullif(greatest(m.sold, m.returned), 0), 1), 0)
               AS return_rate,
           coalesce(m.since > %(first)s::date, true) AS is_new
    FROM catalog_sku k
    JOIN catalog_product p ON p.id = k.product_id
    LEFT JOIN sold s ON s.sku_id = k.id
    LEFT JOIN moved m ON m.sku_id = k.id
    WHERE k.kind = 'goods' AND k.state <> 'retired' AND p.state <> 'retired'
      AND (s.pieces > 0 OR m.sold > 0 OR m.opening > 0 OR m.closing > 0)
      AND NOT EXISTS (SELECT FROM catalog_rangedropline d
                      WHERE d.sku_id = k.id AND d.state = 'stopped')
), placed AS (
    SELECT *, percent_rank() OVER (ORDER BY coalesce(margin, 0)) AS by_margin,
           percent_rank() OVER (ORDER BY turns) AS by_turns,
           cume_dist() OVER (ORDER BY return_rate DESC) AS by_returns
    FROM figures
), scored AS (
    SELECT *, round((100 * (%(margin_weight)s * by_margin + %(turnover_weight)s * by_turns
                        + %(returns_weight)s * by_returns))::numeric, 1)
           AS score
    FROM placed
), ranked AS (
    SELECT *, row_number() OVER (ORDER BY score DESC, revenue DESC, sku_id) AS rank,
           row_number() OVER (PARTITION BY is_new ORDER BY score DESC, revenue DESC, sku_id)
               AS place,
           count(*) OVER (PARTITION BY is_new) AS of
    FROM scored
), judged AS (
    SELECT *, pieces = 0 AS unsold, pieces > 0 AND coalesce(margin <= 0, false) AS losing,
           turns < %(slow_turns)s AS slow, return_rate >= %(high_returns)s AS often,
           NOT is_new AND place <= ceil(of * %(push_share)s) AND coalesce(margin > 0, false)
               AS best,
           place > of - ceil(of * %(drop_share)s) AS last
    FROM ranked
), proposed AS (
    SELECT *, CASE WHEN is_new THEN 'keep'
                   WHEN last AND (unsold OR losing OR slow OR often) THEN 'drop'
                   WHEN best AND NOT often THEN 'push'
                   ELSE 'keep' END AS proposal
    FROM judged
)
SELECT %(review)s, sku_id, rank, score, pieces, revenue, margin,
       round(100 * margin / nullif(revenue, 0), 1), stock, turns, returned, return_rate, proposal,
       to_jsonb(array_remove(ARRAY[
           CASE WHEN is_new THEN 'new' END, CASE WHEN best THEN 'best' END,
           CASE WHEN unsold THEN 'unsold' END, CASE WHEN losing THEN 'losing' END,
           CASE WHEN slow AND NOT unsold THEN 'slow' END, CASE WHEN often THEN 'returned' END
       ], NULL)), '', ''
FROM proposed ORDER BY rank
"""
# What is left of goods to sell once a drop is approved: no other variant of the product is bought.
LEAVING: Final = """
SELECT DISTINCT l.id FROM catalog_listing l
JOIN catalog_listingshelf f ON f.listing_id = l.id AND f.during && tstzrange(%(at)s, NULL)
WHERE l.product_id IN (SELECT product_id FROM catalog_sku WHERE id = ANY(%(skus)s::bigint[]))
  AND NOT EXISTS (
      SELECT FROM catalog_sku k
      WHERE k.product_id = l.product_id AND k.kind = 'goods' AND k.state <> 'retired'
        AND k.id <> ALL(%(skus)s::bigint[])
        AND NOT EXISTS (SELECT FROM catalog_rangedropline d
                        WHERE d.sku_id = k.id AND d.state = 'stopped'))
ORDER BY l.id
"""
