"""What the warehouse puts on the desk: navigation, the keeper's cards, search, decisions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from inventory.choices import (
    CountState,
    DisposalState,
    Mismatch,
    MismatchTreatment,
    PurchaseState,
    ReceiptLineState,
    ReceiptState,
    RefusalChoice,
    ShipmentState,
    SupplierState,
    VarianceCause,
    VarianceTreatment,
)
from inventory.models import CountSheet
from inventory.policies import SEE_SUPPLIERS
from inventory.selectors import documents, shipments
from inventory.services import receiving
from ops.engines.approvals.types import RequestInfo
from ops.engines.desk.screens import (
    Card,
    CardCount,
    CardData,
    Chart,
    Column,
    DecisionKind,
    Files,
    Hit,
    Lines,
    Look,
    NavEntry,
    Place,
    SearchKind,
    Series,
    Tone,
    card,
    counts_of,
    decision,
    nav,
    register_states,
    search_kind,
    word_actions,
    word_figures,
)
from ops.engines.files.holders import declare_holder
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may

_VIEW = may("inventory", "V")
_GROUP = _("Warehouse")
_MOST_SHOWN = 500
ON_THE_WAY = (PurchaseState.SENT, PurchaseState.PARTLY_RECEIVED)
_CHECKED = ReceiptState.CHECKED
_KEEPERS = (Role.WAREHOUSE_KEEPER, Role.STORE_MANAGER)

for _entry in (
    NavEntry(
        key="receipts",
        title=_("Receipts"),
        url_name="inventory:receipts",
        policy=_VIEW,
        roles=(Role.WAREHOUSE_KEEPER,),
        order=10,
        icon="box",
        group=_GROUP,
    ),
    NavEntry(
        key="shipments",
        title=_("Shipments"),
        url_name="inventory:shipments",
        policy=_VIEW,
        roles=(Role.WAREHOUSE_KEEPER,),
        order=20,
        icon="truck",
        group=_GROUP,
    ),
    NavEntry(
        key="counts",
        title=_("Stock counts"),
        url_name="inventory:counts",
        policy=_VIEW,
        roles=(*_KEEPERS, Role.FINANCE_OFFICER),
        order=30,
        icon="count",
        group=_GROUP,
    ),
    NavEntry(
        key="stock",
        title=_("Stock"),
        url_name="inventory:stock",
        policy=_VIEW,
        roles=(*_KEEPERS, Role.PURCHASING_OFFICER),
        order=40,
        icon="list",
        group=_GROUP,
    ),
    NavEntry(
        key="purchases",
        title=_("Purchase orders"),
        url_name="inventory:purchases",
        policy=_VIEW,
        roles=(Role.PURCHASING_OFFICER,),
        order=10,
        icon="file",
        group=_GROUP,
    ),
    NavEntry(
        key="suppliers",
        title=_("Suppliers"),
        url_name="inventory:suppliers",
        policy=SEE_SUPPLIERS,
        roles=(Role.PURCHASING_OFFICER,),
        order=20,
        icon="person",
        group=_GROUP,
    ),
    NavEntry(
        key="disposals",
        title=_("Stock disposals"),
        url_name="inventory:disposals",
        policy=_VIEW,
        roles=(Role.OPERATIONS_SPECIALIST,),
        order=55,
        icon="box",
        group=_GROUP,
    ),
    NavEntry(
        key="equipment",
        title=_("Safety equipment"),
        url_name="inventory:equipment",
        policy=_VIEW,
        order=60,
        icon="shield",
        group=_GROUP,
    ),
    NavEntry(
        key="balances",
        title=_("Places and lots"),
        url_name="inventory:balances",
        policy=_VIEW,
        order=70,
        icon="list",
        group=_GROUP,
    ),
    NavEntry(
        key="shelf-lives",
        title=_("Goods with an expiry date"),
        url_name="inventory:shelf-lives",
        policy=_VIEW,
        order=75,
        icon="clock",
        group=_GROUP,
    ),
    NavEntry(
        key="moves",
        title=_("Stock moves"),
        url_name="inventory:moves",
        policy=_VIEW,
        order=80,
        icon="list",
        group=_GROUP,
    ),
):
    nav(_entry)


def work_of_the_day(actor: Actor, at: datetime) -> CardData:
    """Return what waits in the keeper's warehouses: deliveries, picking, shipping, counting."""
    del at
    receipts = documents.receipts(actor=actor)
    parcels = shipments.shipments(actor=actor)
    sheets = CountSheet.objects.filter(
        count__in=documents.stock_counts(actor=actor).filter(state=CountState.COUNTING)
    )

    bought = documents.purchases(actor=actor)
    parts = (
        (_("To receive"), bought.filter(state__in=ON_THE_WAY), "purchases", "way"),
        (_("Being counted in"), receipts.filter(state=ReceiptState.COUNTING), "receipts", "count"),
        (_("Waiting for a decision"), receipts.filter(state=_CHECKED), "receipts", "wait"),
        (_("To pick"), parcels.filter(state=ShipmentState.OPEN), "shipments", "pick"),
        (_("To pack"), parcels.filter(state=ShipmentState.PICKED), "shipments", "pack"),
        (_("To ship"), parcels.filter(state=ShipmentState.PACKED), "shipments", "ship"),
        (_("Sheets to count"), sheets.filter(keeper_id=None), "counts", "work"),
    )
    numbers = counts_of(*(part[1] for part in parts))
    return CardData(
        counts=[
            CardCount(
                title=title,
                value=str(number),
                href=f"{reverse(f'inventory:{name}')}?tab={tab}",
                is_alarm=tab == "wait" and number > 0,
            )
            for (title, _rows, name, tab), number in zip(parts, numbers, strict=True)
        ]
    )


