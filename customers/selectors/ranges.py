"""What every SKU really sold, for the review of the range (CAT-4.1-05)."""

from __future__ import annotations

import datetime as dt
from typing import Final

from catalog.ports import Relation

# The same sales that proposals are replayed on: paid for or taken over as done, not cancelled.
_SOLD: Final = """
SELECT l.sku_id, sum(l.quantity)::bigint, sum(l.amount)
FROM customers_order o JOIN customers_orderline l ON l.order_id = o.id
WHERE o.business_day BETWEEN %s AND %s AND o.currency = 'CNY'
  AND o.kind = 'sale' AND o.state NOT IN ('placed', 'cancelled')
  AND l.kind = 'sale' AND l.quantity > 0
GROUP BY l.sku_id
"""


def sold_skus(*, first: dt.date, last: dt.date) -> Relation:
    """Return SKU id, pieces and net amount (CNY) of all channels; fills `catalog.sold_skus`."""
    return Relation(_SOLD, (first, last))
