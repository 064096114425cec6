"""What was bought in one order, for those who count it by the thousand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Final

from django.db.models import Sum

from catalog.ports import Relation
from customers.choices import LineKind, OrderKind, OrderState
from customers.models import OrderLine
from ops.engines.kernel.parse import business_day

BEFORE_SHIPPING: Final = (
    OrderState.PLACED,
    OrderState.PAID,
    OrderState.CONFIRMED,
    OrderState.ALLOCATED,
    OrderState.PICKED,
    OrderState.PACKED,
)


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


def open_pieces(*, sku_ids: Collection[int], channel_id: int) -> dict[int, int]:
    """Return how many pieces of SKUs are ordered in a channel and not yet shipped. One query.

    Fills the port `catalog.open_pieces`.
    """
    rows = OrderLine.objects.filter(
        sku_id__in=sku_ids,
        order__channel_id=channel_id,
        order__kind=OrderKind.SALE,
        order__state__in=BEFORE_SHIPPING,
    )
    return dict(
        rows.order_by()
        .values("sku_id")
        .annotate(pieces=Sum("quantity"))
        .values_list("sku_id", "pieces")
    )