card(
    Card(
        key="warehouse-work",
        title=_("Warehouse today"),
        query=work_of_the_day,
        policy=_VIEW,
        roles=(Role.WAREHOUSE_KEEPER,),
        place=Place.WORK,
        look=Look.TILES,
        order=10,
        url_name="inventory:receipts",
    )
)


def _find_receipts(actor: Actor, text: str, most: int) -> Sequence[Hit]:
    rows = documents.receipts(actor=actor)
    found = rows.filter(number=text) | rows.filter(delivery_note=text)
    return [
        Hit(
            title=row.number,
            note=row.delivery_note,
            href=reverse("inventory:receipt", args=[row.pk]),
            is_exact=True,
        )
        for row in found[:most]
    ]


def _find_purchases(actor: Actor, text: str, most: int) -> Sequence[Hit]:
    rows = documents.purchases(actor=actor).filter(number=text)
    return [
        Hit(
            title=row.number,
            note=row.supplier.name,
            href=reverse("inventory:purchase", args=[row.pk]),
            is_exact=True,
        )
        for row in rows[:most]
    ]


def _find_suppliers(actor: Actor, text: str, most: int) -> Sequence[Hit]:
    rows = documents.suppliers(actor=actor)
    found = rows.filter(code=text) | rows.filter(name__icontains=text)
    return [
        Hit(
            title=row.name,
            note=row.code,
            href=reverse("inventory:supplier", args=[row.pk]),
            is_exact=row.code == text,
        )
        for row in found[:most]
    ]


def _find_counts(actor: Actor, text: str, most: int) -> Sequence[Hit]:
    rows = documents.stock_counts(actor=actor).filter(number=text)
    return [
        Hit(
            title=row.number,
            note=row.warehouse.name,
            href=reverse("inventory:count", args=[row.pk]),
            is_exact=True,
        )
        for row in rows[:most]
    ]


def _find_shipments(actor: Actor, text: str, most: int) -> Sequence[Hit]:
    rows = shipments.shipments(actor=actor)
    found = rows.filter(number=text) | rows.filter(tracking_no=text)
    return [
        Hit(
            title=row.number,
            note=row.tracking_no,
            href=reverse("inventory:shipment", args=[row.pk]),
            is_exact=True,
        )
        for row in found[:most]
    ]


for _kind in (
    SearchKind(key="receipt", title=_("Receipts"), find=_find_receipts, policy=_VIEW, order=30),
    SearchKind(key="shipment", title=_("Shipments"), find=_find_shipments, policy=_VIEW, order=31),
    SearchKind(
        key="purchase", title=_("Purchase orders"), find=_find_purchases, policy=_VIEW, order=32
    ),
    SearchKind(
        key="supplier", title=_("Suppliers"), find=_find_suppliers, policy=SEE_SUPPLIERS, order=33
    ),
    SearchKind(
        key="stockcount", title=_("Stock counts"), find=_find_counts, policy=_VIEW, order=34
    ),
):
    search_kind(_kind)


