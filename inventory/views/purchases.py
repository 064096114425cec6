"""Suppliers and purchase orders on screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from inventory.choices import PurchaseState, SupplierState
from inventory.errors import UnknownDocument
from inventory.models import PurchaseLine, PurchaseOrder
from inventory.policies import SEE_SUPPLIERS
from inventory.selectors import documents as selected
from inventory.services import purchasing, receiving, suppliers
from inventory.services.suppliers import FIELDS
from inventory.types import PurchaseWant
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
    LineFields,
    Lines,
    ListPage,
    ListQuery,
    ListScreen,
    New,
    Record,
    RecordScreen,
    Related,
    Tab,
)
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.classified import DataClass
from ops.engines.kernel.policy import may

BUY = may("inventory", "C", Role.PURCHASING_OFFICER)
OPEN = may("inventory", "C", Role.WAREHOUSE_KEEPER, Role.PURCHASING_OFFICER)
_REASON = (Field("reason", _("Reason"), least=1),)
_TITLES = {
    "name": _("Name"),
    "contact": _("Contact"),
    "phone": _("Phone"),
    "email": _("E-mail"),
    "city": _("City"),
    "region": _("Province"),
    "postcode": _("Postcode"),
}


class SupplierList(ListScreen):
    """`/inventory/suppliers/`."""

    policy = SEE_SUPPLIERS
    title = _("Suppliers")
    nav = "suppliers"
    row_url = "inventory:supplier"
    new = New(_("New supplier"), "inventory:supplier-new", BUY)
    columns = (
        Column("code", _("Code"), "code", name=True, sort=True),
        Column("name", _("Name"), sub=lambda row: row.contact),
        Column("city", _("City")),
        Column("region", _("Province")),
        Column("state", _("State"), "badge", value=lambda row: SupplierState(row.state)),
    )
    filters = (
        Filter("q", _("Name"), "text"),
        Filter("state", _("State"), choices=SupplierState.choices),
    )
    order = "-id"
    export_policy = EXPORT
    empty = _("No supplier yet. Enter the first one or import a file.")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of suppliers."""
        rows = selected.suppliers(actor=actor)
        if text := query.get("q"):
            rows = rows.filter(name__icontains=text)
        if state := query.get("state"):
            rows = rows.filter(state=state)
        return query.page(rows, orders={"id": "id", "code": "code"})


class SupplierScreen(RecordScreen):
    """`/inventory/suppliers/<id>/`."""

    policy = SEE_SUPPLIERS
    nav = "suppliers"
    list_url_name = "inventory:suppliers"
    list_title = _("Suppliers")

    def load(self, *, actor: Actor, at: datetime, **key: Any) -> Record:
        """Return the supplier; raises UnknownDocument."""
        pk = int(key["pk"])
        row = selected.suppliers(actor=actor).filter(pk=pk).first()
        if row is None:
            raise UnknownDocument("inventory.supplier_unknown", now("There is no such supplier."))
        is_active = row.state == SupplierState.ACTIVE

        def turn(values: Mapping[str, Any], actor: Actor, at: datetime) -> Done:
            call = suppliers.suspend_supplier if is_active else suppliers.resume_supplier
            call(supplier_id=pk, reason=values["reason"], actor=actor, at=at)
            return Done(message=now("%(name)s is changed.") % {"name": row.name})

        return Record(
            number=row.code,
            title=row.name,
            state=SupplierState(row.state),
            actions=[
                Action(
                    key="turn",
                    label=_("Suspend") if is_active else _("Resume"),
                    run=turn,
                    policy=BUY,
                    fields=_REASON,
                    is_danger=is_active,
                )
            ],
            facts=[
                FactGroup(
                    title=_("Supplier"),
                    facts=[Fact(title=_TITLES[key], value=getattr(row, key)) for key in FIELDS[1:]],
                )
            ],
            related=[
                Related(
                    title=_("Purchase orders"),
                    count=selected.purchases(actor=actor).filter(supplier=row).count(),
                    href=f"{reverse('inventory:purchases')}?supplier={row.code}",
                )
            ],
            clauses=["SCM-2.4-01"],
            subject=(suppliers.SUBJECT, pk),
        )


