"""Dividing an order: what is there leaves now, the rest follows under the same order.

The lines of the order stay as they were sold. Parts say which pieces leave together; each part is
held and shipped on its own, and the order is shipped when the last of them has left (ADR 0010).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from customers import errors
from customers.choices import OrderState
from customers.models import Order, OrderPart
from customers.selectors import book, fulfilment
from customers.selectors.fulfilment import Piece
from customers.services import holding, orders, shipping, steps
from customers.types import SplitInfo, StepRefused, StepReport
from inventory.choices import ShipmentState
from inventory.selectors import stock
from inventory.services import parcels as joint_parcels
from inventory.services import reservations
from inventory.services import shipments as shipment_services
from inventory.types import BulkWant, DocumentShipment
from ops.engines.kernel.actor import Actor

MOST_AT_ONCE = 200
_APART = 1_000  # above the most lines of an order: names of divided lines never meet lines


@dataclass(frozen=True, slots=True)
class _Rest:
    """The part of an order that may still be divided: its number, its pieces, its parcels."""

    part_no: int
    pieces: Sequence[Piece]
    parcels: Sequence[DocumentShipment]


def split(*, order_id: int, now: Mapping[int, int], actor: Actor, at: dt.datetime) -> SplitInfo:
    """Let these pieces (by line number) leave now and the others later.

    Of an order already divided, the last part is divided again. Raises OrderMissing,
    OrderStepRefused when the order or its parcel does not allow it, OrderRefused for pieces that
    are not there or leave nothing for later, or of which too little is in stock.
    """
    with transaction.atomic():
        order = steps.only([order_id], actor=actor, right="C")
        rest = _rest(order, _locked_parcels([order]).get(order.pk, ()))
        if isinstance(rest, StepRefused):
            raise errors.OrderStepRefused(rest.code, rest.reason)
        _refuse_wrong_pieces(rest, now)
        _lock_counters([order], rest.pieces)
        return _divide(order, rest, now, actor=actor, at=at)


def split_available(*, order_ids: Collection[int], actor: Actor, at: dt.datetime) -> StepReport:
    """Let leave, of each order that waits for goods, what is there; the rest waits on.

    Orders come in ascending order; each has its own result. Raises OrderRefused for more than
    200 orders at once.
    """
    if len(order_ids) > MOST_AT_ONCE:
        raise errors.OrderRefused(
            "customers.too_many_orders",
            _("At most %(most)s orders at once.") % {"most": MOST_AT_ONCE},
        )
    with transaction.atomic():
        found = steps.lock(order_ids, actor=actor, right="C")
        refused = steps.absent(order_ids, found)
        parcels = _locked_parcels(found)
        able: list[tuple[Order, _Rest]] = []
        for order in found:
            rest = _rest(order, parcels.get(order.pk, ()))
            if isinstance(rest, StepRefused):
                refused.append(rest)
            else:
                able.append((order, rest))
        _lock_counters([o for o, _r in able], [p for _o, rest in able for p in rest.pieces])
        done = []
        for order, rest in able:
            now = _there(order, rest)
            if isinstance(now, StepRefused):
                refused.append(now)
            else:
                _divide(order, rest, now, actor=actor, at=at)
                done.append(order.pk)
    return StepReport(tuple(done), tuple(refused))


def _locked_parcels(found: Sequence[Order]) -> dict[int, list[DocumentShipment]]:
    by_order: dict[int, list[DocumentShipment]] = {}
    for parcel in joint_parcels.lock_of(
        source_type=steps.SOURCE, source_ids=[order.pk for order in found]
    ):
        by_order.setdefault(parcel.source_id, []).append(parcel)
    return by_order


def _rest(order: Order, parcels: Sequence[DocumentShipment]) -> _Rest | StepRefused:
    """Return what may be divided, or why nothing may."""
    if refusal := _unfit(order):
        return refusal
    pieces = fulfilment.pieces(order_ids=[order.pk])
    part_no = max((piece.part_no for piece in pieces), default=1)
    rest = [piece for piece in pieces if piece.part_no == part_no]
    mine = [parcel for parcel in parcels if parcel.source_lines & {p.source_line for p in rest}]
    if any(parcel.state == ShipmentState.SHIPPED for parcel in mine):
        return steps.gone(order)
    if at_work := steps.at_work(order, mine):
        return at_work
    if sum(piece.quantity for piece in rest) < 2:
        words = _("%(number)s has a single piece left; it cannot be divided.")
        return steps.refused(order, "customers.one_piece", words % {"number": order.number})
    return _Rest(part_no, rest, mine)


def _unfit(order: Order) -> StepRefused | None:
    """Return why an order in this state is not divided, None when it may be."""
    if order.state not in book.TO_SHIP:
        return steps.wrong_state(order)
    if orders.waits_for_payment(order):
        return steps.unpaid(order)
    if order.hold_reason not in {"", orders.SHORT}:
        words = _("%(number)s is on hold; lift the hold first.")
        return steps.refused(order, "customers.held", words % {"number": order.number})
    if not order.hold_reason and order.state != OrderState.ALLOCATED:
        words = _("%(number)s is not confirmed; confirm it first.")
        return steps.refused(order, "customers.unconfirmed", words % {"number": order.number})
    return None


def _refuse_wrong_pieces(rest: _Rest, now: Mapping[int, int]) -> None:
    most = {piece.line_no: piece.quantity for piece in rest.pieces}
    wrong = [line for line, n in now.items() if not 0 <= n <= most.get(line, -1)]
    if wrong:
        raise errors.OrderRefused(
            "customers.split_pieces",
            _("Line %(line)s does not have that many pieces to send.") % {"line": wrong[0]},
            field="lines",
        )
    if not 0 < sum(now.values()) < sum(most.values()):
        raise errors.OrderRefused(
            "customers.split_nothing",
            _("Send some pieces now and leave some for later."),
            field="lines",
        )


def _lock_counters(found: Sequence[Order], pieces: Sequence[Piece]) -> None:
    places = {order.pk: order.warehouse_id for order in found}
    pairs = [(piece.sku_id, places.get(piece.order_id) or 0) for piece in pieces]
    reservations.lock_counters(pairs=pairs)


def _there(order: Order, rest: _Rest) -> dict[int, int] | StepRefused:
    """Return the pieces in stock by line, or why this order is not divided by them."""
    if order.state == OrderState.ALLOCATED and not order.hold_reason:
        return steps.refused(
            order,
            "customers.all_there",
            _("All goods of %(number)s are held; choose the pieces on its page.")
            % {"number": order.number},
        )
    place = order.warehouse_id or 0
    free = stock.available(sku_ids={p.sku_id for p in rest.pieces}, warehouse_ids=[place])
    now = {}
    for piece in rest.pieces:
        now[piece.line_no] = min(piece.quantity, free.get((piece.sku_id, place), 0))
        free[piece.sku_id, place] = free.get((piece.sku_id, place), 0) - now[piece.line_no]
    if not any(now.values()):
        return steps.refused(
            order,
            "customers.nothing_there",
            _("Nothing of %(number)s is in stock.") % {"number": order.number},
        )
    if sum(now.values()) == sum(piece.quantity for piece in rest.pieces):
        return steps.refused(
            order,
            "customers.goods_came",
            _("All goods of %(number)s are there; confirm it.") % {"number": order.number},
        )
    return now


def _divide(
    order: Order, rest: _Rest, now: Mapping[int, int], *, actor: Actor, at: dt.datetime
) -> SplitInfo:
    is_held = order.state == OrderState.ALLOCATED and not order.hold_reason
    shipment_services.cancel_many(
        shipment_ids=[p.id for p in rest.parcels if p.state == ShipmentState.OPEN],
        actor=steps.KEEPER,
        at=at,
    )
    later = rest.part_no + 1
    going, staying = _halves(rest, now, later)
    cut = [piece.source_line for piece in going if piece not in rest.pieces]
    reservations.release(
        source_type=steps.SOURCE, source_ids=[order.pk], lines=cut, actor=steps.KEEPER, at=at
    )
    _write(order, rest, [*going, *staying])
    held = fulfilment.held(order_ids=[order.pk])
    wanted = [*going, *staying] if is_held else going
    short = holding.reserved_alone(
        [
            BulkWant(
                source_id=order.pk,
                line=piece.source_line,
                sku_id=piece.sku_id,
                warehouse_id=order.warehouse_id or 0,
                quantity=piece.quantity,
            )
            for piece in wanted
            if piece.held_for not in held
        ],
        actor=steps.KEEPER,
        at=at,
    )
    if short:
        raise errors.OrderRefused(
            orders.SHORT, "; ".join(one.detail for one in short), field="lines"
        )
    if not is_held and order.state in {OrderState.PLACED, OrderState.PAID}:
        steps.advance([order.pk], OrderState.CONFIRMED, person_id=actor.person_id, at=at)
        order.state = OrderState.CONFIRMED
    steps.record(
        [order], "split", actor=actor, at=at,
        body={"part": rest.part_no, "now": sorted([p.line_no, p.quantity] for p in going)},
    )  # fmt: skip
    shipping.open_shipments(order_ids=[order.pk], actor=steps.KEEPER, at=at)
    return SplitInfo(
        order_id=order.pk,
        number=order.number,
        part_no=rest.part_no,
        now=sum(piece.quantity for piece in going),
        later=sum(piece.quantity for piece in staying),
    )


def _halves(rest: _Rest, now: Mapping[int, int], later: int) -> tuple[list[Piece], list[Piece]]:
    """Return the pieces that leave now and those that stay; a cut line gets a name for the rest."""
    going, staying = [], []
    for piece in rest.pieces:
        n = now.get(piece.line_no, 0)
        if n == piece.quantity:
            going.append(piece)
        elif n == 0:
            staying.append(_renamed(piece, later, piece.source_line, piece.quantity))
        else:
            going.append(_renamed(piece, piece.part_no, piece.source_line, n))
            name = later * _APART + piece.line_no
            staying.append(_renamed(piece, later, name, piece.quantity - n))
    return going, staying


def _renamed(piece: Piece, part_no: int, source_line: int, quantity: int) -> Piece:
    return Piece(piece.order_id, part_no, piece.line_no, source_line, piece.sku_id, quantity)


def _write(order: Order, rest: _Rest, pieces: Sequence[Piece]) -> None:
    OrderPart.objects.filter(order=order, part_no=rest.part_no).delete()
    OrderPart.objects.bulk_create(
        OrderPart(
            order=order,
            part_no=piece.part_no,
            line_no=piece.line_no,
            source_line=piece.source_line,
            quantity=piece.quantity,
        )
        for piece in pieces
    )
