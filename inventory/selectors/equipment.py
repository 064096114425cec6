"""Safety equipment of the actor's warehouses."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from inventory.errors import UnknownDocument
from inventory.models import SafetyEquipment
from inventory.selectors.stock import scopes_of
from inventory.types import EquipmentInfo
from ops.engines.kernel.actor import Actor


def equipment(*, actor: Actor) -> QuerySet[SafetyEquipment]:
    """Return the equipment in use, the most urgent first."""
    rows = (
        SafetyEquipment.objects.filter(is_active=True)
        .select_related("warehouse")
        .order_by("next_inspection_on", "id")
    )
    ids = scopes_of(actor)
    return rows if ids is None else rows.filter(warehouse_id__in=ids)


def overdue(*, actor: Actor, today: date) -> QuerySet[SafetyEquipment]:
    """Return the equipment whose next inspection was due before today."""
    return equipment(actor=actor).filter(next_inspection_on__lt=today)


def piece(*, equipment_id: int, actor: Actor) -> SafetyEquipment:
    """Return one piece in use; raises UnknownDocument."""
    found = equipment(actor=actor).filter(pk=equipment_id).first()
    if found is None:
        raise UnknownDocument("inventory.equipment_unknown", _("There is no such equipment."))
    return found


def described(row: SafetyEquipment) -> EquipmentInfo:
    """Return a row as plain values."""
    return EquipmentInfo(
        id=row.pk,
        warehouse_id=row.warehouse_id,
        code=row.code,
        kind=row.kind,
        place=row.place,
        inspected_on=row.inspected_on,
        next_inspection_on=row.next_inspection_on,
    )