class SupplierForm(FormScreen):
    """`/inventory/suppliers/new/`."""

    policy = BUY
    title = _("New supplier")
    nav = "suppliers"
    groups = (
        Group(
            _("Supplier"),
            (
                Field("code", _("Code"), "code", most=64),
                *(
                    Field(key, title, required=key == "name", most=suppliers.LENGTHS[key])
                    for key, title in _TITLES.items()
                ),
            ),
        ),
    )

    def submit(self, *, values: Mapping[str, Any], actor: Actor, at: datetime, **key: Any) -> Done:
        """Make the supplier."""
        said = {key: value for key, value in values.items() if value is not None}
        made = suppliers.create_supplier(**said, actor=actor, at=at)
        return Done(
            message=now("%(code)s is saved.") % {"code": said["code"]},
            href=reverse("inventory:supplier", args=[made]),
        )

    def back_url(self, **key: Any) -> str:
        """Lead to the list."""
        return reverse("inventory:suppliers")


class PurchaseList(ListScreen):
    """`/inventory/purchases/`."""

    policy = VIEW
    title = _("Purchase orders")
    nav = "purchases"
    row_url = "inventory:purchase"
    new = New(_("New purchase order"), "inventory:purchase-new", BUY)
    columns = (
        Column("number", _("Number"), "code", name=True),
        Column("supplier", _("Supplier"), value=lambda row: row.supplier.name),
        Column("warehouse", _("Warehouse"), value=lambda row: row.warehouse.name),
        Column("expected_on", _("Expected on"), "day"),
        Column("total", _("Total"), "money", unit=_("CNY"), sort=True, data=DataClass.COST),
        Column("state", _("State"), "badge", value=lambda row: PurchaseState(row.state)),
    )
    tabs = (
        Tab("all", _("All")),
        Tab("draft", _("Drafts")),
        Tab("way", _("On the way")),
    )
    filters = (
        Filter("number", _("Number"), "text"),
        Filter("supplier", _("Supplier code"), "text"),
        Filter("state", _("State"), choices=PurchaseState.choices),
        Filter("warehouse", _("Warehouse"), choices=warehouse_choices),
    )
    order = "-id"
    export_policy = EXPORT
    empty = _("No purchase order yet.")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of orders."""
        rows = selected.purchases(actor=actor)
        narrowed = {
            "draft": [PurchaseState.DRAFT],
            "way": [PurchaseState.SENT, PurchaseState.PARTLY_RECEIVED],
        }.get(query.tab)
        if narrowed:
            rows = rows.filter(state__in=narrowed)
        rows = query.narrow(
            rows, "number", "state", supplier="supplier__code", warehouse="warehouse_id"
        )
        return query.page(rows, orders={"id": "id", "total": "total"})


class PurchaseForm(FormScreen):
    """`/inventory/purchases/new/`: lines may be pasted from a spreadsheet."""

    policy = BUY
    title = _("New purchase order")
    nav = "purchases"
    submit_label = _("Save the draft")
    groups = (
        Group(
            _("Order"),
            (
                Field("supplier", _("Supplier code"), "code"),
                Field("warehouse", _("Warehouse"), "choice", choices=warehouse_choices),
                Field("expected_on", _("Expected on"), "day", required=False),
                Field("note", _("Note"), required=False),
            ),
        ),
        Group(
            _("Lines"),
            (
                LineFields(
                    "lines",
                    _("Lines"),
                    (
                        Field("sku", _("SKU"), "code"),
                        Field("quantity", _("Quantity"), "quantity", least=1),
                        Field("unit_cost", _("Unit cost"), "money", places=6, unit=_("CNY")),
                        Field("plan_ref", _("Plan reference"), required=False, most=64),
                        Field("reason", _("Reason"), required=False),
                    ),
                    hint=_("A line without a plan reference needs a reason."),
                ),
            ),
        ),
    )

    def submit(self, *, values: Mapping[str, Any], actor: Actor, at: datetime, **key: Any) -> Done:
        """Draft the order."""
        ids = selected.sku_ids(wanted={line["sku"] for line in values["lines"]})
        made = purchasing.draft_purchase(
            supplier_id=selected.supplier_id(code=values["supplier"]),
            warehouse_id=int(values["warehouse"]),
            expected_on=values["expected_on"],
            note=values["note"] or "",
            lines=[
                PurchaseWant(
                    sku_id=ids[line["sku"]],
                    quantity=line["quantity"],
                    unit_cost=line["unit_cost"],
                    plan_ref=line["plan_ref"] or "",
                    reason=line["reason"] or "",
                )
                for line in values["lines"]
            ],
            actor=actor,
            at=at,
        )
        return Done(
            message=now("%(code)s is saved.") % {"code": made.number},
            href=reverse("inventory:purchase", args=[made.id]),
        )

    def back_url(self, **key: Any) -> str:
        """Lead to the list."""
        return reverse("inventory:purchases")


class PurchaseScreen(RecordScreen):
    """`/inventory/purchases/<id>/`."""

    policy = VIEW
    nav = "purchases"
    list_url_name = "inventory:purchases"
    list_title = _("Purchase orders")

    def load(self, *, actor: Actor, at: datetime, **key: Any) -> Record:
        """Return the order; raises UnknownDocument."""
        pk = int(key["pk"])
        row = selected.purchases(actor=actor).filter(pk=pk).first()
        if row is None:
            raise UnknownDocument(
                "inventory.purchase_unknown", now("There is no such purchase order.")
            )
        lines = list(PurchaseLine.objects.filter(purchase=row).select_related("sku"))
        related = [
            Related(
                title=receipt.number,
                href=reverse("inventory:receipt", args=[receipt.pk]),
                note=receipt.get_state_display(),
            )
            for receipt in row.receipts.order_by("-pk")[:20]
        ]
        if row.approval_id:
            related.append(
                Related(title=_("Approval"), href=reverse("desk:approval", args=[row.approval_id]))
            )
        return Record(
            number=row.number,
            title=row.supplier.name,
            state=PurchaseState(row.state),
            actions=_actions(row),
            facts=[
                FactGroup(
                    title=_("Order"),
                    facts=[
                        Fact(
                            title=_("Supplier"),
                            value=row.supplier.name,
                            href=reverse("inventory:supplier", args=[row.supplier_id]),
                        ),
                        Fact(title=_("Warehouse"), value=row.warehouse.name),
                        Fact(title=_("Expected on"), value=row.expected_on, kind="day"),
                        Fact(title=_("Total"), value=row.total, kind="money", data=DataClass.COST),
                        Fact(title=_("Sent"), value=row.sent_at, kind="moment"),
                        Fact(title=_("Note"), value=row.note, is_wide=True),
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
                        Column("unit_cost", _("Unit cost"), "money", unit=_("CNY")),
                        Column("amount", _("Amount"), "money", unit=_("CNY"), data=DataClass.COST),
                        Column("received", _("Received"), "number"),
                        Column("plan_ref", _("Plan reference"), "code"),
                        Column("reason", _("Reason")),
                    ],
                    lines,
                    total={"amount": row.total},
                )
            ],
            related=related,
            clauses=["SCM-2.4-01"],
            subject=(purchasing.SUBJECT, pk),
            prints=[("purchase_order", pk)]
            if row.approval_id and row.state != PurchaseState.CANCELLED
            else [],
        )


def _actions(row: PurchaseOrder) -> list[Action]:
    def step(call: Callable[..., Any], words: Any) -> Callable[..., Done]:
        def run(values: Mapping[str, Any], actor: Actor, at: datetime) -> Done:
            call(purchase_id=row.pk, actor=actor, at=at, **values)
            return Done(message=f"{row.number} {words}")

        return run

    def receive(values: Mapping[str, Any], actor: Actor, at: datetime) -> Done:
        made = receiving.open_receipt(
            purchase_id=row.pk, delivery_note=values["delivery_note"], actor=actor, at=at
        )
        return Done(
            message=now("%(code)s is open; count the goods.") % {"code": made.number},
            href=reverse("inventory:receipt", args=[made.id]),
        )

    state = PurchaseState(row.state)
    actions = []
    if state == PurchaseState.DRAFT:
        actions.append(
            Action(
                key="submit",
                label=_("Hand in"),
                run=step(purchasing.submit_purchase, now("handed in")),
                policy=BUY,
                is_primary=True,
            )
        )
    if state == PurchaseState.APPROVED:
        actions.append(
            Action(
                key="send",
                label=_("Sent to the supplier"),
                run=step(purchasing.send_purchase, now("sent")),
                policy=BUY,
                is_primary=True,
            )
        )
    if state in (PurchaseState.SENT, PurchaseState.PARTLY_RECEIVED):
        actions.append(
            Action(
                key="receive",
                label=_("Goods have arrived"),
                run=receive,
                policy=OPEN,
                fields=(Field("delivery_note", _("Number of the delivery note"), "code"),),
                is_primary=True,
            )
        )
    if state in (PurchaseState.SENT, PurchaseState.PARTLY_RECEIVED, PurchaseState.RECEIVED):
        actions.append(
            Action(
                key="close",
                label=_("Close the order"),
                run=step(purchasing.close_purchase, now("closed")),
                policy=BUY,
                fields=_REASON,
            )
        )
    if state in (PurchaseState.DRAFT, PurchaseState.APPROVED):
        actions.append(
            Action(
                key="cancel",
                label=_("Cancel the order"),
                run=step(purchasing.cancel_purchase, now("cancelled")),
                policy=BUY,
                fields=_REASON,
                is_danger=True,
            )
        )
    return actions
