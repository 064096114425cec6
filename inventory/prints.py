"""Papers of the warehouse: purchase order, pick list, delivery note, count sheet, discrepancy."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from inventory.choices import (
    CountKind,
    CountState,
    Mismatch,
    MismatchTreatment,
    PurchaseState,
    RefusalChoice,
    ShipmentState,
)
from inventory.errors import NotReady, UnknownDocument
from inventory.models import CountLine, PurchaseLine, ReceiptLine, Shipment
from inventory.selectors import documents, shipments
from ops.engines.desk import formats
from ops.engines.documents.papers import Paper, PaperColumn, PaperTable, PrintForm, print_form
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may

VIEW: Final = may("inventory", "V")
MOST_LINES: Final = 2000  # a paper beyond that is counted by file
_SKU: Final = (PaperColumn(_("SKU"), 20), PaperColumn(_("Name"), 40))
_DECIDED: Final = (
    PurchaseState.APPROVED,
    PurchaseState.SENT,
    PurchaseState.PARTLY_RECEIVED,
    PurchaseState.RECEIVED,
)


def purchase_order(pk: int, actor: Actor, at: datetime) -> Paper:
    """Return the order as it goes to the supplier; before its approval it goes nowhere.

    Raises UnknownDocument, NotReady.
    """
    del at
    row = documents.purchases(actor=actor).filter(pk=pk).first()
    if row is None:
        raise UnknownDocument("inventory.purchase_unknown", now("There is no such purchase order."))
    if row.state not in _DECIDED:
        raise NotReady("inventory.purchase_undecided", now("Only an approved order is printed."))
    lines = PurchaseLine.objects.filter(purchase=row).select_related("sku").order_by("line_no")
    return Paper(
        number=row.number,
        path=reverse("inventory:purchase", args=[pk]),
        state=str(PurchaseState(row.state).label),
        facts=[
            (_("Supplier"), f"{row.supplier.code} {row.supplier.name}"),
            (_("Warehouse"), row.warehouse.name),
            (_("Expected on"), formats.day(row.expected_on)),
            (_("Sent"), formats.moment(row.sent_at)),
        ],
        tables=[
            PaperTable(
                "",
                [
                    *_SKU,
                    PaperColumn(_("Quantity"), 12, is_number=True),
                    PaperColumn(_("Unit cost"), 16, is_number=True),
                    PaperColumn(_("Amount"), 18, is_number=True),
                ],
                [
                    [
                        line.sku.code,
                        line.sku.name,
                        formats.number(line.quantity),
                        formats.number(line.unit_cost),
                        formats.money(line.amount),
                    ]
                    for line in lines
                ],
                ["", "", "", now("Total (CNY)"), formats.money(row.total)],
            )
        ],
        notes=[row.note] if row.note else [],
        signatures=[_("Purchasing"), _("Supplier")],
    )


def pick_list(pk: int, actor: Actor, at: datetime) -> Paper:
    """Return where to take the goods of a shipment, place by place. Raises UnknownDocument."""
    del at
    row = _shipment(pk, actor)
    picks = sorted(shipments.picks(shipment_id=pk), key=lambda pick: pick.location.code)
    return Paper(
        number=row.number,
        path=reverse("inventory:shipment", args=[pk]),
        state=str(ShipmentState(row.state).label),
        facts=[
            (_("Warehouse"), row.warehouse.name),
            (_("Opened"), formats.moment(row.opened_at)),
        ],
        tables=[
            PaperTable(
                _("Where to take them"),
                [
                    PaperColumn(_("Place"), 16),
                    *_SKU,
                    PaperColumn(_("Lot"), 16),
                    PaperColumn(_("Quantity"), 12, is_number=True),
                    PaperColumn(_("Taken"), 12, is_number=True),
                ],
                [
                    [
                        pick.location.code,
                        pick.sku.code,
                        pick.sku.name,
                        pick.lot.code if pick.lot else "",
                        formats.number(pick.quantity),
                        "",
                    ]
                    for pick in picks
                ],
            )
        ],
        signatures=[_("Picked by"), _("Reviewed by")],
    )


def delivery_note(pk: int, actor: Actor, at: datetime) -> Paper:
    """Return what lies in the parcel; no price and no address stands on it.

    Raises UnknownDocument.
    """
    del at
    row = _shipment(pk, actor)
    lines = list(shipments.lines(shipment_id=pk).order_by("line_no"))
    return Paper(
        number=row.number,
        path=reverse("inventory:shipment", args=[pk]),
        facts=[
            (_("Warehouse"), row.warehouse.name),
            (_("Carrier"), row.carrier),
            (_("Tracking number"), row.tracking_no),
            (_("Shipped"), formats.moment(row.shipped_at)),
        ],
        tables=[
            PaperTable(
                "",
                [*_SKU, PaperColumn(_("Quantity"), 12, is_number=True)],
                [[line.sku.code, line.sku.name, formats.number(line.quantity)] for line in lines],
                ["", now("Pieces"), formats.number(sum(line.quantity for line in lines))],
            )
        ],
        signatures=[_("Packed by"), _("Received by")],
    )


def count_sheet(pk: int, actor: Actor, at: datetime) -> Paper:
    """Return the blind sheets of a count, place by place: no book quantity is printed.

    Raises UnknownDocument, NotReady before the book is frozen and for a count too big for paper.
    """
    del at
    row = documents.stock_counts(actor=actor).filter(pk=pk).first()
    if row is None:
        raise UnknownDocument("inventory.count_unknown", now("There is no such count."))
    if row.state == CountState.OPEN:
        raise NotReady("inventory.count_not_started", now("Freeze the book before printing."))
    lines = list(
        CountLine.objects.filter(count=row)
        .order_by("sheet__sheet_no", "pk")
        .values_list("sheet__location__code", "sku__code", "sku__name", "lot__code")[
            : MOST_LINES + 1
        ]
    )
    if len(lines) > MOST_LINES:
        raise NotReady("inventory.count_too_big", now("This count is too big for paper."))
    return Paper(
        number=row.number,
        path=reverse("inventory:count", args=[pk]),
        facts=[
            (_("Warehouse"), row.warehouse.name),
            (_("Kind"), str(CountKind(row.kind).label)),
            (_("Period"), row.period),
            (_("Book frozen at"), formats.moment(row.book_at)),
        ],
        tables=[
            PaperTable(
                place,
                [
                    *_SKU,
                    PaperColumn(_("Lot"), 16),
                    PaperColumn(_("Counted"), 14, is_number=True),
                    PaperColumn(_("Note"), 20),
                ],
                [[sku, name, lot or "", "", ""] for _place, sku, name, lot in found],
            )
            for place, found in groupby(lines, key=lambda line: line[0])
        ],
        signatures=[_("Keeper"), _("Finance")],
    )


def discrepancy(pk: int, actor: Actor, at: datetime) -> Paper:
    """Return the written report of what differed at receiving (SCM-2.2-03).

    Raises UnknownDocument.
    """
    del at
    row = documents.discrepancies(actor=actor).filter(pk=pk).first()
    if row is None:
        raise UnknownDocument("inventory.discrepancy_unknown", now("There is no such report."))
    lines = (
        ReceiptLine.objects.filter(receipt=row.receipt, discrepancy=row)
        .select_related("sku")
        .order_by("line_no")
    )
    return Paper(
        number=row.number,
        path=reverse("inventory:receipt", args=[row.receipt_id]),
        state=str(row.get_state_display()),
        facts=[
            (_("Receipt"), row.receipt.number),
            (_("Delivery note"), row.receipt.delivery_note),
            (_("Choice of the keeper"), str(RefusalChoice(row.choice).label)),
            (_("Proposed treatment"), str(MismatchTreatment(row.treatment).label)),
            (_("Value (CNY)"), formats.money(row.value)),
            (_("Reported at"), formats.moment(row.reported_at)),
        ],
        tables=[
            PaperTable(
                _("Lines"),
                [
                    *_SKU,
                    PaperColumn(_("On the note"), 12, is_number=True),
                    PaperColumn(_("Received"), 12, is_number=True),
                    PaperColumn(_("Good"), 12, is_number=True),
                    PaperColumn(_("Kind"), 16),
                    PaperColumn(_("Finding"), 24),
                ],
                [
                    [
                        line.sku.code,
                        line.sku.name,
                        formats.number(line.noted),
                        formats.number(line.counted),
                        formats.number(line.good),
                        str(Mismatch(line.mismatch).label),
                        line.finding,
                    ]
                    for line in lines
                ],
            )
        ],
        notes=[row.reason],
        signatures=[_("Keeper"), _("Store manager"), _("Carrier")],
    )


def _shipment(pk: int, actor: Actor) -> Shipment:
    row = shipments.shipments(actor=actor).filter(pk=pk).first()
    if row is None:
        raise UnknownDocument("inventory.shipment_unknown", now("There is no such shipment."))
    return row


for _form in (
    PrintForm(key="purchase_order", title=_("Purchase order"), policy=VIEW, load=purchase_order),
    PrintForm(key="pick_list", title=_("Pick list"), policy=VIEW, load=pick_list),
    PrintForm(key="delivery_note", title=_("Delivery note"), policy=VIEW, load=delivery_note),
    PrintForm(key="count_sheet", title=_("Count sheet"), policy=VIEW, load=count_sheet),
    PrintForm(
        key="receipt_discrepancy", title=_("Receipt discrepancy"), policy=VIEW, load=discrepancy
    ),
):
    print_form(_form)
