"""Between the order book and the warehouse: parcels opened, goods gone, reservations broken."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Container, Mapping, Sequence

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_noop

from customers.choices import OrderState
from customers.events import OrderShipped
from customers.models import Order, OrderPart
from customers.selectors import book, fulfilment
from customers.selectors.fulfilment import Piece
from customers.services import orders as handling
from customers.services import recipients, steps
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
    """Open a parcel run for each allocated order that has none; return how many were opened.

    Of a divided order each part whose goods are all held is a parcel of its own, also while the
    rest waits for goods. An order without goods has nothing to pack and is shipped at once.
    """
    with transaction.atomic():
        found = _ready(order_ids)
        pieces = fulfilment.pieces(order_ids=[order.pk for order in found])
        with_goods = {piece.order_id for piece in pieces}
        drafts = _drafts(found, pieces, actor=actor)
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
    left: dict[int, tuple[dt.datetime, dt.datetime, dt.datetime]] = {}
    for parcel in parcels.order_by("shipped_at"):
        if (at_door := parcel.shipped_at) is not None:
            picked, packed = parcel.picked_at or at_door, parcel.packed_at or at_door
            left[parcel.source_id] = (picked, packed, at_door)
    with transaction.atomic():
        found = _waiting(left.keys())
        ids = [order.pk for order in found]
        gone = fulfilment.held(order_ids=ids, states=("consumed",))
        pieces = fulfilment.pieces(order_ids=ids)
        inside = {piece.order_id for piece in pieces if piece.held_for not in gone}
        _note_parts(gone, {pk: left[pk][2] for pk in ids})
        steps.record([o for o in found if o.pk in inside], "shipped_in_part", actor=actor, at=at)
        whole = [o for o in found if o.pk not in inside and o.state == OrderState.ALLOCATED]
        _ship(whole, left, actor=actor, at=at)


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


def _ready(order_ids: Collection[int]) -> list[Order]:
    """Lock the orders parcels may be opened for: allocated, or divided with a rest that waits."""
    parted = Exists(OrderPart.objects.filter(order_id=OuterRef("pk")))
    rests = Q(state=OrderState.CONFIRMED, hold_reason=handling.SHORT) & parted
    rows = Order.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=order_ids)
    ready = rows.filter(Q(state=OrderState.ALLOCATED, hold_reason="") | rests)
    return list(ready.order_by("pk"))


def _waiting(order_ids: Collection[int]) -> list[Order]:
    rows = Order.objects.select_for_update(of=("self",), no_key=True).filter(
        pk__in=order_ids, state__in=(OrderState.CONFIRMED, OrderState.ALLOCATED)
    )
    return list(rows.order_by("pk"))


def _note_parts(gone: Container[tuple[int, int]], moments: Mapping[int, dt.datetime]) -> None:
    """Write down which parts of divided orders have left."""
    rows = OrderPart.objects.filter(order_id__in=moments, left_at__isnull=True)
    left = [part for part in rows if (part.order_id, part.source_line) in gone]
    for part in left:
        part.left_at = moments[part.order_id]
    OrderPart.objects.bulk_update(left, ["left_at"], batch_size=1_000)


def _drafts(
    found: Sequence[Order], pieces: Sequence[Piece], *, actor: Actor
) -> list[ShipmentDraft]:
    """Return what may leave: each part, whole, of which everything is held and on no parcel yet."""
    ids = [order.pk for order in found]
    busy = shipment_selectors.held_on_parcels(source_type=steps.SOURCE, source_ids=ids)
    rows = stock.reservations(actor=actor).filter(
        source_type=steps.SOURCE, source_id__in=ids, state="open"
    )
    held = {(r.source_id, r.source_line): r.quantity for r in rows if r.pk not in busy}
    warehouses = {order.pk: order.warehouse_id or 0 for order in found}
    parts: dict[tuple[int, int], list[Piece]] = {}
    for piece in pieces:
        parts.setdefault((piece.order_id, piece.part_no), []).append(piece)
    return [
        ShipmentDraft(
            source_id=order_id,
            warehouse_id=warehouses[order_id],
            lines=tuple(
                ShipmentWant(
                    source_line=piece.source_line, sku_id=piece.sku_id, quantity=piece.quantity
                )
                for piece in inside
            ),
        )
        for (order_id, _part), inside in parts.items()
        if all(held.get(piece.held_for) == piece.quantity for piece in inside)
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
    recipients.forget(order_ids=ids)
    steps.record(found, "shipped", actor=actor, at=at)
    publish(*(OrderShipped(order_id=pk, dated_on=business_day(moments[pk][2])) for pk in ids))