def _href_of_purchase(request: RequestInfo) -> str:
    return reverse("inventory:purchase", args=[request.subject_id])


def _href_of_count(request: RequestInfo) -> str:
    return reverse("inventory:count-variance", args=[request.subject_id])


def _count_lines(request: RequestInfo) -> list[Lines]:
    """Return the differences, the dearest first, causes in words."""
    rows = request.content["lines"]
    return [
        Lines(
            _("Differences"),
            [
                Column("code", _("SKU"), "code"),
                Column("place", _("Place"), "code"),
                Column("book", _("Book"), "number"),
                Column("counted", _("First count"), "number"),
                Column("recounted", _("Recount"), "number"),
                Column("variance", _("Difference"), "number"),
                Column(
                    "value", _("Value"), "money", unit=_("CNY"), value=lambda r: Decimal(r["value"])
                ),
                Column("cause", _("Cause"), value=lambda r: VarianceCause(r["cause"]).label),
                Column("responsible", _("Responsible")),
                Column(
                    "treatment",
                    _("Treatment"),
                    value=lambda r: VarianceTreatment(r["treatment"]).label,
                ),
                Column("note", _("Note")),
            ],
            rows[:_MOST_SHOWN],
            empty=_("Book and shelf agree."),
        )
    ]


def _count_charts(request: RequestInfo) -> list[Chart]:
    top = request.content["lines"][:20]
    if not top:
        return []
    return [
        Chart(
            key="variance",
            title=_("Differences by value"),
            kind="bar",
            categories=[f"{row['code']} {row['place']}" for row in top],
            series=[Series(_("Value"), [Decimal(row["value"]) for row in top])],
            unit=_("CNY"),
            value_kind="money",
        )
    ]


def _mismatch_lines(request: RequestInfo) -> list[Lines]:
    """Return what came against what the note says, and what would go in."""
    return [
        Lines(
            _("Lines"),
            [
                Column("code", _("SKU"), "code"),
                Column("name", _("Name")),
                Column("noted", _("On the note"), "number"),
                Column("counted", _("Counted"), "number"),
                Column("good", _("Good"), "number"),
                Column("mismatch", _("Difference"), value=lambda r: Mismatch(r["mismatch"]).label),
                Column("lot", _("Lot"), "code", value=lambda r: r.get("lot", "")),
                Column("expires_on", _("Expiry date"), value=lambda r: r.get("expires_on")),
                Column("finding", _("Finding")),
                Column("bin", _("Put into stock"), "number"),
                Column("quarantine", _("Into quarantine"), "number"),
            ],
            request.content["lines"],
        )
    ]


def _href_of_mismatch(request: RequestInfo) -> str:
    return reverse("inventory:receipt", args=[documents.receipt_of_discrepancy(request.subject_id)])


def _mismatch_files(request: RequestInfo) -> Files:
    """Return the photos of the receipt the report is on."""
    return Files(
        object_type=receiving.SUBJECT,
        object_id=documents.receipt_of_discrepancy(request.subject_id),
        title=_("Photos"),
        empty=_("The keeper added no photo."),
    )


def _mismatch_words(request: RequestInfo) -> list[str]:
    return [
        str(RefusalChoice(request.content["choice"]).label),
        str(MismatchTreatment(request.content["treatment"]).label),
        str(request.content["reason"]),
    ]


decision(DecisionKind(flow="purchase_order", subject_href=_href_of_purchase))
decision(
    DecisionKind(
        flow="stock_adjustment",
        lines=_count_lines,
        charts=_count_charts,
        subject_href=_href_of_count,
    )
)
declare_holder(receiving.SUBJECT, policy=_VIEW, visible=documents.is_receipt_of)
decision(
    DecisionKind(
        flow="receipt_mismatch",
        lines=_mismatch_lines,
        policy=_mismatch_words,
        says=("choice", "treatment", "reason"),
        subject_href=_href_of_mismatch,
        files=_mismatch_files,
    )
)

