"""Shipments: opened for what is held, picked, packed, shipped (SCM-2.4-03, SCM-2.2-04)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from inventory.choices import MoveReason, ShipmentState
from inventory.errors import PapersIncomplete
from inventory.events import GoodsShipped
from inventory.models import Reservation, Shipment, ShipmentLine
from inventory.selectors import places
from inventory.services import moves, papers, picking, reservations
from inventory.services import shipment_steps as steps
from inventory.types import (
    Label,
    MoveDraft,
    ShipmentDraft,
    ShipmentInfo,
    ShipmentWant,
    Source,
)
from ops.engines.events.publishing import publish
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.arrays import array
from ops.engines.kernel.parse import business_day as business_day_of
from ops.engines.numbering import services as numbering

SOURCE_TYPE = steps.SOURCE_TYPE
SERIES = "SH"
_AT_WORK = (ShipmentState.PICKED, ShipmentState.PACKED)
LIVE = (ShipmentState.OPEN, ShipmentState.PICKED, ShipmentState.PACKED, ShipmentState.SHIPPED)

_PICKS = """
SELECT p.id, l.shipment_id, p.sku_id, p.lot_id, p.location_id, p.quantity
FROM inventory_pick p JOIN inventory_shipmentline l ON l.id = p.line_id
WHERE p.is_open AND l.shipment_id = ANY (%s::bigint[])
ORDER BY l.shipment_id, l.line_no, p.id
"""
_PACK = """
UPDATE inventory_shipment s
SET state = 'packed', packed_at = %s, packed_by = %s, carrier = u.carrier,
    tracking_no = u.tracking_no
FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS u(id, carrier, tracking_no)
WHERE s.id = u.id
"""
_CLOSE_PICKS = """
UPDATE inventory_pick p SET is_open = false FROM inventory_shipmentline l
WHERE l.id = p.line_id AND p.is_open AND l.shipment_id = ANY (%s::bigint[])
"""


def open_for(
    *,
    source: Source,
    warehouse_id: int,
    lines: Sequence[ShipmentWant],
    actor: Actor,
    at: datetime,
) -> ShipmentInfo:
    """Open one shipment for lines of a document; see `open_many`."""
    draft = ShipmentDraft(source_id=source.id, warehouse_id=warehouse_id, lines=tuple(lines))
    (made,) = open_many(source_type=source.type, drafts=[draft], actor=actor, at=at)
    return made


def open_many(
    *, source_type: str, drafts: Sequence[ShipmentDraft], actor: Actor, at: datetime
) -> list[ShipmentInfo]:
    """Open one shipment per draft; every line must be held by an open reservation, whole.

    Raises PapersIncomplete naming the lines nothing is held for, or held already by a shipment.
    """
    if not drafts:
        return []
    with transaction.atomic():
        held = _held(source_type, [draft.source_id for draft in drafts])
        _refuse_unheld(drafts, held)
        numbers = numbering.take(SERIES, at=at, count=len(drafts))
        made = Shipment.objects.bulk_create(
            Shipment(
                number=number,
                source_type=source_type,
                source_id=draft.source_id,
                warehouse_id=draft.warehouse_id,
                opened_at=at,
            )
            for number, draft in zip(numbers, drafts, strict=True)
        )
        ShipmentLine.objects.bulk_create(
            ShipmentLine(
                shipment=shipment,
                line_no=line_no,
                source_line=line.source_line,
                sku_id=line.sku_id,
                quantity=line.quantity,
                reservation_id=held[draft.source_id, line.source_line].pk,
            )
            for shipment, draft in zip(made, drafts, strict=True)
            for line_no, line in enumerate(draft.lines, start=1)
        )
        steps.record(made, "opened", actor=actor, at=at)
    return [steps.described(shipment) for shipment in made]


def pick(*, shipment_id: int, actor: Actor, at: datetime) -> ShipmentInfo:
    """Choose bin and lot for every line of a shipment; see `pick_many`."""
    return _of(shipment_id, pick_many(shipment_ids=[shipment_id], actor=actor, at=at))


def pick_many(*, shipment_ids: Collection[int], actor: Actor, at: datetime) -> list[ShipmentInfo]:
    """Allocate bins and lots, first to expire first; a picked shipment may be picked anew.

    Shipments joined in one parcel are picked, packed and shipped together, here and below.
    Raises UnknownPlace, WrongState, StockShort.
    """
    with transaction.atomic():
        chosen = steps.lock(shipment_ids, actor, ShipmentState.OPEN, ShipmentState.PICKED)
        ids = [shipment.pk for shipment in chosen]
        picking.undo(shipment_ids=ids)
        picking.allocate(shipment_ids=ids, day=business_day_of(at))
        for shipment in chosen:
            shipment.state = ShipmentState.PICKED
            shipment.picked_at, shipment.picked_by = at, actor.person_id
        Shipment.objects.filter(pk__in=ids).update(
            state=ShipmentState.PICKED, picked_at=at, picked_by=actor.person_id
        )
        steps.record(chosen, "picked", actor=actor, at=at)
    return [steps.described(shipment) for shipment in chosen]


def pack(
    *, shipment_id: int, carrier: str, tracking_no: str = "", actor: Actor, at: datetime
) -> ShipmentInfo:
    """Pack a picked shipment under its carrier's label; see `pack_many`.

    A refusal for missing papers is recorded and told to director and store manager.
    """
    labels = {shipment_id: Label(carrier=carrier, tracking_no=tracking_no)}
    with papers.refused_issues(shipment_id=shipment_id, step="pack", actor=actor, at=at):
        packed = pack_many(labels=labels, actor=actor, at=at)
    return _of(shipment_id, packed)


def pack_many(*, labels: Mapping[int, Label], actor: Actor, at: datetime) -> list[ShipmentInfo]:
    """Pack picked shipments, each under a carrier's label (SCM-2.2-04: no label, no issue).

    Raises UnknownPlace, WrongState, PapersIncomplete without a carrier.
    """
    with transaction.atomic():
        chosen = steps.lock(labels.keys(), actor, ShipmentState.PICKED)
        joint = _joint_labels(chosen, labels)
        for shipment in chosen:
            label = joint.get(shipment.parcel_id) or labels[shipment.pk]
            if not label.carrier.strip():
                raise PapersIncomplete(
                    "inventory.label_missing",
                    _("%(number)s has no carrier label.") % {"number": shipment.number},
                )
            shipment.carrier, shipment.tracking_no = label.carrier, label.tracking_no
            shipment.state = ShipmentState.PACKED
            shipment.packed_at, shipment.packed_by = at, actor.person_id
        _write_labels(chosen, actor=actor, at=at)
        steps.record(chosen, "packed", actor=actor, at=at)
    return [steps.described(shipment) for shipment in chosen]


def ship(*, shipment_id: int, actor: Actor, at: datetime) -> ShipmentInfo:
    """Hand a packed shipment over: its goods leave the stock; see `ship_many`.

    A refusal for missing papers is recorded and told to director and store manager.
    """
    with papers.refused_issues(shipment_id=shipment_id, step="ship", actor=actor, at=at):
        shipped = ship_many(shipment_ids=[shipment_id], actor=actor, at=at)
    return _of(shipment_id, shipped)


def ship_many(*, shipment_ids: Collection[int], actor: Actor, at: datetime) -> list[ShipmentInfo]:
    """Post bin to customer at average cost, end the reservations, announce GoodsShipped.

    Set-based. Raises UnknownPlace, WrongState, PapersIncomplete when a reservation is no longer
    held, StockShort when a bin holds less than was picked, DayClosed.
    """
    day = business_day_of(at)
    with transaction.atomic():
        chosen = steps.lock(shipment_ids, actor, ShipmentState.PACKED)
        ids = [shipment.pk for shipment in chosen]
        _consume(ids, actor=actor, at=at)
        moves.post(_drafts(ids), actor=actor, at=at, business_day=day)
        with connection.cursor() as cursor:
            cursor.execute(_CLOSE_PICKS, [array(ids)])
        for shipment in chosen:
            shipment.state, shipment.shipped_at = ShipmentState.SHIPPED, at
            shipment.shipped_on, shipment.shipped_by = day, actor.person_id
        Shipment.objects.filter(pk__in=ids).update(
            state=ShipmentState.SHIPPED, shipped_at=at, shipped_on=day, shipped_by=actor.person_id
        )
        steps.record(chosen, "shipped", actor=actor, at=at)
        publish(*(GoodsShipped(shipment_id=one, dated_on=day) for one in ids))
    return [steps.described(shipment) for shipment in chosen]


def reopen(*, shipment_id: int, actor: Actor, at: datetime) -> ShipmentInfo:
    """Put picked goods back on their shelf: the shipment waits to be picked again.

    Raises UnknownPlace, WrongState.
    """
    with transaction.atomic():
        chosen = steps.lock([shipment_id], actor, *_AT_WORK)
        _back_to_open(chosen, actor=actor, at=at)
    return _of(shipment_id, [steps.described(shipment) for shipment in chosen])


def cancel(*, shipment_id: int, actor: Actor, at: datetime) -> ShipmentInfo:
    """Give up a shipment that has not left; see `cancel_many`."""
    (cancelled,) = cancel_many(shipment_ids=[shipment_id], actor=actor, at=at)
    return cancelled


def cancel_many(*, shipment_ids: Collection[int], actor: Actor, at: datetime) -> list[ShipmentInfo]:
    """Give up shipments that have not left; what is held stays held for their documents.

    A joint parcel they were part of is opened: the others wait to be picked again without them.
    Raises UnknownPlace, WrongState.
    """
    if not shipment_ids:
        return []
    with transaction.atomic():
        chosen = steps.lock(shipment_ids, actor, ShipmentState.OPEN, *_AT_WORK)
        going = [shipment for shipment in chosen if shipment.pk in set(shipment_ids)]
        joint = [shipment for shipment in chosen if shipment.parcel_id is not None]
        picking.undo(shipment_ids=[shipment.pk for shipment in chosen])
        _back_to_open([one for one in joint if one.state in _AT_WORK], actor=actor, at=at)
        for shipment in going:
            shipment.state, shipment.cancelled_at = ShipmentState.CANCELLED, at
            shipment.parcel_id = None
        Shipment.objects.filter(pk__in=[one.pk for one in going]).update(
            state=ShipmentState.CANCELLED, cancelled_at=at, parcel=None
        )
        alone = [one.parcel_id for one in joint if one not in going]
        Shipment.objects.filter(
            parcel_id__in={parcel for parcel in alone if alone.count(parcel) == 1}
        ).update(parcel=None)
        steps.record(going, "cancelled", actor=actor, at=at)
    return [steps.described(shipment) for shipment in going]


def _back_to_open(shipments: Sequence[Shipment], *, actor: Actor, at: datetime) -> None:
    if not shipments:
        return
    ids = [shipment.pk for shipment in shipments]
    picking.undo(shipment_ids=ids)
    for shipment in shipments:
        shipment.state = ShipmentState.OPEN
    Shipment.objects.filter(pk__in=ids).update(state=ShipmentState.OPEN)
    steps.record(shipments, "reopened", actor=actor, at=at)


def _joint_labels(
    shipments: Sequence[Shipment], labels: Mapping[int, Label]
) -> dict[int | None, Label]:
    """Return the label of each joint parcel: the one given to the first of its shipments."""
    found: dict[int | None, Label] = {}
    for shipment in shipments:
        if shipment.parcel_id is not None and shipment.pk in labels:
            found.setdefault(shipment.parcel_id, labels[shipment.pk])
    return found


def _of(shipment_id: int, described: Sequence[ShipmentInfo]) -> ShipmentInfo:
    return next(one for one in described if one.id == shipment_id)


def _held(source_type: str, source_ids: Sequence[int]) -> dict[tuple[int, int], Reservation]:
    """Return open reservations by document and line, without those on a live shipment."""
    rows = Reservation.objects.filter(
        source_type=source_type, source_id__in=source_ids, state="open"
    )
    busy = set(
        ShipmentLine.objects.filter(reservation__in=rows, shipment__state__in=LIVE).values_list(
            "reservation_id", flat=True
        )
    )
    return {(row.source_id, row.source_line): row for row in rows if row.pk not in busy}


def _refuse_unheld(
    drafts: Sequence[ShipmentDraft], held: Mapping[tuple[int, int], Reservation]
) -> None:
    missing = []
    for draft in drafts:
        for line in draft.lines:
            found = held.get((draft.source_id, line.source_line))
            wanted = (line.sku_id, draft.warehouse_id, line.quantity)
            if found is None or (found.sku_id, found.warehouse_id, found.quantity) != wanted:
                missing.append({"source_id": draft.source_id, "line": line.source_line})
        if not draft.lines:
            missing.append({"source_id": draft.source_id, "line": 0})
    if missing:
        raise PapersIncomplete(
            "inventory.shipment_without_reservation",
            _("Nothing is held for these lines: %(lines)s.")
            % {"lines": ", ".join(f"{m['source_id']}/{m['line']}" for m in missing[:20])},
            missing=missing,
        )


def _write_labels(shipments: Sequence[Shipment], *, actor: Actor, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            _PACK,
            [
                at,
                actor.person_id,
                array(shipment.pk for shipment in shipments),
                array(shipment.carrier for shipment in shipments),
                array(shipment.tracking_no for shipment in shipments),
            ],
        )


def _consume(ids: Sequence[int], *, actor: Actor, at: datetime) -> None:
    wanted = list(
        ShipmentLine.objects.filter(shipment_id__in=ids).values_list("reservation_id", flat=True)
    )
    ended = reservations.consume(reservation_ids=wanted, actor=actor, at=at)
    if len(ended) != len(wanted):
        lost = sorted(set(wanted) - set(ended))
        raise PapersIncomplete(
            "inventory.reservation_lost",
            _("What was held for this shipment is no longer held; reserve again."),
            reservation_ids=lost,
        )


def _drafts(ids: Sequence[int]) -> list[MoveDraft]:
    customer = places.virtual_places().customer
    with connection.cursor() as cursor:
        cursor.execute(_PICKS, [array(ids)])
        return [
            MoveDraft(
                sku_id=sku_id,
                lot_id=lot_id,
                from_location_id=location_id,
                to_location_id=customer,
                quantity=quantity,
                reason=MoveReason.SALE,
                source=Source(type=steps.SOURCE_TYPE, id=shipment_id),
                effect_key=f"{steps.SOURCE_TYPE}:{shipment_id}:{pick_id}",
            )
            for pick_id, shipment_id, sku_id, lot_id, location_id, quantity in cursor.fetchall()
        ]
