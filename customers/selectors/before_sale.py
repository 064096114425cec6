"""What a sale asks of us before it is in the book: who bought before, which gifts are there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from django.db import connection
from django.db.models import Exists, OuterRef

from catalog.ports import FreeQuery
from customers.choices import OrderKind, OrderState
from customers.models import ChannelRoute, Customer, Order, OrderLine
from inventory.selectors import stock
from ops.engines.kernel.arrays import array

_GIFTS: Final = f"""
SELECT f.sku_id, f.pieces
  FROM customers_channelroute r
  LEFT JOIN LATERAL ({stock.free_in("r.warehouse_id")}) AS f(sku_id, pieces)
         ON f.sku_id = ANY(%(skus)s::bigint[])
 WHERE r.channel_id = %(channel)s
"""  # noqa: S608 - constants only


def who_bought(*, codes: Collection[str], channel_id: int) -> set[str]:
    """Return those buyers (by the channel's code) with an order that was not cancelled."""
    bought = Order.objects.filter(customer_id=OuterRef("pk"), kind=OrderKind.SALE)
    rows = Customer.objects.filter(channel_id=channel_id, code__in=codes)
    found = rows.filter(Exists(bought.exclude(state=OrderState.CANCELLED)))
    return set(found.values_list("code", flat=True))


def gift_stock(*, sku_ids: Collection[int], channel_id: int) -> Mapping[int, int] | None:
    """Return the pieces of SKUs free in the warehouse that serves a channel; None without one.

    Fills the port `catalog.gift_stock`. One statement.
    """
    values: dict[str, Any] = {"skus": array(sku_ids), "channel": channel_id}
    with connection.cursor() as cursor:
        cursor.execute(_GIFTS, values)
        rows = cursor.fetchall()
    return {sku: pieces for sku, pieces in rows if sku is not None} if rows else None


def channel_free(*, channel_id: int) -> FreeQuery:
    """Return what is free to sell in the warehouse that serves a channel; nothing without one.

    Fills the port `catalog.channel_free`.
    """
    routes = ChannelRoute.objects.filter(channel_id=channel_id)
    warehouse_id = routes.values_list("warehouse_id", flat=True).first()
    # No warehouse has the id 0: goods nobody serves are not for sale.
    return FreeQuery(*stock.free_of(warehouse_id=warehouse_id or 0))


def skus_of(*, order_ids: Collection[int]) -> set[int]:
    """Return the SKUs that orders are about, in one query."""
    rows = OrderLine.objects.filter(order_id__in=order_ids)
    return set(rows.values_list("sku_id", flat=True).distinct())
