"""What every SKU really sold, for the review of the range (CAT-4.1-05)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Final

from django.db.models import F

from catalog.ports import SkuQuery, SkuSale
from customers.models import OrderLine

# The same sales that proposals are replayed on: paid for or taken over as done, not cancelled.
_SOLD: Final = """
SELECT l.sku_id, sum(l.quantity)::bigint, sum(l.amount)
FROM customers_order o JOIN customers_orderline l ON l.order_id = o.id
WHERE o.business_day BETWEEN %(sold_first)s AND %(sold_last)s AND o.currency = 'CNY'
  AND o.kind = 'sale' AND o.state NOT IN ('placed', 'cancelled')
  AND l.kind = 'sale' AND l.quantity > 0
GROUP BY l.sku_id
"""


def sold_skus(*, first: dt.date, last: dt.date) -> SkuQuery:
    """Return SKU id, pieces and net amount (CNY) of all channels; fills `catalog.sold_skus`."""
    return SkuQuery(_SOLD, {"sold_first": first, "sold_last": last})


def sku_sales(
    *,
    sku_id: int,
    channel_ids: Collection[int] | None,
    first: dt.date,
    last: dt.date,
    most: int,
) -> list[SkuSale]:
    """Return the newest sale lines of a SKU; fills `catalog.sku_sales`. One query."""
    rows = OrderLine.objects.filter(
        sku_id=sku_id,
        kind="sale",
        quantity__gt=0,
        order__currency="CNY",
        order__business_day__range=(first, last),
        order__kind="sale",
    ).exclude(order__state__in=("placed", "cancelled"))
    if channel_ids is not None:
        rows = rows.filter(order__channel_id__in=channel_ids)
    columns = ("order__number", "order__business_day", "order__channel__name", "quantity", "amount")
    rows = rows.order_by(F("order__business_day").desc(), "-order_id", "-line_no")
    return [SkuSale(*row) for row in rows.values_list(*columns)[:most]]
