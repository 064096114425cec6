"""How history is drawn: one statement per quarter, the same lines for the same seed.

Every draw is the hash of the order's running number and a salt, so that nothing depends on the
order of execution. A line's number leaves room for its return.
"""

from __future__ import annotations

from typing import Final

from ops.demo import names

DRAFT: Final = """
CREATE TEMP TABLE IF NOT EXISTS demo_item (
    rank int PRIMARY KEY, sku_id bigint, code text);
CREATE TEMP TABLE IF NOT EXISTS demo_line (
    channel_id bigint, warehouse_id bigint, doc_no text, line_no bigint, sku_id bigint, code text,
    quantity bigint, at timestamptz, unit_price numeric(20,6), buyer text, region text);
TRUNCATE demo_item, demo_line
"""
FILL_ITEMS: Final = """
INSERT INTO demo_item SELECT * FROM unnest(%s::int[], %s::bigint[], %s::text[])
"""


def _draw(salt: str, number: str = "n") -> str:
    """Return SQL for a number in [0, 1) that depends on the order and the salt alone."""
    hashed = f"hashint8extended({number}, %({salt})s)"
    return f"(({hashed} & 9007199254740991) / 9007199254740992.0::float8)"


_REGIONS: Final = ",".join(f"'{region}'" for region, *_rest in names.CITIES)
# Best sellers first: the first fifth of the SKUs makes four fifths of the lines.
LINES: Final = f"""
INSERT INTO demo_line
WITH day AS (
    SELECT * FROM unnest(%(channels)s::bigint[], %(warehouses)s::bigint[], %(digits)s::int[],
                         %(buyers)s::int[], %(days)s::date[], %(starts)s::bigint[],
                         %(counts)s::int[])
        AS day(channel_id, warehouse_id, digit, buyers, day, start, count)),
book AS MATERIALIZED (
    SELECT day.*, n, {_draw("s_lines")} AS d_lines, {_draw("s_return")} AS d_return,
           floor(power({_draw("s_buyer")}, 1.4) * buyers)::int AS buyer_no,
           day::timestamp AT TIME ZONE 'Asia/Shanghai' + interval '1 second' * floor(86400 *
               CASE WHEN {_draw("s_night")} < 0.05 THEN {_draw("s_hour")} / 3
                    ELSE (8 + 15.9 * sqrt({_draw("s_hour")})) / 24 END) AS at
      FROM day CROSS JOIN generate_series(start, start + count - 1) AS n),
line AS MATERIALIZED (
    SELECT b.*, j, n * 16 + j AS line_no,
           to_char(day, 'YYYYMMDD') || digit || lpad(n::text, 9, '0') AS doc_no,
           least(%(items)s - 1, floor(-ln(1 - {_draw("s_item", "n * 16 + j")} * (1 - exp(-8.0)))
                 / 8 * %(items)s))::int AS rank,
           {_draw("s_quantity", "n * 16 + j")} AS d_quantity,
           {_draw("s_gift", "n * 16 + j")} AS d_gift
      FROM book b
     CROSS JOIN LATERAL generate_series(1, CASE WHEN d_lines < 0.62 THEN 1 WHEN d_lines < 0.87
                                                THEN 2 WHEN d_lines < 0.96 THEN 3 ELSE 4 END) AS j),
sold AS MATERIALIZED (
    SELECT l.*, i.sku_id, i.code, p.price,
           'u' || substr(md5(%(seed)s || ':' || l.channel_id || ':' || buyer_no), 1, 12) AS buyer,
           (ARRAY[{_REGIONS}])[1 + buyer_no * 7 %% {len(names.CITIES)}] AS region,
           CASE WHEN d_quantity < 0.82 THEN 1 WHEN d_quantity < 0.95 THEN 2
                ELSE 3 + floor((d_quantity - 0.95) * 60)::int END AS quantity
      FROM line l
      JOIN demo_item i USING (rank)
      JOIN catalog_pricerange p
        ON p.sku_id = i.sku_id AND p.channel_id = l.channel_id AND p.tier = ''
       AND p.valid @> l.at)
SELECT channel_id, warehouse_id, doc_no, line_no, sku_id, code, quantity, at,
       CASE WHEN d_gift < 0.01 AND j > 1 THEN 0 ELSE price END, buyer, region
  FROM sold
UNION ALL
SELECT channel_id, warehouse_id, 'C' || doc_no, line_no + 8, sku_id, code, -quantity,
       at + interval '1 day' * (3 + d_return * 250), price, buyer, region
  FROM sold
 WHERE j = 1 AND d_return < 0.043
   AND at + interval '1 day' * (3 + d_return * 250) < %(until)s
"""  # noqa: S608 - constants only
SALTS: Final = (
    "s_lines", "s_return", "s_buyer", "s_night", "s_hour", "s_item", "s_quantity", "s_gift",
)  # fmt: skip
# What a quarter will take from each warehouse; the goods arrive before it begins.
NEEDS: Final = """
SELECT warehouse_id, sku_id, sum(quantity)::bigint FROM demo_line
 WHERE quantity > 0 GROUP BY 1, 2 ORDER BY 1, 2
"""
HAND_OVER: Final = """
INSERT INTO history_given
    (line_no, doc_no, code, quantity, at, unit_price, buyer, country)
SELECT line_no, doc_no, code, quantity, at, unit_price, buyer, region
  FROM demo_line WHERE channel_id = %s ORDER BY line_no
"""
