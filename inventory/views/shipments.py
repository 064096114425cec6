"""Shipments: the list with bulk picking and shipping, one shipment with its steps."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from inventory.choices import ShipmentState
from inventory.errors import UnknownDocument
from inventory.models import Shipment
from inventory.selectors import shipments as selected
from inventory.services import shipments
from inventory.views.stock import EXPORT, VIEW, warehouse_choices
from ops.engines.desk.screens import (
    Action,
    BulkAction,
    BulkOutcome,
    Column,
    Done,
    Fact,
    FactGroup,
    Field,
    Filter,
    Lines,
    ListPage,
    ListQuery,
    ListScreen,
    Record,
    RecordScreen,
    Refused,
    Tab,
)
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import OpsError
from ops.engines.kernel.policy import may

_STEP = may("inventory", "P")
_TABS = {
    "pick": ShipmentState.OPEN,
    "pack": ShipmentState.PICKED,
    "ship": ShipmentState.PACKED,
    "gone": ShipmentState.SHIPPED,
}


def _counted(state: ShipmentState) -> Callable[[Actor, datetime], int | None]:
    def count(actor: Actor, at: datetime) -> int | None:
        del at
        return selected.shipments(actor=actor).filter(state=state).count()

    return count


def _each(
    step: Callable[..., Any],
) -> Callable[[Sequence[str], Actor, datetime], BulkOutcome]:
    """Run a step shipment by shipment, so that one refusal leaves the others done."""

    def run(ids: Sequence[str], actor: Actor, at: datetime) -> BulkOutcome:
        done, refused = 0, []
        for key in ids:
            try:
                step(shipment_id=int(key), actor=actor, at=at)
                done += 1
            except OpsError as refusal:
                refused.append(Refused(key, str(refusal)))
        return BulkOutcome(done, refused)

    return run


class ShipmentList(ListScreen):
    """`/inventory/shipments/`: what is to pick, to pack, to ship."""

    policy = VIEW
    title = _("Shipments")
    nav = "shipments"
    row_url = "inventory:shipment"
    columns = (
        Column("number", _("Number"), "code", name=True),
        Column("warehouse", _("Warehouse"), value=lambda row: row.warehouse.name),
        Column("carrier", _("Carrier")),
        Column("tracking_no", _("Tracking number"), "code"),
        Column("opened_at", _("Opened"), "moment", sort=True),
        Column("state", _("State"), "badge", value=lambda row: ShipmentState(row.state)),
    )
    tabs = (
        Tab("all", _("All")),
        Tab("pick", _("To pick"), count=_counted(ShipmentState.OPEN)),
        Tab("pack", _("To pack"), count=_counted(ShipmentState.PICKED)),
        Tab("ship", _("To ship"), count=_counted(ShipmentState.PACKED)),
        Tab("gone", _("Shipped")),
    )
    filters = (
        Filter("number", _("Number"), "text"),
        Filter("warehouse", _("Warehouse"), choices=warehouse_choices),
    )
    bulk = (
        BulkAction(key="pick", label=_("Pick"), run=_each(shipments.pick), policy=_STEP),
        BulkAction(key="ship", label=_("Ship"), run=_each(shipments.ship), policy=_STEP),
    )
    order = "-id"
    export_policy = EXPORT
    empty = _("No shipment yet; approved orders open them.")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of shipments."""
        rows = selected.shipments(actor=actor)
        if state := _TABS.get(query.tab):
            rows = rows.filter(state=state)
        if number := query.get("number"):
            rows = rows.filter(number=number)
        if warehouse := query.get("warehouse"):
            rows = rows.filter(warehouse_id=warehouse)
        return query.page(rows, orders={"id": "id", "opened_at": "opened_at"})


