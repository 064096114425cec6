"""Facts the order book waits for."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from catalog.services import shown_stock
from customers.events import OrdersAllocated, OrdersPlaced, ReturnAccepted
from customers.selectors import before_sale
from customers.services import recipients, shipping, voices
from inventory.events import GoodsShipped, ReservationBroken, StockChanged
from ops.engines.events.handling import subscribe
from ops.engines.kernel.actor import Actor

_ACTOR = Actor.system("customers.orders")


@subscribe(OrdersPlaced)
def open_parcels(facts: Sequence[OrdersPlaced]) -> None:
    """Let the warehouse see what it may pack."""
    _open([order_id for fact in facts for order_id in fact.order_ids])


@subscribe(OrdersPlaced)
def index_recipients(facts: Sequence[OrdersPlaced]) -> None:
    """Let the desk see which orders may share a parcel."""
    recipients.index_recipients(order_ids=[pk for fact in facts for pk in fact.order_ids])


@subscribe(OrdersAllocated)
def open_parcels_of_released(facts: Sequence[OrdersAllocated]) -> None:
    """Let the warehouse see orders that had to wait."""
    _open([order_id for fact in facts for order_id in fact.order_ids])


@subscribe(GoodsShipped)
def ship_orders(facts: Sequence[GoodsShipped]) -> None:
    """Move orders whose goods have left to shipped."""
    shipping.goods_shipped(
        shipment_ids=[fact.shipment_id for fact in facts], actor=_ACTOR, at=timezone.now()
    )


@subscribe(ReservationBroken)
def hold_broken(facts: Sequence[ReservationBroken]) -> None:
    """Hold orders whose goods are gone."""
    shipping.reservations_broken(
        reservation_ids=[fact.reservation_id for fact in facts], actor=_ACTOR, at=timezone.now()
    )


@subscribe(StockChanged)
def tell_stock(facts: Sequence[StockChanged]) -> None:
    """Let channels show what is free to sell now (CAT-4.3-10)."""
    shown_stock.push_changed(
        sku_ids={sku for fact in facts for sku in fact.sku_ids}, actor=_ACTOR, at=timezone.now()
    )


@subscribe(OrdersPlaced)
def tell_stock_of_orders(facts: Sequence[OrdersPlaced]) -> None:
    """Let channels show what is left once goods are held for orders (CAT-4.3-10)."""
    _tell([order_id for fact in facts for order_id in fact.order_ids])


@subscribe(OrdersAllocated)
def tell_stock_of_released(facts: Sequence[OrdersAllocated]) -> None:
    """Let channels show what is left once goods are held for orders that waited (CAT-4.3-10)."""
    _tell([order_id for fact in facts for order_id in fact.order_ids])


@subscribe(ReturnAccepted)
def tell_departments(facts: Sequence[ReturnAccepted]) -> None:
    """Let who owns a product know why it came back: its quality, or what it was said to be."""
    voices.note_returns(
        return_ids=[fact.return_id for fact in facts], actor=_ACTOR, at=timezone.now()
    )


def _tell(order_ids: list[int]) -> None:
    skus = before_sale.skus_of(order_ids=order_ids)
    shown_stock.push_changed(sku_ids=skus, actor=_ACTOR, at=timezone.now())


def _open(order_ids: list[int]) -> None:
    shipping.open_shipments(order_ids=order_ids, actor=_ACTOR, at=timezone.now())
