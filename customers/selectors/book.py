"""The order book as it is read: orders within scope, their goods, their story."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from catalog.choices.goods import SkuKind
from customers.choices import OrderPath, OrderState
from customers.models import (
    Order,
    OrderDiscount,
    OrderGift,
    OrderLine,
    OrderNote,
    OrderPart,
    OrderStep,
    Return,
)
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
class Note:
    """What was noted about an order."""

    text: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Story:
    """What a page tells beside an order: its states, notes, parts, returns, its buyer's orders.

    `entered` says when it came to each state; notes come newest first.
    """

    entered: Mapping[str, dt.datetime]
    notes: Sequence[Note]
    is_divided: bool
    has_returns: bool
    buyer_orders: int

    @classmethod
    def of(cls, order: Any) -> Story:
        """Read it off an order of `with_story`."""
        steps = zip(order.step_states, order.step_moments, strict=True)
        return cls(
            entered=dict(steps) | _given(order),
            notes=[Note(*each) for each in zip(order.note_texts, order.note_moments, strict=True)],
            is_divided=order.is_divided,
            has_returns=order.has_returns,
            buyer_orders=order.buyer_orders or 0,
        )


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


def with_story(rows: QuerySet[Order]) -> QuerySet[Order]:
    """Return orders that carry what `Story.of` reads and the buyer's key, in the same statement."""
    steps = OrderStep.objects.filter(order=OuterRef("pk")).order_by("id")
    noted = OrderNote.objects.filter(order=OuterRef("pk")).order_by("-id")
    others = Order.objects.filter(customer=OuterRef("customer")).order_by().values("customer")
    return rows.select_related("channel", "customer__key", "warehouse").annotate(
        step_states=ArraySubquery(steps.values("state")),
        step_moments=ArraySubquery(steps.values("at")),
        note_texts=ArraySubquery(noted.values("text")),
        note_moments=ArraySubquery(noted.values("at")),
        is_divided=Exists(OrderPart.objects.filter(order=OuterRef("pk"))),
        has_returns=Exists(Return.objects.filter(order=OuterRef("pk"))),
        buyer_orders=Subquery(others.annotate(number=Count("pk")).values("number")),
    )


def discounts(*, order_id: int) -> QuerySet[OrderDiscount]:
    """Return what promotions took off the lines of an order, with the promotions."""
    rows = OrderDiscount.objects.filter(order_id=order_id).select_related("promotion")
    return rows.order_by("line_no", "pk")


def gifts(*, order_id: int) -> QuerySet[OrderGift]:
    """Return which promotions gave lines of an order away."""
    rows = OrderGift.objects.filter(order_id=order_id).select_related("promotion")
    return rows.order_by("line_no")


def lines(*, order_id: int) -> QuerySet[OrderLine]:
    """Return the lines of an order with their SKUs."""
    return OrderLine.objects.filter(order_id=order_id).select_related("sku").order_by("line_no")


def timeline(order: Order) -> list[Moment]:
    """Return when an order entered each state, oldest first.

    Placing and payment are the channel's own moments; the other steps are ours.
    """
    moments = [Moment(state, at, None) for state, at in _given(order).items()]
    written = OrderStep.objects.filter(order=order).order_by("id")
    given = {OrderState.PLACED, OrderState.PAID}
    moments += [
        Moment(step.state, step.at, step.person_id) for step in written if step.state not in given
    ]
    return moments


def _given(order: Order) -> dict[str, dt.datetime]:
    """Return the moments the channel gave."""
    paid = {} if order.paid_at is None else {OrderState.PAID.value: order.paid_at}
    return {OrderState.PLACED.value: order.placed_at, **paid}


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
