"""Receiving on screen: scan and count blind, then differences and choices (V10)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from inventory.choices import (
    DiscrepancyState,
    Mismatch,
    MismatchTreatment,
    ReceiptLineState,
    ReceiptState,
    RefusalChoice,
)
from inventory.errors import UnknownDocument
from inventory.models import Receipt, ReceiptDiscrepancy, ReceiptLine
from inventory.selectors import documents as selected
from inventory.services import discrepancies, receiving
from inventory.views.stock import EXPORT, VIEW, warehouse_choices
from ops.engines.desk import formats
from ops.engines.desk.screens import (
    Action,
    Badge,
    Column,
    Done,
    Fact,
    FactGroup,
    Field,
    Files,
    Filter,
    Lines,
    ListPage,
    ListQuery,
    ListScreen,
    Record,
    RecordScreen,
    Related,
    Tab,
    Tone,
)
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may

COUNT = may("inventory", "C", Role.WAREHOUSE_KEEPER)
WORKING = (ReceiptState.COUNTING, ReceiptState.CHECKED)
MOST_SAID = 5
POST = may("inventory", "P", Role.WAREHOUSE_KEEPER)


class ReceiptList(ListScreen):
    """`/inventory/receipts/`."""

    policy = VIEW
    title = _("Receipts")
    nav = "receipts"
    row_url = "inventory:receipt"
    columns = (
        Column("number", _("Number"), "code", name=True),
        Column("supplier", _("Supplier"), value=lambda row: row.purchase.supplier.name),
        Column("purchase", _("Purchase order"), "code", value=lambda row: row.purchase.number),
        Column("delivery_note", _("Delivery note"), "code"),
        Column("warehouse", _("Warehouse"), value=lambda row: row.warehouse.name),
        Column("opened_at", _("Opened"), "moment", sort=True),
        Column("state", _("State"), "badge", value=lambda row: ReceiptState(row.state)),
    )
    tabs = (Tab("all", _("All")), Tab("count", _("To count")), Tab("wait", _("Not settled")))
    filters = (
        Filter("number", _("Number"), "text"),
        Filter("state", _("State"), choices=ReceiptState.choices),
        Filter("warehouse", _("Warehouse"), choices=warehouse_choices),
    )
    order = "-id"
    export_policy = EXPORT
    empty = _("No delivery yet; open one from its purchase order.")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of receipts."""
        rows = selected.receipts(actor=actor)
        narrowed = {"count": ReceiptState.COUNTING, "wait": ReceiptState.CHECKED}.get(query.tab)
        if narrowed:
            rows = rows.filter(state=narrowed)
        rows = query.narrow(rows, "number", "state", "warehouse")
        return query.page(rows, orders={"id": "id", "opened_at": "opened_at"})


