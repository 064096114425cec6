"""Between the order book and the warehouse: parcels opened, goods gone, reservations broken."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext_noop

from customers.choices import OrderState
from customers.events import OrderShipped
from customers.models import Order
from customers.selectors import book
from customers.services import orders as handling
from customers.services import steps
from customers.types import StepReport
from inventory.choices import ShipmentState
from inventory.selectors import shipments as shipment_selectors
from inventory.selectors import stock
from inventory.services import shipments as shipment_services
from inventory.types import ShipmentDraft, ShipmentWant
from ops.engines.events.publishing import publish
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day
from ops.engines.notices import services as notices

_BROKEN = gettext_noop("Goods held for order %(number)s are gone; decide what becomes of it.")
_AFTER_SHIPPING = (OrderState.DELIVERED, OrderState.RECEIVED, OrderState.CLOSED)


def open_shipments(*, order_ids: Collection[int], actor: Actor, at: dt.datetime) -> int:
    """Open one parcel run for each allocated order that has none; return how many were opened.

    An order without goods has nothing to pack and is shipped at once.
    """
    with transaction.atomic():
        found = _allocated(order_ids)
        lines = book.goods_lines(order_ids=[order.pk for order in found])
        with_goods = {line.order_id for line in lines}
        drafts = _drafts(found, actor=actor)
        if drafts:
            shipment_services.open_many(source_type=steps.SOURCE, drafts=drafts, actor=actor, at=at)
        bare = [order for order in found if order.pk not in with_goods]
        _ship(bare, {order.pk: (at, at, at) for order in bare}, actor=actor, at=at)
    return len(drafts)


def goods_shipped(*, shipment_ids: Collection[int], actor: Actor, at: dt.datetime) -> None:
    """Move orders whose last goods have left to `shipped` and announce it (FIN-7.1-02).

    Parcels of other documents are not ours; an order that is shipped already stays as it is.
    """
    parcels = shipment_selectors.shipments(actor=actor).filter(
        pk__in=shipment_ids, source_type=steps.SOURCE, state=ShipmentState.SHIPPED
    )
    left = {
        parcel.source_id: (
            parcel.picked_at or parcel.shipped_at,
            parcel.packed_at or parcel.shipped_at,
            parcel.shipped_at,
        )
        for parcel in parcels
        if parcel.shipped_at is not None
    }
    waiting = set(
        stock.reservations(actor=actor)
        .filter(source_type=steps.SOURCE, source_id__in=left, state="open")
        .values_list("source_id", flat=True)
    )
    with transaction.atomic():
        whole = _allocated(left.keys(), is_free=False)
        _ship([order for order in whole if order.pk not in waiting], left, actor=actor, at=at)


def reservations_broken(*, reservation_ids: Collection[int], actor: Actor, at: dt.datetime) -> None:
    """Put orders on hold whose goods are gone, take their parcels back and say so."""
    order_ids = (
        stock.reservations(actor=actor)
        .filter(pk__in=reservation_ids, source_type=steps.SOURCE)
        .values_list("source_id", flat=True)
    )
    with transaction.atomic():
        hit = [
            order
            for order in steps.lock(set(order_ids), actor=actor, right="C")
            if order.state in book.TO_SHIP
        ]
        handling.take_back_parcels(hit, at=at)
        Order.objects.filter(pk__in=[order.pk for order in hit]).update(hold_reason=handling.BROKEN)
        steps.record(hit, "held", actor=actor, at=at, body={"reason": handling.BROKEN})
        for order in hit:
            notices.notify(
                kind="act",
                title=_BROKEN,
                params={"number": order.number},
                role=Role.OPERATIONS_SPECIALIST,
                area="customers",
                scope=("channel", order.channel_id),
                link=f"/orders/{order.number}/",
                subject=f"customers.held:{order.pk}",
                actor=actor,
                at=at,
            )


def mark(
    *, order_ids: Collection[int], state: OrderState, actor: Actor, at: dt.datetime
) -> StepReport:
    """Note that shipped orders were delivered, received or closed."""
    if state not in _AFTER_SHIPPING:
        raise ValueError(f"{state} is not a step after shipping")
    former = {
        OrderState.DELIVERED: {OrderState.SHIPPED},
        OrderState.RECEIVED: {OrderState.DELIVERED},
        OrderState.CLOSED: {OrderState.SHIPPED, OrderState.DELIVERED, OrderState.RECEIVED},
    }[state]
    with transaction.atomic():
        found = steps.lock(order_ids, actor=actor, right="P")
        fit = [order for order in found if order.state in former]
        refused = [*steps.absent(order_ids, found)]
        refused += [steps.wrong_state(order) for order in found if order.state not in former]
        ids = [order.pk for order in fit]
        steps.advance(ids, state, person_id=actor.person_id, at=at)
        steps.record(fit, str(state), actor=actor, at=at)
    return StepReport(tuple(ids), tuple(refused))


def _allocated(order_ids: Collection[int], *, is_free: bool = True) -> list[Order]:
    rows = Order.objects.select_for_update(of=("self",), no_key=True).filter(
        pk__in=order_ids, state=OrderState.ALLOCATED
    )
    return list((rows.filter(hold_reason="") if is_free else rows).order_by("pk"))


def _drafts(found: list[Order], *, actor: Actor) -> list[ShipmentDraft]:
    """Return what may leave: orders without a live parcel, all that is held for them."""
    ids = [order.pk for order in found]
    busy = set(
        shipment_selectors.shipments(actor=actor)
        .filter(source_type=steps.SOURCE, source_id__in=ids)
        .exclude(state=ShipmentState.CANCELLED)
        .values_list("source_id", flat=True)
    )
    held: dict[int, list[ShipmentWant]] = {}
    rows = stock.reservations(actor=actor).filter(
        source_type=steps.SOURCE, source_id__in=set(ids) - busy, state="open"
    )
    for row in rows.order_by("source_id", "source_line"):
        held.setdefault(row.source_id, []).append(
            ShipmentWant(source_line=row.source_line, sku_id=row.sku_id, quantity=row.quantity)
        )
    return [
        ShipmentDraft(
            source_id=order.pk,
            warehouse_id=order.warehouse_id or 0,
            lines=tuple(held[order.pk]),
        )
        for order in found
        if order.pk in held
    ]


def _ship(
    found: list[Order],
    moments: dict[int, tuple[dt.datetime, dt.datetime, dt.datetime]],
    *,
    actor: Actor,
    at: dt.datetime,
) -> None:
    """Take the three steps of the warehouse, each at its own moment."""
    ids = [order.pk for order in found]
    for place, state in enumerate((OrderState.PICKED, OrderState.PACKED, OrderState.SHIPPED)):
        steps.advance_at({pk: moments[pk][place] for pk in ids}, state, person_id=actor.person_id)
    for order in found:
        order.shipped_at, order.hold_reason = moments[order.pk][2], ""
        order.state = OrderState.SHIPPED
    Order.objects.bulk_update(found, ["shipped_at", "hold_reason"], batch_size=1_000)
    steps.record(found, "shipped", actor=actor, at=at)
    publish(*(OrderShipped(order_id=pk, dated_on=business_day(moments[pk][2])) for pk in ids))
