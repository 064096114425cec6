"""Change of warehouse: goods given back in one place and taken in another, or nothing at all.

Locks are taken in the order: orders ascending, their parcels ascending, then the stock counters of
both warehouses ascending.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.selectors import codes
from customers.models import Order
from customers.selectors import book, fulfilment
from customers.selectors.fulfilment import Piece
from customers.services import holding, orders, shipping, steps
from customers.types import StepRefused, StepReport
from inventory.choices import ShipmentState
from inventory.selectors import places, stock
from inventory.services import parcels as joint_parcels
from inventory.services import reservations
from inventory.services import shipments as shipment_services
from inventory.types import BulkWant, DocumentShipment
from ops.engines.kernel.actor import Actor
from ops.engines.notices import services as notices

# A hold for one of these reasons ends when another warehouse holds the goods.
_ABOUT_GOODS = frozenset({orders.SHORT, orders.BROKEN, orders.NO_WAREHOUSE})


def move_orders(
    *, order_ids: Collection[int], warehouse_id: int, actor: Actor, at: dt.datetime
) -> StepReport:
    """Let another warehouse serve orders that have not left, each whole or not at all.

    What is held moves along; an order that was held for lack of goods alone becomes allocated. An
    open parcel is given up and opened anew; a picked one refuses the order, and so does a warehouse
    that cannot hold all of it (the refusal says what is available and needed). Parts of a divided
    order that have left stay where they left from. Raises UnknownPlace.
    """
    places.warehouse(warehouse_id=warehouse_id)
    with transaction.atomic():
        found = steps.lock(order_ids, actor=actor, right="C")
        refused = steps.absent(order_ids, found)
        parcels = _parcels(found)
        unfit = {o.pk: _unmovable(o, warehouse_id, parcels.get(o.pk, ())) for o in found}
        refused += [refusal for refusal in unfit.values() if refusal]
        fit = [order for order in found if unfit[order.pk] is None]
        left = _left(fit)
        refused += [steps.gone(o) for o in fit if o.pk in parcels and not left[o.pk]]
        fit = [order for order in fit if left[order.pk] or order.pk not in parcels]
        _lock_both(left, fit, warehouse_id)
        moving, short = _that_fit(fit, left, warehouse_id)
        refused += short
        _give_up(moving, parcels, at=at)
        holding_now = fulfilment.held(order_ids=[order.pk for order in moving])
        reservations.release(
            source_type=steps.SOURCE, source_ids=[o.pk for o in moving], actor=steps.KEEPER, at=at
        )
        former = {order.pk: order.warehouse_id for order in moving}
        for order in moving:
            order.warehouse_id = warehouse_id
        Order.objects.filter(pk__in=former).update(warehouse_id=warehouse_id)
        had = {order_id for order_id, _line in holding_now}
        ready = [order for order in moving if _about_goods(order)]
        keeping = [order for order in moving if order.pk in had or order in ready]
        _take(keeping, left, warehouse_id, at=at)
        _settle(ready, actor=actor, at=at)
        steps.record(
            moving, "moved", actor=actor, at=at,
            body={"warehouse": warehouse_id, "from": sorted({w or 0 for w in former.values()})},
        )  # fmt: skip
        shipping.open_shipments(order_ids=list(former), actor=steps.KEEPER, at=at)
    return StepReport(tuple(former), tuple(refused))


def _parcels(found: Sequence[Order]) -> dict[int, list[DocumentShipment]]:
    """Lock and return the parcels of orders that are not given up, by order."""
    by_order: dict[int, list[DocumentShipment]] = {}
    for parcel in joint_parcels.lock_of(
        source_type=steps.SOURCE, source_ids=[order.pk for order in found]
    ):
        by_order.setdefault(parcel.source_id, []).append(parcel)
    return by_order


def _unmovable(
    order: Order, warehouse_id: int, parcels: Sequence[DocumentShipment]
) -> StepRefused | None:
    if order.state not in book.TO_SHIP:
        return steps.wrong_state(order)
    if orders.waits_for_payment(order):
        return steps.unpaid(order)
    if order.warehouse_id == warehouse_id:
        return steps.refused(
            order,
            "customers.same_warehouse",
            _("%(number)s is served by this warehouse already.") % {"number": order.number},
        )
    return steps.at_work(order, parcels)


def _left(fit: Sequence[Order]) -> dict[int, list[Piece]]:
    """Return the pieces of orders that have not left."""
    ids = [order.pk for order in fit]
    gone = fulfilment.held(order_ids=ids, states=("consumed",))
    left: dict[int, list[Piece]] = {pk: [] for pk in ids}
    for piece in fulfilment.pieces(order_ids=ids):
        if piece.held_for not in gone:
            left[piece.order_id].append(piece)
    return left


def _lock_both(
    left: Mapping[int, Sequence[Piece]], fit: Sequence[Order], warehouse_id: int
) -> None:
    former = {order.pk: order.warehouse_id for order in fit}
    pairs = [(p.sku_id, place) for rows in left.values() for p in rows
             for place in (warehouse_id, former[p.order_id]) if place]  # fmt: skip
    reservations.lock_counters(pairs=pairs)


def _that_fit(
    fit: Sequence[Order], left: Mapping[int, Sequence[Piece]], warehouse_id: int
) -> tuple[list[Order], list[StepRefused]]:
    """Return the orders the warehouse can hold whole, first come first served, and the others."""
    skus = {piece.sku_id for rows in left.values() for piece in rows}
    free = Counter(
        {sku: n for (sku, _w), n in stock.available(
            sku_ids=skus, warehouse_ids=[warehouse_id]).items()}
    )  # fmt: skip
    moving, lacking = [], []
    for order in fit:
        need: Counter[int] = Counter()
        for piece in left[order.pk]:
            need[piece.sku_id] += piece.quantity
        if all(free[sku] >= quantity for sku, quantity in need.items()):
            free -= need
            moving.append(order)
        else:
            lacking.append((order, {s: (free[s], q) for s, q in need.items() if free[s] < q}))
    names = codes.sku_names(sku_ids={sku for _o, short in lacking for sku in short})
    refused = [
        steps.refused(
            order,
            orders.SHORT,
            "; ".join(
                holding.short_words(names[sku][0], available, needed)
                for sku, (available, needed) in sorted(short.items())
            ),
        )
        for order, short in lacking
    ]
    return moving, refused


def _give_up(
    moving: Sequence[Order], parcels: Mapping[int, Sequence[DocumentShipment]], *, at: dt.datetime
) -> None:
    shipment_services.cancel_many(
        shipment_ids=[
            parcel.id
            for order in moving
            for parcel in parcels.get(order.pk, ())
            if parcel.state == ShipmentState.OPEN
        ],
        actor=steps.KEEPER,
        at=at,
    )


def _about_goods(order: Order) -> bool:
    return set(order.hold_reason.split(",")) - {""} <= _ABOUT_GOODS


def _take(
    keeping: Sequence[Order],
    left: Mapping[int, Sequence[Piece]],
    warehouse_id: int,
    *,
    at: dt.datetime,
) -> None:
    wants = [
        BulkWant(
            source_id=piece.order_id,
            line=piece.source_line,
            sku_id=piece.sku_id,
            warehouse_id=warehouse_id,
            quantity=piece.quantity,
        )
        for order in keeping
        for piece in left[order.pk]
    ]
    if holding.reserved(wants, actor=steps.KEEPER, at=at):
        raise RuntimeError("stock changed although its counters are locked")


def _settle(ready: Sequence[Order], *, actor: Actor, at: dt.datetime) -> None:
    """Lift the holds that were about goods and take the steps up to `allocated`."""
    lifted = [order for order in ready if order.hold_reason]
    Order.objects.filter(pk__in=[order.pk for order in lifted]).update(hold_reason="")
    for order in lifted:
        notices.settle(subject=f"customers.held:{order.pk}", at=at)
    orders.allocate(ready, actor=actor, at=at)
