"""Safety equipment on screen, and the rule that goods wait for the opening check."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from inventory.choices import EquipmentKind
from inventory.models import SafetyEquipment
from inventory.selectors import equipment as selected
from inventory.services import equipment, places
from inventory.views.stock import EXPORT, VIEW, warehouse_choices
from ops.engines.desk.screens import (
    Action,
    Column,
    Done,
    Fact,
    FactGroup,
    Field,
    Filter,
    FormScreen,
    Group,
    ListPage,
    ListQuery,
    ListScreen,
    Record,
    RecordScreen,
    Tab,
)
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day
from ops.engines.kernel.policy import may

KEEP = may("inventory", "C", Role.WAREHOUSE_KEEPER)
RULE = may("inventory", "A", Role.STORE_MANAGER, Role.OPERATIONS_DIRECTOR)
_INSPECTED = (
    Field("inspected_on", _("Last inspection"), "day"),
    Field("next_inspection_on", _("Next inspection"), "day"),
)


def _is_late(row: SafetyEquipment) -> str:
    return now("overdue") if row.next_inspection_on < business_day(row.seen_at) else ""  # type: ignore[attr-defined]


class EquipmentList(ListScreen):
    """`/inventory/equipment/`: what keeps the actor's warehouses safe, by its dates."""

    policy = VIEW
    title = _("Safety equipment")
    nav = "equipment"
    row_url = "inventory:equipment-piece"
    columns = (
        Column("code", _("Code"), "code", name=True),
        Column("kind", _("Kind"), value=lambda row: EquipmentKind(row.kind).label),
        Column("warehouse", _("Warehouse"), value=lambda row: row.warehouse.name),
        Column("place", _("Place")),
        Column("inspected_on", _("Last inspection"), "day"),
        Column("next_inspection_on", _("Next inspection"), "day", sort=True, sub=_is_late),
    )
    tabs = (Tab("all", _("All")), Tab("late", _("Overdue")))
    filters = (
        Filter("code", _("Code"), "text"),
        Filter("kind", _("Kind"), choices=EquipmentKind.choices),
        Filter("warehouse", _("Warehouse"), choices=warehouse_choices),
    )
    order = "next_inspection_on"
    export_policy = EXPORT
    empty = _("No equipment is entered yet. Enter extinguishers, detectors, alarms and locks.")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of equipment."""
        rows = selected.equipment(actor=actor)
        if query.tab == "late":
            rows = selected.overdue(actor=actor, today=query.today)
        rows = query.narrow(rows, "code", "kind", "warehouse")

        def seen(row: SafetyEquipment) -> SafetyEquipment:
            row.seen_at = query.at  # type: ignore[attr-defined]
            return row

        orders = {"id": "id", "next_inspection_on": "next_inspection_on"}
        return query.page(rows, orders=orders, row=seen)

    def head_actions(self, *, actor: Actor) -> Sequence[Action]:
        """Offer to enter a piece, and the rule of opening checks."""
        del actor
        return [
            Action(
                key="new",
                label=_("Enter equipment"),
                href=reverse("inventory:equipment-new"),
                policy=KEEP,
                is_primary=True,
            ),
            Action(
                key="rule",
                label=_("Rule of opening checks"),
                href=reverse("inventory:opening-rule"),
                policy=RULE,
            ),
        ]


class EquipmentForm(FormScreen):
    """`/inventory/equipment/new/`."""

    policy = KEEP
    title = _("Enter equipment")
    nav = "equipment"
    groups = (
        Group(
            _("Safety equipment"),
            (
                Field("warehouse", _("Warehouse"), "choice", choices=warehouse_choices),
                Field("code", _("Code"), "code", most=40),
                Field("kind", _("Kind"), "choice", choices=EquipmentKind.choices),
                Field("place", _("Place"), most=120, least=1),
                *_INSPECTED,
            ),
        ),
    )

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Enter it."""
        made = equipment.enter_equipment(
            warehouse_id=int(values["warehouse"]),
            code=values["code"],
            kind=values["kind"],
            place=values["place"],
            inspected_on=values["inspected_on"],
            next_inspection_on=values["next_inspection_on"],
            actor=actor,
            at=at,
        )
        return Done(message=now("%(code)s is saved.") % {"code": made.code})

    def back_url(self, **key: Any) -> str:
        """Lead to the list."""
        return reverse("inventory:equipment")


class EquipmentScreen(RecordScreen):
    """`/inventory/equipment/<id>/`: one piece, its inspections in the timeline."""

    policy = VIEW
    nav = "equipment"
    list_url_name = "inventory:equipment"
    list_title = _("Safety equipment")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the piece; raises UnknownDocument."""
        row = selected.piece(equipment_id=int(key["pk"]), actor=actor)
        is_late = row.next_inspection_on < business_day(at)
        return Record(
            number=row.code,
            title=f"{EquipmentKind(row.kind).label} {row.warehouse.name}",
            actions=_actions(row),
            notices=[("warning", now("The inspection is overdue."))] if is_late else [],
            facts=[
                FactGroup(
                    title=_("Safety equipment"),
                    facts=[
                        Fact(title=_("Place"), value=row.place),
                        Fact(title=_("Last inspection"), value=row.inspected_on, kind="day"),
                        Fact(title=_("Next inspection"), value=row.next_inspection_on, kind="day"),
                    ],
                )
            ],
            clauses=["SCM-2.2-10"],
            subject=(equipment.SUBJECT, row.pk),
        )


class OpeningRule(FormScreen):
    """`/inventory/opening-rule/`: from which day goods wait for the signed opening check."""

    policy = RULE
    title = _("Rule of opening checks")
    nav = "equipment"
    lead = _("From this day on, receipts and issues are refused until the check is signed.")
    groups = (
        Group(
            _("Rule"),
            (
                Field("warehouse", _("Warehouse"), "choice", choices=warehouse_choices),
                Field(
                    "since",
                    _("Since"),
                    "day",
                    required=False,
                    hint=_("Empty: the rule does not hold in this warehouse."),
                ),
            ),
        ),
    )

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Set the day."""
        places.keep_opening_checks(
            warehouse_id=int(values["warehouse"]), since=values["since"], actor=actor, at=at
        )
        return Done(message=now("The rule is saved."))

    def back_url(self, **key: Any) -> str:
        """Lead to the equipment."""
        return reverse("inventory:equipment")


def _actions(row: SafetyEquipment) -> list[Action]:
    def inspected(values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
        equipment.note_inspection(
            equipment_id=row.pk,
            inspected_on=values["inspected_on"],
            next_inspection_on=values["next_inspection_on"],
            actor=actor,
            at=at,
        )
        return Done(message=now("%(code)s is saved.") % {"code": row.code})

    def retire(values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
        equipment.retire_equipment(equipment_id=row.pk, reason=values["reason"], actor=actor, at=at)
        return Done(
            message=now("%(code)s is out of use.") % {"code": row.code},
            href=reverse("inventory:equipment"),
        )

    return [
        Action(
            key="inspected",
            label=_("Note an inspection"),
            run=inspected,
            policy=KEEP,
            fields=_INSPECTED,
            is_primary=True,
        ),
        Action(
            key="retire",
            label=_("Take out of use"),
            run=retire,
            policy=KEEP,
            fields=(Field("reason", _("Reason"), least=1),),
            is_danger=True,
        ),
    ]
