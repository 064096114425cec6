"""What promotions gave to orders, and the proof that both books tell the same."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.db import connection

from catalog.selectors import promotions
from customers.choices import OrderState
from customers.selectors.book import SOURCE

_DIFFERENCES: Final = """
WITH shown AS (
    SELECT order_id, promotion_id, sum(amount) AS amount, sum(pieces)::bigint AS pieces
      FROM (SELECT order_id, promotion_id, amount, 0 AS pieces FROM customers_orderdiscount
             UNION ALL
            SELECT g.order_id, g.promotion_id, 0, l.quantity
              FROM customers_ordergift g JOIN customers_orderline l USING (order_id, line_no)) d
      JOIN customers_order o ON o.id = d.order_id AND o.state <> %(cancelled)s
     GROUP BY 1, 2),
counted AS ({standing})
SELECT coalesce(s.order_id, c.source_id), coalesce(s.promotion_id, c.promotion_id),
       coalesce(s.amount, 0), coalesce(s.pieces, 0),
       coalesce(c.amount, 0), coalesce(c.gift_pieces, 0)
  FROM shown s
  FULL JOIN counted c ON (c.source_id, c.promotion_id) = (s.order_id, s.promotion_id)
 WHERE (coalesce(s.amount, 0), coalesce(s.pieces, 0))
       IS DISTINCT FROM (coalesce(c.amount, 0), coalesce(c.gift_pieces, 0))
    OR (s.order_id IS NULL AND NOT EXISTS (
        SELECT 1 FROM customers_order o WHERE o.id = c.source_id AND o.state <> %(cancelled)s))
 ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """An order and a promotion whose books disagree: money and gift pieces, shown and counted."""

    order_id: int
    promotion_id: int
    shown: Decimal
    shown_pieces: int
    counted: Decimal
    counted_pieces: int


def differences() -> list[Difference]:
    """Return where discounts and gifts of orders are not what their promotions were charged with.

    A cancelled order is charged with nothing, and nothing is charged without an order.
    """
    standing = promotions.standing_uses(source_type=SOURCE)
    values: dict[str, Any] = {"cancelled": OrderState.CANCELLED.value, **standing.values}
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERENCES.replace("{standing}", standing.sql), values)
        return [Difference(*row) for row in cursor.fetchall()]


def disagreements() -> list[str]:
    """Return each difference as a line, for the proof of promotions."""
    return [
        f"order {one.order_id}, promotion {one.promotion_id}: shows {one.shown} and"
        f" {one.shown_pieces} gifts, charged {one.counted} and {one.counted_pieces}"
        for one in differences()
    ]
