"""The register of safety equipment, and the daily look at its dates (SCM-2.2-10)."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from inventory.choices import EquipmentKind
from inventory.errors import UnknownDocument
from inventory.models import SafetyEquipment
from inventory.selectors import equipment as selected
from inventory.selectors import places
from inventory.services.refusals import constraint_of
from inventory.types import EquipmentInfo
from ops.engines.audit import services as audit
from ops.engines.identity.choices import Role
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import Conflict, RuleViolation
from ops.engines.notices import services as notices
from ops.engines.notices.choices import NoticeKind

SUBJECT = "inventory.safetyequipment"
_OVERDUE = gettext_noop("Safety equipment is overdue for inspection")
_OVERDUE_BODY = gettext_noop("%(count)s pieces, first: %(code)s, due on %(day)s.")


def enter_equipment(
    *,
    warehouse_id: int,
    code: str,
    kind: str,
    place: str,
    inspected_on: date,
    next_inspection_on: date,
    actor: Actor,
    at: datetime,
) -> EquipmentInfo:
    """Enter one piece with its place and next inspection.

    Raises UnknownPlace, Conflict for a code the warehouse has, RuleViolation for dates that cannot
    be, BadInput.
    """
    places.require_warehouse(warehouse_id=warehouse_id, actor=actor, right="C")
    _require_dates(inspected_on, next_inspection_on, at)
    try:
        with transaction.atomic():
            made = SafetyEquipment.objects.create(
                warehouse_id=warehouse_id,
                code=parse.code(code, most=40),
                kind=EquipmentKind(kind),
                place=parse.text(place.strip(), most=120, least=1),
                inspected_on=inspected_on,
                next_inspection_on=next_inspection_on,
                noted_at=at,
            )
            _record("inventory.equipment_entered", made, actor=actor, at=at)
    except IntegrityError as error:
        if constraint_of(error) == "equipment_code_once":
            raise Conflict(
                "inventory.equipment_code_taken",
                _("This code is taken in the warehouse."),
                field="code",
            ) from error
        raise
    return selected.described(made)


def note_inspection(
    *,
    equipment_id: int,
    inspected_on: date,
    next_inspection_on: date,
    actor: Actor,
    at: datetime,
) -> EquipmentInfo:
    """Note that a piece was inspected, and when the next inspection is due.

    Raises UnknownDocument, UnknownPlace, RuleViolation.
    """
    _require_dates(inspected_on, next_inspection_on, at)
    with transaction.atomic():
        row = _lock(equipment_id, actor)
        row.inspected_on, row.next_inspection_on = inspected_on, next_inspection_on
        row.noted_at = at
        row.save(update_fields=["inspected_on", "next_inspection_on", "noted_at"])
        _record("inventory.equipment_inspected", row, actor=actor, at=at)
        return selected.described(row)


def retire_equipment(*, equipment_id: int, reason: str, actor: Actor, at: datetime) -> None:
    """Take a piece out of use; its history stays. Raises UnknownDocument, UnknownPlace."""
    with transaction.atomic():
        row = _lock(equipment_id, actor)
        row.is_active = False
        row.save(update_fields=["is_active"])
        why = parse.text(reason.strip(), most=200, least=1)
        _record("inventory.equipment_retired", row, actor=actor, at=at, reason=why)


def watch_dates(*, today: date, actor: Actor, at: datetime) -> int:
    """Tell the store manager of each warehouse what is overdue, once for each missed date."""
    with transaction.atomic():
        rows = list(
            SafetyEquipment.objects.select_for_update(of=("self",), no_key=True)
            .filter(is_active=True, next_inspection_on__lt=today)
            .filter(Q(told_of=None) | ~Q(told_of=F("next_inspection_on")))
            .order_by("next_inspection_on", "id")
        )
        by_warehouse: dict[int, list[SafetyEquipment]] = defaultdict(list)
        for row in rows:
            by_warehouse[row.warehouse_id].append(row)
        for warehouse_id, late in by_warehouse.items():
            notices.notify(
                kind=NoticeKind.ACT,
                title=_OVERDUE,
                body=_OVERDUE_BODY,
                params={
                    "count": len(late),
                    "code": late[0].code,
                    "day": late[0].next_inspection_on,
                },
                link="/inventory/equipment/?tab=late",
                subject=f"inventory.equipment:{warehouse_id}",
                role=Role.STORE_MANAGER,
                area="inventory",
                scope=("warehouse", warehouse_id),
                actor=actor,
                at=at,
            )
        SafetyEquipment.objects.filter(pk__in=[row.pk for row in rows]).update(
            told_of=F("next_inspection_on")
        )
        return len(rows)


def _lock(equipment_id: int, actor: Actor) -> SafetyEquipment:
    row = (
        SafetyEquipment.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk=equipment_id, is_active=True)
        .first()
    )
    if row is None:
        raise UnknownDocument("inventory.equipment_unknown", _("There is no such equipment."))
    places.require_warehouse(warehouse_id=row.warehouse_id, actor=actor, right="C")
    return row


def _require_dates(inspected_on: date, next_inspection_on: date, at: datetime) -> None:
    if inspected_on > parse.business_day(at):
        raise RuleViolation(
            "inventory.inspected_ahead",
            _("An inspection is noted after it took place."),
            field="inspected_on",
        )
    if next_inspection_on <= inspected_on:
        raise RuleViolation(
            "inventory.inspection_order",
            _("The next inspection comes after the last one."),
            field="next_inspection_on",
        )


def _record(
    action: str, row: SafetyEquipment, *, actor: Actor, at: datetime, **body: object
) -> None:
    audit.record(
        actor=actor,
        at=at,
        action=action,
        obj=(SUBJECT, row.pk),
        body={
            "code": row.code,
            "place": row.place,
            "inspected_on": row.inspected_on,
            "next_inspection_on": row.next_inspection_on,
            **body,
        },
    )
