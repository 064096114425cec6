"""Several orders of one buyer to one recipient in one parcel, until it is picked.

Each order keeps its shipment, so that stock, cost and revenue stay each order's own; the warehouse
joins the shipments under one label. Locks: orders ascending, then their shipments ascending.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from customers import errors
from customers.choices import OrderState
from customers.models import Order, OrderMerge, OrderRecipient
from customers.selectors import fulfilment
from customers.services import recipients, shipping, steps
from customers.types import MergeInfo, StepRefused, StepReport
from inventory.choices import ShipmentState
from inventory.selectors import shipments as shipment_selectors
from inventory.services import parcels as joint_parcels
from inventory.types import DocumentShipment
from ops.engines.kernel.actor import Actor

_Key = tuple[int | None, int, int | None, str]


def merge(*, order_ids: Collection[int], actor: Actor, at: dt.datetime) -> MergeInfo:
    """Send these orders out in one parcel.

    Raises OrderMissing; OrderRefused naming the first order that cannot go with the others: held,
    divided, already picked, another buyer, recipient, channel or warehouse.
    """
    with transaction.atomic():
        fit, refused = _fit(order_ids, actor=actor, at=at)
        if not refused and len({key for _o, _p, key in fit}) > 1:
            first = fit[0][2]
            refused = [_differs(order) for order, _p, key in fit if key != first]
        if refused or len(fit) < 2:
            raise _refusal(refused)
        return _join(fit, actor=actor, at=at)


def merge_alike(*, order_ids: Collection[int], actor: Actor, at: dt.datetime) -> StepReport:
    """Join, among these orders, those that may go together; a single order brings its likes along.

    Orders that have nobody to go with are refused with the reason.
    """
    with transaction.atomic():
        recipients.index_recipients(order_ids=order_ids)
        wanted = set(order_ids)
        if len(wanted) == 1:
            wanted.update(*fulfilment.alike(order_ids=wanted).values())
        fit, refused = _fit(wanted, actor=actor, at=at)
        groups: dict[_Key, list[tuple[Order, DocumentShipment, _Key]]] = {}
        for one in fit:
            groups.setdefault(one[2], []).append(one)
        done: list[int] = []
        for group in groups.values():
            if (
                len(group) > 1
                and len({parcel.parcel_id or -parcel.id for _o, parcel, _k in group}) > 1
            ):
                _join(group, actor=actor, at=at)
                done += [order.pk for order, _p, _k in group]
            else:
                refused += [_alone(order) for order, _p, _k in group]
    mine = [one for one in refused if one.order_id in set(order_ids)]
    return StepReport(tuple(sorted(done)), tuple(mine))


def unmerge(*, order_id: int, actor: Actor, at: dt.datetime) -> MergeInfo:
    """Undo the joint parcel an order is in, before it is picked; its orders go out one by one.

    Raises OrderMissing, OrderStepRefused when it shares no parcel or the parcel is picked.
    """
    with transaction.atomic():
        order = steps.only([order_id], actor=actor, right="C")
        live = [p for p in _shipments([order]).get(order.pk, ()) if p.parcel_id is not None]
        refusal = steps.at_work(order, live) if live else _apart(order)
        if any(parcel.state == ShipmentState.SHIPPED for parcel in live):
            refusal = steps.gone(order)
        if refusal:
            raise errors.OrderStepRefused(refusal.code, refusal.reason)
        parcel_id = live[0].parcel_id or 0
        parted = joint_parcels.part(parcel_id=parcel_id, actor=steps.KEEPER, at=at)
        ids = tuple(sorted(one.source.id for one in parted))
        _record(ids, "unmerged", parcel_id, actor=actor, at=at)
    return MergeInfo(parcel_id=parcel_id, order_ids=ids)


def _fit(
    order_ids: Collection[int], *, actor: Actor, at: dt.datetime
) -> tuple[list[tuple[Order, DocumentShipment, _Key]], list[StepRefused]]:
    """Lock orders and shipments; return those that may share a parcel, and the others."""
    found = steps.lock(order_ids, actor=actor, right="C")
    refused = steps.absent(order_ids, found)
    recipients.index_recipients(order_ids=[order.pk for order in found])
    shipping.open_shipments(order_ids=[order.pk for order in found], actor=steps.KEEPER, at=at)
    ids = [order.pk for order in found]
    parted = fulfilment.divided(order_ids=ids)
    indexes = dict(OrderRecipient.objects.filter(order_id__in=ids).values_list("order", "index"))
    live = _shipments(found)
    fit = []
    for order in found:
        parcels, index = live.get(order.pk, ()), indexes.get(order.pk, "")
        if refusal := _unfit(order, parcels, index, is_parted=order.pk in parted):
            refused.append(refusal)
        else:
            key = (order.customer_id, order.channel_id, order.warehouse_id, index)
            fit.append((order, parcels[0], key))
    return fit, refused


def _unfit(
    order: Order, parcels: Sequence[DocumentShipment], index: str, *, is_parted: bool
) -> StepRefused | None:
    if order.state != OrderState.ALLOCATED:
        return steps.wrong_state(order)
    if order.hold_reason:
        words = _("%(number)s is on hold; lift the hold first.")
        return steps.refused(order, "customers.held", words % {"number": order.number})
    if is_parted:
        words = _("%(number)s is divided; its parts leave one by one.")
        return steps.refused(order, "customers.divided", words % {"number": order.number})
    if not index or order.customer_id is None:
        words = _("The recipient of %(number)s is not known to us.")
        return steps.refused(order, "customers.no_recipient", words % {"number": order.number})
    if not parcels or any(parcel.state == ShipmentState.SHIPPED for parcel in parcels):
        return steps.gone(order)
    return steps.at_work(order, parcels)


def _join(
    fit: Sequence[tuple[Order, DocumentShipment, _Key]], *, actor: Actor, at: dt.datetime
) -> MergeInfo:
    parcel_id = joint_parcels.join(
        shipment_ids=[parcel.id for _o, parcel, _k in fit], actor=steps.KEEPER, at=at
    )
    # A shipment that shared a parcel before brings the orders of that parcel along.
    inside = shipment_selectors.shipments(actor=steps.KEEPER).filter(parcel_id=parcel_id)
    ids = tuple(inside.order_by("source_id").values_list("source_id", flat=True))
    OrderMerge.objects.bulk_create(OrderMerge(parcel_id=parcel_id, order_id=pk) for pk in ids)
    _record(ids, "merged", parcel_id, actor=actor, at=at)
    return MergeInfo(parcel_id=parcel_id, order_ids=ids)


def _record(
    order_ids: Iterable[int], action: str, parcel_id: int, *, actor: Actor, at: dt.datetime
) -> None:
    """Record the fact under each order: whoever opens one sees whom it travels with."""
    found = Order.objects.filter(pk__in=order_ids).order_by("pk")
    numbers = [order.number for order in found]
    for order in found:
        body = {"parcel": parcel_id, "orders": numbers}
        steps.record([order], action, actor=actor, at=at, body=body)


def _shipments(found: Sequence[Order]) -> Mapping[int, Sequence[DocumentShipment]]:
    by_order: dict[int, list[DocumentShipment]] = {}
    for parcel in joint_parcels.lock_of(
        source_type=steps.SOURCE, source_ids=[order.pk for order in found]
    ):
        by_order.setdefault(parcel.source_id, []).append(parcel)
    return by_order


def _refusal(refused: Sequence[StepRefused]) -> errors.OrderRefused | errors.OrderMissing:
    if not refused:
        words = _("A joint parcel takes at least two orders.")
        return errors.OrderRefused("customers.merge_alone", words, field="orders")
    first = refused[0]
    if first.code == steps.missing().code:
        return steps.missing()
    return errors.OrderRefused(first.code, first.reason, field="orders")


def _differs(order: Order) -> StepRefused:
    words = _("%(number)s goes to another recipient or from another warehouse.")
    return steps.refused(order, "customers.merge_differs", words % {"number": order.number})


def _alone(order: Order) -> StepRefused:
    words = _("No other order goes where %(number)s goes.") % {"number": order.number}
    return steps.refused(order, "customers.merge_alone", words)


def _apart(order: Order) -> StepRefused:
    words = _("%(number)s shares no parcel.") % {"number": order.number}
    return steps.refused(order, "customers.not_merged", words)