class ReceiptScreen(RecordScreen):
    """`/inventory/receipts/<id>/`: blind while it is counted, then differences and choices."""

    policy = VIEW
    nav = "receipts"
    list_url_name = "inventory:receipts"
    list_title = _("Receipts")

    def load(self, *, actor: Actor, at: datetime, **key: Any) -> Record:
        """Return the receipt; raises UnknownDocument."""
        pk = int(key["pk"])
        row = receipt_of(actor, pk)
        lines = list(
            ReceiptLine.objects.filter(receipt=row)
            .select_related("sku", "lot", "location")
            .order_by("line_no")
        )
        blind = selected.is_blind(row)
        waiting = [
            line
            for line in lines
            if line.state == ReceiptLineState.OPEN and line.mismatch not in receiving.OWN_RIGHT
        ]
        reports = list(ReceiptDiscrepancy.objects.filter(receipt=row).order_by("-pk"))
        notices = []
        if waiting and not blind:
            words = now("%(count)s lines differ from the note and wait for a decision.")
            notices.append(("warning", words % {"count": len(waiting)}))
        return Record(
            number=row.number,
            title=row.purchase.supplier.name,
            state=ReceiptState(row.state),
            actions=_actions(row, lines, waiting, {one.pk: one.number for one in reports}),
            notices=notices,
            facts=[
                FactGroup(
                    title=_("Delivery"),
                    facts=[
                        Fact(
                            title=_("Purchase order"),
                            value=row.purchase.number,
                            href=reverse("inventory:purchase", args=[row.purchase_id]),
                        ),
                        Fact(title=_("Delivery note"), value=row.delivery_note, kind="code"),
                        Fact(
                            title=_("Quality certificate"),
                            value=row.quality_paper or Badge(_("missing"), Tone.WAITING),
                            kind="code" if row.quality_paper else "badge",
                        ),
                        Fact(title=_("Warehouse"), value=row.warehouse.name),
                        Fact(title=_("Opened"), value=row.opened_at, kind="moment"),
                        Fact(title=_("Counted"), value=row.counted_at, kind="moment"),
                        Fact(title=_("Posted on"), value=row.posted_on, kind="day"),
                    ],
                )
            ],
            lines=[Lines(_("Lines"), _columns(blind=blind), lines)],
            related=[
                Related(
                    title=report.number,
                    note=DiscrepancyState(report.state).label,
                    href=reverse("desk:approval", args=[report.approval_id])
                    if report.approval_id
                    else "",
                )
                for report in reports
            ],
            clauses=["SCM-2.2-02", "SCM-2.2-03"],
            subject=(receiving.SUBJECT, pk),
            prints=[("receipt_discrepancy", report.pk) for report in reports[:3]],
            files=Files(
                object_type=receiving.SUBJECT,
                object_id=pk,
                title=_("Photos"),
                add=COUNT,
                add_label=_("Add photos"),
                why_not="" if row.state in WORKING else _("This receipt is settled."),
                empty=_("No photo yet: take one of what is damaged or wrong."),
            ),
        )


def receipt_of(actor: Actor, pk: int) -> Receipt:
    """Return a receipt of the actor's warehouses. Raises UnknownDocument."""
    row = selected.receipts(actor=actor).filter(pk=pk).first()
    if row is None:
        raise UnknownDocument("inventory.receipt_unknown", now("There is no such receipt."))
    return row


def _columns(*, blind: bool) -> list[Column]:
    """Return the columns of the lines; while goods are counted nothing of order and note."""
    goods = [
        Column("sku", _("SKU"), "code", value=lambda line: line.sku.code, sub=lambda r: r.sku.name),
        Column("lot", _("Lot"), "code", value=_lot, sub=_expiry),
    ]
    found = [Column("counted", _("Received"), "number"), Column("good", _("Good"), "number")]
    if blind:
        return [*goods, *found]
    return [
        *goods,
        Column("expected", _("Expected"), "number"),
        Column("noted", _("On the note"), "number"),
        *found,
        Column(
            "difference",
            _("Difference"),
            "number",
            value=lambda line: (line.counted or 0) - line.noted,
        ),
        Column(
            "mismatch",
            _("Kind"),
            "badge",
            value=lambda line: Mismatch(line.mismatch),
            sub=lambda line: line.finding,
        ),
        Column("location", _("Place"), value=_place),
        Column("to_bin", _("Put into stock"), "number"),
        Column("to_quarantine", _("Into quarantine"), "number"),
        Column("state", _("State"), "badge", value=lambda line: ReceiptLineState(line.state)),
    ]


def _lot(line: ReceiptLine) -> str:
    return line.lot.code if line.lot else ""


def _expiry(line: ReceiptLine) -> str:
    if line.lot is None or line.lot.expires_on is None:
        return ""
    return now("until %(day)s") % {"day": formats.day(line.lot.expires_on)}


