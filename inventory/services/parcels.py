"""Shipments that go out together, and shipments as their documents see them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from inventory.choices import ShipmentState
from inventory.models import Parcel, Shipment, ShipmentLine
from inventory.services import shipment_steps as steps
from inventory.types import DocumentShipment, ShipmentInfo
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import RuleViolation


def join(*, shipment_ids: Collection[int], actor: Actor, at: datetime) -> int:
    """Send open shipments of one warehouse out in one parcel; return the parcel's id.

    Shipments already joined bring their whole parcel along. Raises UnknownPlace, WrongState when
    one is picked, RuleViolation for fewer than two or for different warehouses.
    """
    with transaction.atomic():
        chosen = steps.lock(shipment_ids, actor, ShipmentState.OPEN)
        if len(chosen) < 2 or len({shipment.warehouse_id for shipment in chosen}) > 1:
            raise RuleViolation(
                "inventory.parcel_unfit",
                _("A joint parcel takes at least two shipments of one warehouse."),
            )
        parcel = Parcel.objects.create(joined_at=at, joined_by=actor.person_id)
        Shipment.objects.filter(pk__in=[shipment.pk for shipment in chosen]).update(
            parcel=parcel, carrier="", tracking_no=""
        )
        steps.record(chosen, "joined", actor=actor, at=at)
    return parcel.pk


def part(*, parcel_id: int, actor: Actor, at: datetime) -> list[ShipmentInfo]:
    """Undo a joint parcel before it is picked: its shipments go out one by one again.

    Raises UnknownPlace when nothing is in it, WrongState when it is picked.
    """
    with transaction.atomic():
        inside = list(Shipment.objects.filter(parcel_id=parcel_id).values_list("pk", flat=True))
        chosen = steps.lock(inside or [0], actor, ShipmentState.OPEN)
        Shipment.objects.filter(pk__in=[shipment.pk for shipment in chosen]).update(parcel=None)
        steps.record(chosen, "parted", actor=actor, at=at)
    return [steps.described(shipment) for shipment in chosen]


def lock_of(*, source_type: str, source_ids: Collection[int]) -> list[DocumentShipment]:
    """Lock the shipments of documents that are not cancelled, ascending; with joined ones.

    For services above that decide by the state of a parcel: until they commit it stays so.
    """
    chosen = Shipment.objects.filter(source_type=source_type, source_id__in=source_ids).exclude(
        state=ShipmentState.CANCELLED
    )
    ids = set(chosen.values_list("pk", flat=True))
    lines: dict[int, set[int]] = {}
    for shipment_id, line in ShipmentLine.objects.filter(shipment_id__in=ids).values_list(
        "shipment_id", "source_line"
    ):
        lines.setdefault(shipment_id, set()).add(line)
    return [
        DocumentShipment(
            id=one.pk,
            number=one.number,
            source_id=one.source_id,
            state=one.state,
            parcel_id=one.parcel_id,
            source_lines=frozenset(lines.get(one.pk, ())),
        )
        for one in steps.locked(ids)
        if one.pk in ids and one.state != ShipmentState.CANCELLED
    ]
