"""Locking shipments and writing down their steps: the parts every step of a shipment shares."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from inventory.choices import ShipmentState
from inventory.errors import UnknownPlace, WrongState
from inventory.models import Shipment
from inventory.types import ShipmentInfo, Source
from ops.engines.audit import services as audit
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.canonical import content_hash

SOURCE_TYPE = "inventory.shipment"


def lock(shipment_ids: Collection[int], actor: Actor, *states: ShipmentState) -> list[Shipment]:
    """Lock shipments in one of these states, ascending, with those joined to them in a parcel.

    Raises UnknownPlace outside the actor's warehouses, WrongState.
    """
    chosen = locked(shipment_ids)
    found = {shipment.pk for shipment in chosen}
    scopes = actor.scope_ids("warehouse", "inventory", "P")
    if set(shipment_ids) - found or (
        scopes is not None and any(shipment.warehouse_id not in scopes for shipment in chosen)
    ):
        raise UnknownPlace("inventory.shipment_unknown", _("There is no such shipment."))
    if any(shipment.parcel_id for shipment in chosen) and _left_out(found).exists():
        raise WrongState(
            "inventory.parcel_changed", _("The parcel was joined or parted meanwhile; reload.")
        )
    for shipment in chosen:
        if shipment.state not in states:
            raise WrongState(
                "inventory.shipment_state",
                _("%(number)s is %(state)s; this step does not follow.")
                % {"number": shipment.number, "state": shipment.get_state_display()},
                state=shipment.state,
            )
    return chosen


def locked(shipment_ids: Collection[int]) -> list[Shipment]:
    """Lock shipments with all shipments of their joint parcels, ascending; one statement."""
    asked = Shipment.objects.filter(pk__in=shipment_ids).order_by()
    joint = Shipment.objects.filter(parcel__in=asked.exclude(parcel=None).values("parcel"))
    wanted = asked.values("pk").union(joint.order_by().values("pk"))
    rows = Shipment.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=wanted)
    return list(rows.order_by("pk"))


def _left_out(found: Collection[int]) -> QuerySet[Shipment]:
    """Return what joined the parcels of these shipments while we waited for their locks."""
    parcels = Shipment.objects.filter(pk__in=found, parcel__isnull=False).values("parcel")
    return Shipment.objects.filter(parcel__in=parcels).exclude(pk__in=found)


def record(shipments: Sequence[Shipment], action: str, *, actor: Actor, at: datetime) -> None:
    """Record one fact, however many shipments: alone by its id, a batch by count and hash."""
    if len(shipments) == 1:
        (one,) = shipments
        audit.record(
            actor=actor,
            at=at,
            action=f"inventory.shipment_{action}",
            obj=(SOURCE_TYPE, one.pk),
            body={"number": one.number, "source": [one.source_type, one.source_id]},
        )
        return
    rows = [[shipment.pk, shipment.number] for shipment in shipments]
    audit.record(
        actor=actor,
        at=at,
        action=f"inventory.shipments_{action}",
        body={"count": len(rows), "rows_sha256": content_hash(rows)},
    )


def described(shipment: Shipment) -> ShipmentInfo:
    """Return a shipment as desk and API show it."""
    return ShipmentInfo(
        id=shipment.pk,
        number=shipment.number,
        source=Source(type=shipment.source_type, id=shipment.source_id),
        warehouse_id=shipment.warehouse_id,
        state=shipment.state,
        opened_at=shipment.opened_at,
        shipped_on=shipment.shipped_on,
    )