def _place(line: ReceiptLine) -> str:
    """Say where the goods of a line go: good ones to their bin, the rest to quarantine."""
    bin_code = line.location.code if line.location else now("Default bin")
    quarantine = now("Quarantine")
    if not line.good:
        return quarantine if line.counted else ""
    return bin_code if line.good == line.counted else f"{bin_code} / {quarantine}"


def _obstacles(waiting: list[ReceiptLine], reports: Mapping[int, str]) -> str:
    """Say line by line why goods are not posted, and what unlocks them (SCM-2.2-03)."""
    said = []
    for line in waiting[:MOST_SAID]:
        report = reports.get(line.discrepancy_id or 0, "")
        words = (
            now("%(sku)s: %(counted)s received, %(noted)s on the note, %(good)s good; %(kind)s.")
            if not report
            else now(
                "%(sku)s: %(counted)s received, %(noted)s on the note, %(good)s good; %(kind)s,"
                " waits for %(report)s."
            )
        )
        said.append(
            words
            % {
                "sku": line.sku.code,
                "counted": line.counted,
                "noted": line.noted,
                "good": line.good,
                "kind": Mismatch(line.mismatch).label,
                "report": report,
            }
        )
    return " ".join([now("Report the differences; a decision unlocks them."), *said])


def _actions(
    row: Receipt,
    lines: list[ReceiptLine],
    waiting: list[ReceiptLine],
    reports: Mapping[int, str],
) -> list[Action]:
    def step(call: Callable[..., Any], words: Any) -> Callable[..., Done]:
        def run(values: Mapping[str, Any], actor: Actor, at: datetime) -> Done:
            call(receipt_id=row.pk, actor=actor, at=at, **values)
            return Done(message=f"{row.number} {words}")

        return run

    paper = Action(
        key="paper",
        label=_("Note the quality certificate"),
        run=step(receiving.note_quality_paper, now("quality certificate noted")),
        policy=COUNT,
        fields=(Field("quality_paper", _("Number of the certificate"), "code"),),
    )
    if row.state == ReceiptState.COUNTING:
        uncounted = sum(line.counted is None for line in lines)
        words = now("%(count)s lines are not counted yet.") % {"count": uncounted}
        return [
            paper,
            Action(
                key="count",
                label=_("Count"),
                href=reverse("inventory:receipt-count", args=[row.pk]),
                policy=COUNT,
                is_primary=True,
            ),
            Action(
                key="finish",
                label=_("Finish counting"),
                run=step(receiving.finish_count, now("counted")),
                policy=COUNT,
                why_not=words if uncounted else "",
            ),
        ]
    if row.state != ReceiptState.CHECKED:
        return []
    ready = any(
        line.state == ReceiptLineState.OPEN and line.mismatch in receiving.OWN_RIGHT
        for line in lines
    )
    reported = any(line.discrepancy_id for line in waiting)
    actions = [
        *(() if row.quality_paper else (paper,)),
        Action(
            key="post",
            label=_("Post what matches"),
            run=step(receiving.post_receipt, now("posted")),
            policy=POST,
            is_primary=True,
            why_not="" if ready else _obstacles(waiting, reports),
        ),
    ]
    if waiting:
        actions.append(
            Action(
                key="report",
                label=_("Report the differences"),
                run=step(discrepancies.report_discrepancy, now("reported")),
                policy=COUNT,
                why_not=now("The decision is being waited for.") if reported else "",
                fields=(
                    Field("choice", _("What you do"), "choice", choices=RefusalChoice.choices),
                    Field(
                        "treatment",
                        _("What you propose"),
                        "choice",
                        choices=MismatchTreatment.choices,
                    ),
                    Field("reason", _("What you found"), least=1),
                ),
            )
        )
    if all(line.state == ReceiptLineState.OPEN and not line.discrepancy_id for line in lines):
        actions.append(
            Action(
                key="again",
                label=_("Count again"),
                run=step(receiving.count_again, now("is counted again")),
                policy=COUNT,
                fields=(Field("reason", _("Reason"), least=1),),
            )
        )
    return actions
