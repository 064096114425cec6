"""Counting a delivery by hand: scan adds one, digits and Enter set the quantity (V10)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from catalog.selectors import codes
from inventory import gs1
from inventory.choices import ReceiptState
from inventory.errors import NotReady, UnknownDocument
from inventory.models import ReceiptLine
from inventory.selectors import documents as selected
from inventory.selectors import lots as known
from inventory.services import findings, lots
from inventory.types import FoundLine, FoundLot
from inventory.views.receipts import COUNT, receipt_of
from ops.engines.desk.filters import loose_day
from ops.engines.desk.screens import (
    Done,
    Extra,
    Field,
    FormScreen,
    Group,
    Scanned,
    Sheet,
    SheetEntry,
    SheetItem,
    SheetScreen,
)
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day

EXTRAS = (
    Extra(key="bad", title=_("Damaged, to quarantine")),
    Extra(key="wrong", title=_("Other goods")),
    Extra(key="lot", title=_("Lot"), kind="code"),
    Extra(key="expires_on", title=_("Expiry date"), kind="day"),
    Extra(key="made_on", title=_("Production date"), kind="day"),
)


class ReceiptSheet(SheetScreen):
    """`/inventory/receipts/<id>/count/`: a scan adds one, digits and Enter set the quantity.

    Neither ordered nor noted figures are sent to the device. An entry sets the figure of its line,
    so the same entry sent twice has one effect; another lot of the same goods becomes a line.
    """

    policy = COUNT
    title = _("Count a delivery")
    nav = "receipts"

    def load(self, *, actor: Actor, at: datetime, **key: Any) -> Sheet:
        """Return the sheet; raises UnknownDocument, NotReady once it is counted."""
        pk = int(key["pk"])
        row = receipt_of(actor, pk)
        if row.state != ReceiptState.COUNTING:
            raise NotReady("inventory.receipt_counted", now("This delivery is counted already."))
        lines = list(
            ReceiptLine.objects.filter(receipt=row).select_related("sku", "lot").order_by("line_no")
        )
        needing = known.needing_expiry({line.sku_id for line in lines})
        demand = now("Lot and expiry date are needed.")
        return Sheet(
            title=row.number,
            note=row.purchase.supplier.name,
            items=[_item(line, demand if line.sku_id in needing else "") for line in lines],
            extras=EXTRAS,
            reads_cartons=True,
            done_href=reverse("inventory:receipt", args=[pk]),
            done_label=_("To the receipt"),
            more_href=reverse("inventory:receipt-found", args=[pk]),
            more_label=_("Goods that are not on the sheet"),
            back_href=reverse("inventory:receipt", args=[pk]),
        )

    def resolve(self, *, code: str, actor: Actor, at: datetime, **key: Any) -> Scanned:
        """Say which goods, lot and days a carton code names; raises UnknownDocument, BadInput."""
        receipt = receipt_of(actor, int(key["pk"]))
        if not gs1.is_element_string(code):
            raise UnknownDocument(
                "inventory.sheet_code_unknown", now("Nothing on this sheet has this code.")
            )
        found = known.scanned(code=code, today=business_day(at))
        sku, _name = codes.sku_names(sku_ids={found.sku_id})[found.sku_id]
        if not ReceiptLine.objects.filter(receipt=receipt, sku_id=found.sku_id).exists():
            raise UnknownDocument(
                "inventory.receipt_sku_unnamed",
                now("%(sku)s is not on this sheet; enter it as goods that are not on the sheet.")
                % {"sku": sku},
            )
        days = {"word-expires_on": found.expires_on, "word-made_on": found.made_on}
        return Scanned(
            codes=[sku],
            pieces=found.pieces,
            words={
                "word-lot": found.lot,
                **{name: day.isoformat() if day else "" for name, day in days.items()},
            },
            match="word-lot",
        )

    def enter(self, *, entry: SheetEntry, actor: Actor, at: datetime, **key: Any) -> str:
        """Write what was found of one line, or take it back."""
        pk = int(key["pk"])
        line = _line(pk, entry.item)
        if entry.undoes is not None and entry.quantity == 0:
            findings.clear_found(receipt_id=pk, line_id=_meant(line, entry).pk, actor=actor, at=at)
            return now("Taken back.")
        wrong = entry.extras.get("wrong", 0)
        lot = _lot(entry.words, business_day(at))
        findings.record_found(
            receipt_id=pk,
            lines=[
                FoundLine(
                    sku_id=line.sku_id,
                    lot=lot,
                    lot_id=None if lot else line.lot_id,
                    line_id=line.pk,
                    location_id=line.location_id,
                    counted=entry.quantity,
                    good=max(entry.quantity - entry.extras.get("bad", 0) - wrong, 0),
                    is_as_named=wrong == 0,
                    finding=line.finding,
                )
            ],
            actor=actor,
            at=at,
        )
        return now("Saved.")

    def is_stale(self, entry: SheetEntry, **key: Any) -> bool:
        """Say whether the entry was of another lot than its line has."""
        said = entry.words.get("lot", "")
        return (
            said != ""
            and not ReceiptLine.objects.filter(pk=_number(entry.item), lot__code=said).exists()
        )


class ReceiptFoundForm(FormScreen):
    """`/inventory/receipts/<id>/count/found/`: goods that came and are not on the sheet."""

    policy = COUNT
    title = _("Goods that are not on the sheet")
    nav = "receipts"
    groups = (
        Group(
            _("Found"),
            (
                Field("sku", _("SKU"), "code"),
                Field("quantity", _("Quantity"), "quantity"),
                Field("good", _("Good"), "quantity", required=False, hint=_("All, when empty.")),
            ),
        ),
        Group(
            _("Lot"),
            (
                Field("lot", _("Lot"), "code", required=False),
                Field("expires_on", _("Expiry date"), "day", required=False),
                Field("made_on", _("Production date"), "day", required=False),
                Field("finding", _("Finding"), required=False),
            ),
        ),
    )

    def submit(self, *, values: Mapping[str, Any], actor: Actor, at: datetime, **key: Any) -> Done:
        """Write the goods."""
        sku = selected.sku_ids(wanted=[values["sku"]])[values["sku"]]
        findings.record_found(
            receipt_id=int(key["pk"]),
            lines=[
                FoundLine(
                    sku_id=sku,
                    counted=values["quantity"],
                    good=values["good"],
                    finding=values["finding"] or "",
                    lot=lots.read(
                        values["lot"], made_on=values["made_on"], expires_on=values["expires_on"]
                    )
                    if values["lot"]
                    else None,
                )
            ],
            actor=actor,
            at=at,
        )
        return Done(message=now("%(code)s is saved.") % {"code": values["sku"]})

    def back_url(self, **key: Any) -> str:
        """Lead to the sheet."""
        return reverse("inventory:receipt-count", args=[int(key["pk"])])


def _item(line: ReceiptLine, demand: str) -> SheetItem:
    lot = line.lot
    bad = (line.counted or 0) - (line.good or 0)
    words = {
        "extra-bad": str(bad if line.is_as_named else 0),
        "extra-wrong": str(0 if line.is_as_named else bad),
        "word-lot": lot.code if lot else "",
        "word-expires_on": _day(lot.expires_on if lot else None),
        "word-made_on": _day(lot.made_on if lot else None),
    }
    return SheetItem(
        key=str(line.pk),
        place=now("Line %(line)s") % {"line": line.line_no},
        title=line.sku.name,
        detail=line.sku.code,
        codes=[code for code in (line.sku.code, line.sku.barcode) if code],
        entered=line.counted,
        words=words,
        demand=demand,
    )


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _line(receipt_id: int, item: str) -> ReceiptLine:
    line = (
        ReceiptLine.objects.filter(receipt_id=receipt_id, pk=_number(item))
        .select_related("lot")
        .first()
    )
    if line is None:
        raise UnknownDocument("inventory.receipt_line_unknown", now("There is no such line."))
    return line


def _meant(line: ReceiptLine, entry: SheetEntry) -> ReceiptLine:
    """Return the line an entry is taken back from: the one its lot made, else the one it named."""
    said = entry.words.get("lot", "")
    other = ReceiptLine.objects.filter(
        receipt_id=line.receipt_id, sku_id=line.sku_id, lot__code=said
    ).first()
    return other or line


def _lot(words: Mapping[str, str], today: date) -> FoundLot | None:
    """Return what was typed of the lot. Raises NotReady for days without a lot, BadInput."""
    days = {
        name: loose_day(words[name], today=today)
        for name in ("made_on", "expires_on")
        if name in words
    }
    if "lot" not in words:
        if days:
            raise NotReady(
                "inventory.lot_unnamed", now("The days belong to a lot: give its number too.")
            )
        return None
    return lots.read(words["lot"], **days)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0