class ShipmentScreen(RecordScreen):
    """`/inventory/shipments/<id>/`: lines, picks and the next step."""

    policy = VIEW
    nav = "shipments"
    list_url_name = "inventory:shipments"
    list_title = _("Shipments")

    def load(self, *, actor: Actor, at: datetime, **key: Any) -> Record:
        """Return the shipment; raises UnknownDocument."""
        pk = int(key["pk"])
        row = selected.shipments(actor=actor).filter(pk=pk).first()
        if row is None:
            raise UnknownDocument("inventory.shipment_unknown", now("There is no such shipment."))
        return Record(
            number=row.number,
            title=row.warehouse.name,
            state=ShipmentState(row.state),
            actions=_actions(row),
            facts=[
                FactGroup(
                    title=_("Shipment"),
                    facts=[
                        Fact(title=_("Document"), value=f"{row.source_type}:{row.source_id}"),
                        Fact(title=_("Carrier"), value=row.carrier),
                        Fact(title=_("Tracking number"), value=row.tracking_no, kind="code"),
                        Fact(title=_("Opened"), value=row.opened_at, kind="moment"),
                        Fact(title=_("Picked"), value=row.picked_at, kind="moment"),
                        Fact(title=_("Packed"), value=row.packed_at, kind="moment"),
                        Fact(title=_("Shipped"), value=row.shipped_at, kind="moment"),
                    ],
                )
            ],
            lines=[
                Lines(
                    _("Lines"),
                    [
                        Column("sku", _("SKU"), "code", value=lambda line: line.sku.code),
                        Column("name", _("Name"), value=lambda line: line.sku.name),
                        Column("quantity", _("Quantity"), "number"),
                    ],
                    list(selected.lines(shipment_id=pk)),
                ),
                Lines(
                    _("Where to take them"),
                    [
                        Column("place", _("Place"), "code", value=lambda pick: pick.location.code),
                        Column("sku", _("SKU"), "code", value=lambda pick: pick.sku.code),
                        Column(
                            "lot",
                            _("Lot"),
                            "code",
                            value=lambda pick: pick.lot.code if pick.lot else "",
                        ),
                        Column("quantity", _("Quantity"), "number"),
                    ],
                    list(selected.picks(shipment_id=pk)),
                    empty=_("Not picked yet."),
                ),
            ],
            clauses=["SCM-2.4-03", "SCM-2.2-04"],
            subject=("inventory.shipment", pk),
            prints=[("pick_list", pk), ("delivery_note", pk)],
        )


def _actions(row: Shipment) -> list[Action]:
    def step(call: Callable[..., Any], words: Any) -> Callable[..., Done]:
        def run(values: Mapping[str, Any], actor: Actor, at: datetime) -> Done:
            call(shipment_id=row.pk, actor=actor, at=at, **_filled(values))
            return Done(message=f"{row.number} {words}")

        return run

    label = (
        Field("carrier", _("Carrier"), most=80),
        Field("tracking_no", _("Tracking number"), "code", required=False),
    )
    offered: dict[str, Collection[ShipmentState]] = {
        "pick": (ShipmentState.OPEN,),
        "pack": (ShipmentState.PICKED,),
        "ship": (ShipmentState.PACKED,),
        "reopen": (ShipmentState.PICKED, ShipmentState.PACKED),
        "cancel": (ShipmentState.OPEN, ShipmentState.PICKED, ShipmentState.PACKED),
    }
    actions = [
        Action(
            key="pick",
            label=_("Pick"),
            run=step(shipments.pick, now("picked")),
            policy=_STEP,
            is_primary=True,
        ),
        Action(
            key="pack",
            label=_("Pack"),
            run=step(shipments.pack, now("packed")),
            policy=_STEP,
            fields=label,
            is_primary=True,
        ),
        Action(
            key="ship",
            label=_("Ship"),
            run=step(shipments.ship, now("shipped")),
            policy=_STEP,
            confirm=_("The goods leave the stock at their average cost."),
            is_primary=True,
        ),
        Action(
            key="reopen",
            label=_("Put back"),
            run=step(shipments.reopen, now("waits to be picked again")),
            policy=_STEP,
        ),
        Action(
            key="cancel",
            label=_("Cancel the shipment"),
            run=step(shipments.cancel, now("cancelled")),
            policy=_STEP,
            confirm=_("The shipment is given up; the goods stay held for their order."),
            is_danger=True,
        ),
    ]
    return [action for action in actions if row.state in offered[action.key]]


def _filled(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}