register_states(
    {
        SupplierState.SUSPENDED: Tone.STOPPED,
        PurchaseState.SENT: Tone.RUNNING,
        PurchaseState.PARTLY_RECEIVED: Tone.RUNNING,
        ReceiptState.COUNTING: Tone.RUNNING,
        ReceiptState.CHECKED: Tone.WAITING,
        ReceiptState.REFUSED: Tone.STOPPED,
        ReceiptLineState.REFUSED: Tone.STOPPED,
        CountState.COUNTING: Tone.RUNNING,
        DisposalState.OPEN: Tone.WAITING,
        DisposalState.FILED: Tone.RUNNING,
        DisposalState.ENDED: Tone.DONE,
    }
)
word_figures(
    {
        "receipt": (_("Receipt"), "text"),
        "value": (_("Value"), "money"),
        "total": (_("Total"), "money"),
        "gain": (_("Surplus"), "money"),
        "loss": (_("Shortage"), "money"),
        "net": (_("Net"), "money"),
        "gross": (_("Surplus and shortage together"), "money"),
        "noted": (_("On the note"), "number"),
        "counted": (_("Counted"), "number"),
        "recounted": (_("Recount"), "number"),
        "variance": (_("Difference"), "number"),
        "place": (_("Place"), "code"),
        "supplier": (_("Supplier"), "text"),
        "unit_cost": (_("Unit cost"), "money"),
        "amount": (_("Amount"), "money"),
        "bin": (_("Put into stock"), "number"),
        "quarantine": (_("Into quarantine"), "number"),
        "good": (_("Good"), "number"),
        "cause": (_("Cause"), "text"),
        "responsible": (_("Responsible"), "text"),
        "treatment": (_("Treatment"), "text"),
        "mismatch": (_("Difference"), "text"),
        "finding": (_("Finding"), "text"),
        "book": (_("Book"), "number"),
    }
)
word_actions(
    {
        "inventory.disposals_opened": _("opened the disposal of what is left"),
        "inventory.disposal_filed": _("proposed how the rest goes"),
        "inventory.disposal_ended": _("ended the disposal"),
        "inventory.purchase_drafted": _("drafted the order"),
        "inventory.purchase_edited": _("changed the order"),
        "inventory.purchase_sent": _("sent the order"),
        "inventory.purchase_closed": _("closed the order"),
        "inventory.purchase_cancelled": _("cancelled the order"),
        "inventory.receipt_opened": _("opened the receipt"),
        "inventory.receipt_found_recorded": _("recorded what was found"),
        "inventory.receipt_find_cleared": _("took a find back"),
        "inventory.receipt_paper_noted": _("noted the quality certificate"),
        "inventory.lots_found": _("entered lots"),
        "inventory.lot_corrected": _("corrected the days of a lot"),
        "inventory.shelf_life_set": _("said which goods need an expiry date"),
        "inventory.receipt_checked": _("counted the goods"),
        "inventory.receipt_count_again": _("had the goods counted again"),
        "inventory.receipt_posted": _("posted the goods"),
        "inventory.discrepancy_decided": _("decided on goods that differ"),
        "inventory.count_opened": _("opened the count"),
        "inventory.count_started": _("froze the book"),
        "inventory.count_entered": _("entered figures"),
        "inventory.count_file_entered": _("entered figures by file"),
        "inventory.count_marked_empty": _("marked a place as empty"),
        "inventory.count_cleared": _("took a figure back"),
        "inventory.count_signed": _("signed sheets"),
        "inventory.count_closed": _("closed counting"),
        "inventory.count_recounted": _("counted again"),
        "inventory.count_explained": _("explained differences"),
        "inventory.count_posted": _("posted the differences"),
        "inventory.count_cancelled": _("cancelled the count"),
        "inventory.supplier_created": _("entered the supplier"),
        "inventory.supplier_edited": _("changed the supplier"),
        "inventory.supplier_suspended": _("suspended the supplier"),
        "inventory.supplier_active": _("resumed the supplier"),
        "inventory.equipment_entered": _("entered the equipment"),
        "inventory.equipment_inspected": _("noted an inspection"),
        "inventory.equipment_retired": _("took the equipment out of use"),
        "inventory.opening_checks_kept": _("set the rule of opening checks"),
        "inventory.shipment_opened": _("opened the shipment"),
        "inventory.shipment_picked": _("picked"),
        "inventory.shipment_packed": _("packed"),
        "inventory.shipment_shipped": _("shipped"),
        "inventory.shipment_reopened": _("put the goods back"),
        "inventory.shipment_cancelled": _("cancelled the shipment"),
    }
)
