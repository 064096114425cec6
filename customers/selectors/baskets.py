"""What was bought in one order, for those who count it by the thousand."""

from __future__ import annotations

import datetime as dt

from catalog.ports import Relation
from customers.choices import LineKind, OrderKind, OrderState
from customers.models import OrderLine
from ops.engines.kernel.parse import business_day


def order_baskets(*, channel_id: int, since: dt.datetime, until: dt.datetime) -> Relation:
    """Return order id and SKU id of the sale lines of a channel's orders, as a relation.

    From `since` until before `until`; cancelled orders were no purchase. Answers the catalogue.
    """
    rows = OrderLine.objects.filter(
        kind=LineKind.SALE,
        order__kind=OrderKind.SALE,
        order__channel_id=channel_id,
        # The index knows days, the caller moments.
        order__business_day__range=(business_day(since), business_day(until)),
        order__placed_at__gte=since,
        order__placed_at__lt=until,
    ).exclude(order__state=OrderState.CANCELLED)
    sql, params = rows.order_by().values_list("order_id", "sku_id").query.sql_with_params()
    return Relation(sql, tuple(params))
