"""Handling orders: confirm (audit) them, hold, release, cancel; each order has its own result.

Locks are taken in the order: orders ascending, shipments, coupons and budgets, stock counters.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.services import redemption
from customers import errors
from customers.choices import OrderPath, OrderState
from customers.events import OrderCancelled, OrdersAllocated
from customers.models import Order
from customers.selectors import fulfilment
from customers.services import holding, recipients, routes, steps
from customers.types import StepRefused, StepReport
from inventory.choices import ShipmentState
from inventory.selectors import shipments as shipment_selectors
from inventory.services import reservations
from inventory.services import shipments as shipment_services
from inventory.types import BulkWant
from ops.engines.events.publishing import publish
from ops.engines.kernel.actor import Actor
from ops.engines.notices import services as notices

_BEFORE_SHIPPING = frozenset(
    {OrderState.PLACED, OrderState.PAID, OrderState.CONFIRMED, OrderState.ALLOCATED}
)
PRICE_HOLD = "customers.below_price"
SHORT = "inventory.short"
BROKEN = "inventory.reservation_broken"
NO_WAREHOUSE = "customers.no_warehouse"
_LIVE = (ShipmentState.OPEN, ShipmentState.PICKED, ShipmentState.PACKED)


def confirm(*, order_ids: Collection[int], actor: Actor, at: dt.datetime) -> StepReport:
    """Confirm paid or held orders: goods are held for them and they become allocated.

    An order that cannot be confirmed keeps its state and is refused with a reason; one for which
    goods lack is put on hold. A price below the approved one takes the right to approve
    (SCM-2.4-04).
    """
    with transaction.atomic():
        found = steps.lock(order_ids, actor=actor, right="C")
        refused = steps.absent(order_ids, found)
        ready, unfit = [], []
        for order in found:
            refusal = _unconfirmable(order, actor)
            (ready.append(order) if refusal is None else unfit.append(refusal))
        short = holding.reserved(_missing_goods(ready), actor=steps.KEEPER, at=at)
        lacking = [order for order in ready if order.pk in short]
        done = [order for order in ready if order.pk not in short]
        _hold_short(lacking)
        Order.objects.filter(pk__in=[order.pk for order in done]).update(hold_reason="")
        allocate(done, actor=actor, at=at)
        steps.record(done, "confirmed", actor=actor, at=at)
        # A divided order that waits on lets its other parts leave.
        parted = fulfilment.divided(order_ids=[order.pk for order in lacking])
        if told := tuple(o.pk for o in found if o in done or o.pk in parted):
            publish(OrdersAllocated(order_ids=told))
    short_refusals = [
        steps.refused(order, SHORT, "; ".join(c.detail for c in short[order.pk]))
        for order in lacking
    ]
    return StepReport(tuple(o.pk for o in done), (*refused, *unfit, *short_refusals))


def hold(*, order_ids: Collection[int], reason: str, actor: Actor, at: dt.datetime) -> StepReport:
    """Stop orders before they ship, with a reason; parcels not yet handed over are taken back."""
    if not reason.strip():
        raise errors.OrderRefused(
            "customers.hold_reason", _("State why the order is held."), field="reason"
        )
    with transaction.atomic():
        found = steps.lock(order_ids, actor=actor, right="C")
        refused = steps.absent(order_ids, found)
        fit = [order for order in found if order.state in _BEFORE_SHIPPING]
        refused += [steps.wrong_state(o) for o in found if o.state not in _BEFORE_SHIPPING]
        take_back_parcels(fit, at=at)
        # The parcel may have left and the word of it not arrived yet.
        left = fulfilment.gone(order_ids=[order.pk for order in fit])
        refused += [steps.gone(order) for order in fit if order.pk in left]
        fit = [order for order in fit if order.pk not in left]
        ids = [order.pk for order in fit]
        # What takes a supervisor to lift is not lost by holding the order for something else too.
        priced = [order.pk for order in fit if _is_below_price(order)]
        Order.objects.filter(pk__in=ids).update(hold_reason=reason.strip()[:160])
        Order.objects.filter(pk__in=priced).update(
            hold_reason=f"{PRICE_HOLD},{reason.strip()[:160]}"
        )
        steps.record(fit, "held", actor=actor, at=at, body={"reason": reason.strip()})
    return StepReport(tuple(ids), tuple(refused))


def release(*, order_ids: Collection[int], actor: Actor, at: dt.datetime) -> StepReport:
    """Lift the hold; an order that may be confirmed is confirmed, another one waits for payment."""
    with transaction.atomic():
        found = steps.lock(order_ids, actor=actor, right="C")
        free = [order for order in found if not order.hold_reason]
        held = [order for order in found if order.hold_reason]
        waiting = [order for order in held if waits_for_payment(order)]
        low = [o for o in waiting if _is_below_price(o) and not _may_approve(o, actor)]
        waiting = [order for order in waiting if order not in low]
        report = confirm(
            order_ids=[order.pk for order in held if order not in (*waiting, *low)],
            actor=actor,
            at=at,
        )
        Order.objects.filter(pk__in=[order.pk for order in waiting]).update(hold_reason="")
        steps.record(waiting, "released", actor=actor, at=at)
    refused = [
        *steps.absent(order_ids, found),
        *(steps.refused(o, "customers.not_held", _not_held(o)) for o in free),
        *(_too_low(order) for order in low),
        *report.refused,
    ]
    return StepReport((*(order.pk for order in waiting), *report.done), tuple(refused))


def note_payment(
    *, order_id: int, paid_at: dt.datetime, actor: Actor, at: dt.datetime
) -> StepReport:
    """Note that an order was paid, then confirm it unless it is held.

    Raises OrderMissing, OrderStepRefused when it is not waiting for payment, OrderRefused for a
    payment before the order was placed or in the future.
    """
    with transaction.atomic():
        order = steps.only([order_id], actor=actor, right="C")
        if not waits_for_payment(order):
            refusal = steps.wrong_state(order)
            raise errors.OrderStepRefused(refusal.code, refusal.reason, state=order.state)
        if not order.placed_at <= paid_at <= at:
            raise errors.OrderRefused(
                "customers.payment_moment",
                _("A payment lies between the order and now."),
                field="paid_at",
            )
        hours = routes.ship_within_hours(order.channel_id)
        Order.objects.filter(pk=order.pk).update(
            paid_at=paid_at, ship_by=paid_at + dt.timedelta(hours=hours)
        )
        steps.advance([order.pk], OrderState.PAID, person_id=actor.person_id, at=paid_at)
        order.state = OrderState.PAID
        steps.record([order], "paid", actor=actor, at=at)
        if order.hold_reason:
            return StepReport((order.pk,))
        return confirm(order_ids=[order.pk], actor=actor, at=at)


def cancel(*, order_id: int, reason: str, actor: Actor, at: dt.datetime) -> Order:
    """Cancel an order before it ships: parcels are taken back and its goods set free.

    Coupons, caps and budgets it used are there for others again.

    Raises OrderMissing, OrderStepRefused when it or a part of it has left, OrderRefused without a
    reason.
    """
    if not reason.strip():
        raise errors.OrderRefused(
            "customers.cancel_reason", _("State why the order is cancelled."), field="reason"
        )
    with transaction.atomic():
        order = steps.only([order_id], actor=actor, right="C")
        if order.state not in _BEFORE_SHIPPING:
            refusal = steps.wrong_state(order)
            raise errors.OrderStepRefused(refusal.code, refusal.reason, state=order.state)
        take_back_parcels([order], at=at)
        if fulfilment.held(order_ids=[order.pk], states=("consumed",)):
            refusal = steps.gone(order)
            raise errors.OrderStepRefused(refusal.code, refusal.reason, state=order.state)
        redemption.release(sources=[(steps.SOURCE, order.pk)], actor=actor, at=at)
        reservations.release(
            source_type=steps.SOURCE, source_ids=[order.pk], actor=steps.KEEPER, at=at
        )
        Order.objects.filter(pk=order.pk).update(hold_reason="")
        steps.advance([order.pk], OrderState.CANCELLED, person_id=actor.person_id, at=at)
        steps.record([order], "cancelled", actor=actor, at=at, body={"reason": reason.strip()})
        notices.settle(subject=f"customers.held:{order.pk}", at=at)
        recipients.forget(order_ids=[order.pk])
        publish(OrderCancelled(order_id=order.pk))
        order.state, order.hold_reason = OrderState.CANCELLED, ""
    return order


def take_back_parcels(orders: Sequence[Order], *, at: dt.datetime) -> None:
    """Give up the parcels of orders that have not been handed over; what is held stays held.

    Raises WrongState of inventory when one was handed over in this moment.
    """
    parcels = shipment_selectors.shipments(actor=steps.KEEPER).filter(
        source_type=steps.SOURCE, source_id__in=[order.pk for order in orders], state__in=_LIVE
    )
    shipment_services.cancel_many(
        shipment_ids=list(parcels.values_list("pk", flat=True)), actor=steps.KEEPER, at=at
    )


def _unconfirmable(order: Order, actor: Actor) -> StepRefused | None:
    """Return why an order cannot be confirmed, None when it can."""
    if waits_for_payment(order):
        return steps.unpaid(order)
    if order.state == OrderState.ALLOCATED and not order.hold_reason:
        return steps.wrong_state(order)
    if order.state not in _BEFORE_SHIPPING:
        return steps.wrong_state(order)
    if _is_below_price(order) and not _may_approve(order, actor):
        return _too_low(order)
    if order.warehouse_id is None:
        return steps.refused(
            order,
            NO_WAREHOUSE,
            _("No warehouse serves this channel. Name one in its route."),
        )
    return None


def _too_low(order: Order) -> StepRefused:
    return steps.refused(
        order,
        PRICE_HOLD,
        _("%(number)s is below the approved price; a supervisor must confirm it.")
        % {"number": order.number},
    )


def _is_below_price(order: Order) -> bool:
    return PRICE_HOLD in order.hold_reason.split(",")


def _may_approve(order: Order, actor: Actor) -> bool:
    mine = actor.scope_ids("channel", "customers", "A")
    return mine is None or order.channel_id in mine


def waits_for_payment(order: Order) -> bool:
    """Say whether an order is to be paid before anything else."""
    return order.state == OrderState.PLACED and order.path != OrderPath.COD


def _missing_goods(orders: Sequence[Order]) -> list[BulkWant]:
    """Return the goods for which nothing is held yet and which have not left."""
    ids = [order.pk for order in orders]
    warehouses = {order.pk: order.warehouse_id for order in orders}
    held = fulfilment.held(order_ids=ids, states=("open", "consumed"))
    return [
        BulkWant(
            source_id=piece.order_id,
            line=piece.source_line,
            sku_id=piece.sku_id,
            warehouse_id=warehouses[piece.order_id] or 0,
            quantity=piece.quantity,
        )
        for piece in fulfilment.pieces(order_ids=ids)
        if piece.held_for not in held
    ]


def _hold_short(orders: Sequence[Order]) -> None:
    fresh = [order.pk for order in orders if SHORT not in order.hold_reason]
    Order.objects.filter(pk__in=fresh).update(hold_reason=SHORT)


def allocate(orders: Sequence[Order], *, actor: Actor, at: dt.datetime) -> None:
    """Take the steps that lie between each order, whose goods are held, and `allocated`."""
    early = [o.pk for o in orders if o.state in {OrderState.PLACED, OrderState.PAID}]
    later = [o.pk for o in orders if o.state == OrderState.CONFIRMED]
    steps.advance(early, OrderState.CONFIRMED, person_id=actor.person_id, at=at)
    steps.advance([*early, *later], OrderState.ALLOCATED, person_id=actor.person_id, at=at)


def _not_held(order: Order) -> str:
    return _("%(number)s is not on hold.") % {"number": order.number}
