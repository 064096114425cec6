"""Making places and lots."""

from __future__ import annotations

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from inventory.choices import INTERNAL_KINDS, LocationKind
from inventory.models import Location, Lot, Warehouse
from inventory.selectors import places
from inventory.services.refusals import constraint_of
from inventory.types import WarehouseInfo
from ops.engines.audit import services as audit
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import Conflict, RuleViolation
from ops.engines.kernel.parse import code_key

DEFAULT_CODES = {
    LocationKind.BIN: "MAIN",
    LocationKind.TRANSIT: "TRANSIT",
    LocationKind.QUARANTINE: "QUARANTINE",
    LocationKind.DAMAGE: "DAMAGE",
}


def create_warehouse(
    *, code: str, name: str, actor: Actor, at: datetime, name_en: str = ""
) -> WarehouseInfo:
    """Make a warehouse with its default bin, transit, quarantine and damage places.

    Raises Conflict when the code (folded) is taken.
    """
    try:
        with transaction.atomic():
            made = Warehouse.objects.create(
                code=code, code_key=code_key(code), name=name, name_en=name_en
            )
            Location.objects.bulk_create(
                Location(warehouse=made, code=place, kind=kind, is_default=True)
                for kind, place in DEFAULT_CODES.items()
            )
            audit.record(
                actor=actor,
                at=at,
                action="inventory.warehouse_created",
                obj=("inventory.warehouse", made.pk),
                body={"code": code, "name": name},
            )
    except IntegrityError as error:
        if "code_key" in constraint_of(error):
            raise Conflict(
                "inventory.warehouse_code_taken", _("This warehouse code is taken.")
            ) from error
        raise
    return places.warehouse(warehouse_id=made.pk)


def keep_opening_checks(
    *, warehouse_id: int, since: date | None, actor: Actor, at: datetime
) -> None:
    """Let goods come and go only after the signed opening check, from a day on (SCM-2.2-09).

    None ends the rule. Raises UnknownPlace outside the actor's warehouses.
    """
    places.require_warehouse(warehouse_id=warehouse_id, actor=actor, right="A")
    with transaction.atomic():
        found = (
            Warehouse.objects.select_for_update(of=("self",), no_key=True)
            .filter(pk=warehouse_id)
            .first()
        )
        if found is None:
            raise places.unknown_warehouse()
        before, found.checked_since = found.checked_since, since
        found.save(update_fields=["checked_since"])
        audit.record(
            actor=actor,
            at=at,
            action="inventory.opening_checks_kept",
            obj=("inventory.warehouse", warehouse_id),
            body={"before": before, "since": since},
        )


def create_location(
    *, warehouse_id: int, code: str, kind: LocationKind, actor: Actor, at: datetime, name: str = ""
) -> int:
    """Make one more place of ours in a warehouse and return its id.

    Raises UnknownPlace outside the actor's warehouses, RuleViolation for a virtual kind, Conflict
    when the code is taken there.
    """
    places.require_warehouse(warehouse_id=warehouse_id, actor=actor, right="C")
    if kind not in INTERNAL_KINDS:
        raise RuleViolation(
            "inventory.location_kind", _("Places in a warehouse are bins or places of ours.")
        )
    if not Warehouse.objects.filter(pk=warehouse_id).exists():
        raise places.unknown_warehouse()
    try:
        with transaction.atomic():
            made = Location.objects.create(
                warehouse_id=warehouse_id, code=code, name=name, kind=kind
            )
            audit.record(
                actor=actor,
                at=at,
                action="inventory.location_created",
                obj=("inventory.location", made.pk),
                body={"warehouse_id": warehouse_id, "code": code, "kind": str(kind)},
            )
    except IntegrityError as error:
        if constraint_of(error) == "location_code_once":
            raise Conflict(
                "inventory.location_code_taken", _("This location code is taken in the warehouse.")
            ) from error
        raise
    return made.pk


def create_lot(
    *,
    sku_id: int,
    code: str,
    received_on: date,
    actor: Actor,
    at: datetime,
    made_on: date | None = None,
    expires_on: date | None = None,
    supplier_code: str = "",
) -> int:
    """Make a lot and return its id; the same lot of the same SKU is found again.

    Raises Conflict when the lot is known with other dates, RuleViolation when it expires before it
    was made.
    """
    if made_on and expires_on and expires_on < made_on:
        raise RuleViolation(
            "inventory.lot_expires_before", _("A lot cannot expire before it was made.")
        )
    with transaction.atomic():
        lot, is_new = Lot.objects.get_or_create(
            sku_id=sku_id,
            code=code,
            defaults={
                "made_on": made_on,
                "expires_on": expires_on,
                "received_on": received_on,
                "supplier_code": supplier_code,
            },
        )
        if not is_new and (lot.made_on, lot.expires_on) != (made_on, expires_on):
            raise Conflict("inventory.lot_differs", _("This lot is known with other dates."))
        if is_new:
            audit.record(
                actor=actor,
                at=at,
                action="inventory.lot_created",
                obj=("inventory.lot", lot.pk),
                body={"sku_id": sku_id, "code": code, "expires_on": expires_on},
            )
    return lot.pk
