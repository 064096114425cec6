"""The order book as it is read: orders within scope, their goods, their story."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from catalog.choices import SkuKind
from customers.choices import OrderPath, OrderState
from customers.models import Order, OrderLine, OrderStep, Return
from inventory.types import Source
from ops.engines.kernel.actor import Actor

SOURCE = "customers.order"
TO_SHIP = (OrderState.PLACED, OrderState.PAID, OrderState.CONFIRMED, OrderState.ALLOCATED)


@dataclass(frozen=True, slots=True)
class GoodsLine:
    """A line of goods, as stock knows it."""

    order_id: int
    line_no: int
    sku_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Moment:
    """A step of an order: which state, when, by whom."""

    state: str
    at: dt.datetime
    person_id: int | None


def orders(*, actor: Actor) -> QuerySet[Order]:
    """Return the orders of the actor's channels."""
    every = Order.objects.select_related("channel", "customer", "warehouse")
    mine = actor.scope_ids("channel", "customers")
    return every if mine is None else every.filter(channel_id__in=mine)


def returns(*, actor: Actor) -> QuerySet[Return]:
    """Return the returns of the actor's channels."""
    every = Return.objects.select_related("channel", "order", "warehouse")
    mine = actor.scope_ids("channel", "customers")
    return every if mine is None else every.filter(channel_id__in=mine)


def held(rows: QuerySet[Order]) -> QuerySet[Order]:
    """Return the orders on hold."""
    return rows.filter(~Q(hold_reason=""), state__in=TO_SHIP)


def to_confirm(rows: QuerySet[Order]) -> QuerySet[Order]:
    """Return the orders that wait to be confirmed."""
    unpaid_door = Q(state=OrderState.PLACED, path=OrderPath.COD)
    return rows.filter(Q(state=OrderState.PAID) | unpaid_door, hold_reason="")


def to_ship(rows: QuerySet[Order]) -> QuerySet[Order]:
    """Return the orders whose goods are held and wait for the parcel."""
    return rows.filter(state=OrderState.ALLOCATED, hold_reason="")


def late(rows: QuerySet[Order], *, at: dt.datetime) -> QuerySet[Order]:
    """Return the orders not shipped although their time is up (SCM-2.4-04)."""
    return rows.filter(ship_by__lt=at, state__in=TO_SHIP)


def goods_lines(*, order_ids: Collection[int]) -> list[GoodsLine]:
    """Return the lines of goods, in the order of the documents."""
    rows = OrderLine.objects.filter(order_id__in=order_ids, sku__kind=SkuKind.GOODS)
    columns = ("order_id", "line_no", "sku_id", "quantity")
    return [GoodsLine(*row) for row in rows.order_by("order_id", "line_no").values_list(*columns)]


def lines(*, order_id: int) -> QuerySet[OrderLine]:
    """Return the lines of an order with their SKUs."""
    return OrderLine.objects.filter(order_id=order_id).select_related("sku").order_by("line_no")


def timeline(order: Order) -> list[Moment]:
    """Return when an order entered each state, oldest first.

    Placing and payment are the channel's own moments; the other steps are ours.
    """
    moments = [Moment(OrderState.PLACED, order.placed_at, None)]
    if order.paid_at is not None:
        moments.append(Moment(OrderState.PAID, order.paid_at, None))
    written = OrderStep.objects.filter(order=order).order_by("id")
    given = {OrderState.PLACED, OrderState.PAID}
    moments += [
        Moment(step.state, step.at, step.person_id) for step in written if step.state not in given
    ]
    return moments


def find_source(*, number: str, actor: Actor) -> Source | None:
    """Return the document goods are held for under an order number; fills `find_order`.

    Our own numbers come first, then the channels'.
    """
    found = orders(actor=actor)
    for column in ("number", "external_no"):
        pk = found.filter(**{column: number}).values_list("pk", flat=True).first()
        if pk is not None:
            return Source(type=SOURCE, id=pk)
    return None
