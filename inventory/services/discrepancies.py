"""Goods that differ from their note: reported, decided, and only then posted (SCM-2.2-03)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from inventory import rules
from inventory.choices import (
    DiscrepancyState,
    MismatchTreatment,
    ReceiptLineState,
    ReceiptState,
    RefusalChoice,
)
from inventory.errors import NotReady, WrongState
from inventory.models import PurchaseOrder, Receipt, ReceiptDiscrepancy, ReceiptLine
from inventory.services import receiving
from inventory.types import DiscrepancyInfo
from ops.engines.approvals import services as approvals
from ops.engines.approvals.types import RequestInfo
from ops.engines.audit import services as audit
from ops.engines.files import selectors as files
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.numbering import services as numbering

SUBJECT = "inventory.receiptdiscrepancy"
FLOW = "receipt_mismatch"
SERIES = "RD"


def report_discrepancy(
    *,
    receipt_id: int,
    choice: RefusalChoice | str,
    treatment: MismatchTreatment | str,
    reason: str,
    actor: Actor,
    at: datetime,
) -> DiscrepancyInfo:
    """Report every line that differs beyond a shortage, with what the keeper did and proposes.

    Store manager (by value the director too) decides; nothing of these lines is posted before.
    Raises UnknownDocument, WrongState, NotReady when nothing needs a decision or one is waited
    for, BadInput, and what the approvals engine refuses.
    """
    choice, treatment = RefusalChoice(choice), MismatchTreatment(treatment)
    why = parse.text(reason, least=1)
    with approvals.handing_in(FLOW, actor=actor, at=at):
        receipt = receiving.lock(receipt_id, actor, ReceiptState.CHECKED)
        lines = _undecided(receipt)
        if (
            not lines
            or ReceiptDiscrepancy.objects.filter(
                receipt=receipt, state=DiscrepancyState.SUBMITTED
            ).exists()
        ):
            raise NotReady(
                "inventory.nothing_to_report",
                _("No line needs a report, or its decision is being waited for."),
            )
        made = ReceiptDiscrepancy(
            receipt=receipt,
            choice=choice,
            treatment=treatment,
            reason=why,
            value=_value(lines),
            reported_by=actor.person_id or 0,
            reported_at=at,
        )
        made.number = numbering.take_one(SERIES, at=at)
        made.save(force_insert=True)
        ReceiptLine.objects.filter(pk__in=[line.pk for line in lines]).update(discrepancy=made)
        photos = [
            {"file": each.id, "name": each.name, "sha256": each.sha256}
            for each in files.attachments(
                object_type=receiving.SUBJECT, object_id=receipt.pk, actor=actor
            )
        ]
        request = approvals.submit(
            flow=FLOW,
            subject=(SUBJECT, made.pk),
            number=made.number,
            title=receipt.number,
            content=_content(made, receipt, lines) | {"photos": photos},
            figures={"value": made.value, "lines": len(lines)},
            scope_ids={"warehouse": receipt.warehouse_id},
            actor=actor,
            at=at,
        )
        made.approval_id = request.id
        made.save(update_fields=["approval"])
        return info(made)


def decide(request: RequestInfo, actor: Actor, at: datetime) -> None:
    """Carry an approved treatment out inside the deciding transaction: post or refuse lines."""
    receipt_id, purchase_id = ReceiptDiscrepancy.objects.values_list(
        "receipt_id", "receipt__purchase_id"
    ).get(pk=request.subject_id)
    order = PurchaseOrder.objects.select_for_update(of=("self",), no_key=True).get(pk=purchase_id)
    receipt = Receipt.objects.select_for_update(of=("self",), no_key=True).get(pk=receipt_id)
    found = ReceiptDiscrepancy.objects.get(pk=request.subject_id)
    if found.state != DiscrepancyState.SUBMITTED:
        raise WrongState("inventory.discrepancy_state", _("This report was decided before."))
    found.state, found.decided_at, found.approval_id = DiscrepancyState.DECIDED, at, request.id
    found.save(update_fields=["state", "decided_at", "approval"])
    allowed = {line["line"]: line for line in request.content["lines"]}
    rows = ReceiptLine.objects.filter(discrepancy=found).select_related("lot")
    lines = list(rows.order_by("line_no"))
    for line in lines:
        said = allowed[line.pk]
        line.to_bin, line.to_quarantine = said["bin"], said["quarantine"]
        line.approval_id = request.id
        is_in = line.to_bin + line.to_quarantine > 0
        line.state = ReceiptLineState.POSTED if is_in else ReceiptLineState.REFUSED
    receiving.settle(receipt, order, lines, actor=actor, at=at)
    audit.record(
        actor=actor,
        at=at,
        action="inventory.discrepancy_decided",
        obj=(SUBJECT, found.pk),
        body={"number": found.number, "treatment": found.treatment, "lines": list(allowed)},
    )


def take_back(request: RequestInfo, actor: Actor, at: datetime) -> None:
    """Let the keeper report anew after a returned or withdrawn report; nothing was posted."""
    ReceiptDiscrepancy.objects.filter(pk=request.subject_id).update(state=DiscrepancyState.RETURNED)
    ReceiptLine.objects.filter(
        discrepancy_id=request.subject_id, state=ReceiptLineState.OPEN
    ).update(discrepancy=None)


def needs_director(shown: Any) -> bool:
    """Say whether the value is beyond what the store manager decides alone."""
    return Decimal(shown["value"]) > rules.MISMATCH_DIRECTOR_LIMIT


def info(found: ReceiptDiscrepancy) -> DiscrepancyInfo:
    """Describe a report."""
    return DiscrepancyInfo(
        id=found.pk,
        number=found.number,
        receipt_id=found.receipt_id,
        state=found.state,
        value=found.value,
        approval_id=found.approval_id,
    )


def goes_in(line: ReceiptLine, choice: str, treatment: str) -> tuple[int, int]:
    """Return how many pieces a treatment brings into storage and into quarantine.

    Accepted goods come in, the faulty ones into quarantine; otherwise only what matches the note
    does, and nothing where all is refused or the goods are other goods.
    """
    counted, good = line.counted or 0, line.good or 0
    if treatment == MismatchTreatment.ACCEPT:
        return good, counted - good
    if choice == RefusalChoice.REFUSE_ALL or not line.is_as_named:
        return 0, 0
    return min(good, line.noted), 0


def _undecided(receipt: Receipt) -> list[ReceiptLine]:
    return list(
        ReceiptLine.objects.filter(receipt=receipt, state=ReceiptLineState.OPEN)
        .exclude(mismatch__in=receiving.OWN_RIGHT)
        .select_related("sku", "lot")
        .order_by("line_no")
    )


def _value(lines: Sequence[ReceiptLine]) -> Decimal:
    """Return what the differing pieces cost, by the prices of the order."""
    total = Decimal("0.00")
    for line in lines:
        counted, good = line.counted or 0, line.good or 0
        pieces = counted if not line.is_as_named else max(abs(counted - line.noted), counted - good)
        total += rules.receipt_value(pieces, line.unit_cost or Decimal(0))
    return total


def _content(
    made: ReceiptDiscrepancy, receipt: Receipt, lines: Sequence[ReceiptLine]
) -> dict[str, Any]:
    """Return what is asked for; the database posts a line only as it stands here."""
    rows = []
    for line in lines:
        to_bin, to_quarantine = goes_in(line, made.choice, made.treatment)
        rows.append(
            {
                "line": line.pk,
                "sku": line.sku_id,
                "code": line.sku.code,
                "name": line.sku.name,
                "noted": line.noted,
                "counted": line.counted,
                "good": line.good,
                "mismatch": line.mismatch,
                "lot": line.lot.code if line.lot else "",
                "expires_on": line.lot.expires_on if line.lot else None,
                "finding": line.finding,
                "bin": to_bin,
                "quarantine": to_quarantine,
            }
        )
    return {
        "receipt": receipt.number,
        "choice": made.choice,
        "treatment": made.treatment,
        "reason": made.reason,
        "value": made.value,
        "lines": rows,
    }
