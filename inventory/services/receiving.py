"""Receiving: counted blind, compared with the note, matching goods posted (SCM-2.2-02).

What the keeper finds is written by `findings`; what differs beyond a shortage waits for the
decision in `discrepancies` (SCM-2.2-03).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from inventory.choices import (
    Mismatch,
    MoveReason,
    PurchaseState,
    ReceiptLineState,
    ReceiptState,
)
from inventory.errors import DecisionNeeded, NotReady, SamePerson, UnknownDocument, WrongState
from inventory.events import ReceiptPosted
from inventory.models import PurchaseLine, PurchaseOrder, Receipt, ReceiptLine
from inventory.selectors import goods, places
from inventory.services import lots, moves, purchasing
from inventory.services.refusals import constraint_of
from inventory.types import MoveDraft, NotedLine, ReceiptInfo, Source
from ops.engines.audit import services as audit
from ops.engines.events.publishing import publish
from ops.engines.identity import services as identity
from ops.engines.identity.choices import Role
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import Conflict
from ops.engines.notices import services as notices
from ops.engines.numbering import services as numbering

SUBJECT = "inventory.receipt"
SERIES = "RC"
OWN_RIGHT = (Mismatch.NONE, Mismatch.SHORT)


def open_receipt(
    *,
    purchase_id: int,
    delivery_note: str,
    noted: Sequence[NotedLine] | None = None,
    actor: Actor,
    at: datetime,
) -> ReceiptInfo:
    """Open the receipt of a delivery; without typed note lines the note says what is still open.

    What the note says is kept from the keeper until the count is finished. Raises UnknownDocument,
    WrongState, Conflict when this note of this order was opened before, BadInput.
    """
    note = parse.code(delivery_note)
    with transaction.atomic():
        order = purchasing.lock(
            purchase_id, actor, PurchaseState.SENT, PurchaseState.PARTLY_RECEIVED
        )
        receipt = Receipt(
            number=numbering.take_one(SERIES, at=at),
            purchase=order,
            ordered_by=order.drafted_by,
            warehouse_id=order.warehouse_id,
            delivery_note=note,
            opened_at=at,
            opened_by=actor.person_id,
        )
        try:
            with transaction.atomic():
                receipt.save(force_insert=True)
        except IntegrityError as error:
            if constraint_of(error) == "receipt_note_once_per_order":
                raise Conflict(
                    "inventory.receipt_note_taken", _("This delivery note was received before.")
                ) from error
            raise
        _write_noted(receipt, order, noted)
        record("opened", receipt, actor=actor, at=at, note=note)
        return info(receipt)


def note_quality_paper(
    *, receipt_id: int, quality_paper: str, actor: Actor, at: datetime
) -> ReceiptInfo:
    """Write down the quality certificate that came with the goods; it may come later.

    Raises UnknownDocument, WrongState once the receipt is settled, BadInput.
    """
    paper = parse.code(quality_paper)
    with transaction.atomic():
        receipt = lock(receipt_id, actor, ReceiptState.COUNTING, ReceiptState.CHECKED)
        receipt.quality_paper = paper
        receipt.save(update_fields=["quality_paper"])
        record("paper_noted", receipt, actor=actor, at=at, quality_paper=paper)
        return info(receipt)


def finish_count(*, receipt_id: int, actor: Actor, at: datetime) -> ReceiptInfo:
    """End the blind count: differences stand as found, and who must know is told at once.

    Raises UnknownDocument, WrongState, SamePerson, NotReady when lines are not counted.
    """
    with transaction.atomic():
        receipt = lock(receipt_id, actor, ReceiptState.COUNTING)
        refuse_buyer(receipt, actor)
        lines = list(ReceiptLine.objects.filter(receipt=receipt).select_related("sku"))
        open_lines = [line.sku.code for line in lines if line.counted is None]
        if open_lines or not lines:
            raise NotReady(
                "inventory.receipt_uncounted",
                _("Not counted yet: %(skus)s.") % {"skus": ", ".join(open_lines[:20])},
                skus=open_lines,
            )
        receipt.state, receipt.counted_at = ReceiptState.CHECKED, at
        receipt.counted_by = actor.person_id
        receipt.save(update_fields=["state", "counted_at", "counted_by"])
        enter_receiver(receipt, actor, at=at)
        differing = [line for line in lines if line.mismatch != Mismatch.NONE]
        record(
            "checked",
            receipt,
            actor=actor,
            at=at,
            found=[[line.sku_id, line.noted, line.counted, line.good] for line in lines],
        )
        if differing:
            _tell(receipt, len(differing), actor=actor, at=at)
        return info(receipt)


def count_again(*, receipt_id: int, reason: str, actor: Actor, at: datetime) -> ReceiptInfo:
    """Open a finished count again, as long as nothing was posted or reported.

    Raises UnknownDocument, WrongState, BadInput without a reason.
    """
    why = parse.text(reason, least=1)
    with transaction.atomic():
        receipt = lock(receipt_id, actor, ReceiptState.CHECKED)
        lines = ReceiptLine.objects.filter(receipt=receipt)
        if lines.exclude(state=ReceiptLineState.OPEN, discrepancy=None).exists():
            raise _wrong_state(receipt)
        receipt.state = ReceiptState.COUNTING
        receipt.save(update_fields=["state"])
        record("count_again", receipt, actor=actor, at=at, reason=why)
        return info(receipt)


def post_receipt(*, receipt_id: int, actor: Actor, at: datetime) -> ReceiptInfo:
    """Post what matches its note, and what a decision has settled: supplier to bin, held goods to
    quarantine, at the cost of the order.

    A pure shortage goes in as counted. Raises UnknownDocument, WrongState, SamePerson,
    DecisionNeeded when nothing may be posted yet, DayClosed.
    """
    day = parse.business_day(at)
    with transaction.atomic():
        order_id = _purchase_of(receipt_id)
        # The upper document is locked first, as everywhere.
        order = PurchaseOrder.objects.select_for_update(of=("self",), no_key=True).get(pk=order_id)
        receipt = lock(receipt_id, actor, ReceiptState.CHECKED)
        refuse_buyer(receipt, actor)
        ready = [
            line
            for line in ReceiptLine.objects.filter(receipt=receipt, state=ReceiptLineState.OPEN)
            .select_related("lot")
            .order_by("line_no")
            if line.mismatch in OWN_RIGHT
        ]
        if not ready:
            raise DecisionNeeded(
                "inventory.receipt_needs_decision",
                _("What is left differs from the note and waits for a decision."),
            )
        for line in ready:
            line.to_bin, line.state = line.good or 0, ReceiptLineState.POSTED
        settle(receipt, order, ready, actor=actor, at=at)
        record("posted", receipt, actor=actor, at=at, lines=len(ready), day=day)
        return info(receipt)


def settle(
    receipt: Receipt,
    order: PurchaseOrder,
    lines: Sequence[ReceiptLine],
    *,
    actor: Actor,
    at: datetime,
) -> None:
    """Write settled lines of a locked receipt, move their goods, and announce it.

    The caller has set state, to_bin and to_quarantine; the database checks them against figures
    and decision. Raises ExpiredGoods when a lot ran out since it was counted.
    """
    day = parse.business_day(at)
    for line in lines:
        if line.to_bin:
            lots.require_fresh(line.lot, day)
    ReceiptLine.objects.bulk_update(
        lines, ["state", "to_bin", "to_quarantine", "approval", "discrepancy"]
    )
    drafts = _drafts(receipt, lines)
    moves.post(drafts, actor=actor, at=at, business_day=day)
    received: dict[int, int] = {}
    for line in lines:
        if line.purchase_line_id is not None:
            taken = line.to_bin + line.to_quarantine
            received[line.purchase_line_id] = received.get(line.purchase_line_id, 0) + taken
    purchasing.book_received(order=order, quantities=received)
    if not ReceiptLine.objects.filter(receipt=receipt, state=ReceiptLineState.OPEN).exists():
        any_posted = ReceiptLine.objects.filter(
            receipt=receipt, state=ReceiptLineState.POSTED
        ).exists()
        receipt.state = ReceiptState.POSTED if any_posted else ReceiptState.REFUSED
        receipt.posted_on = day if any_posted else None
        receipt.save(update_fields=["state", "posted_on"])
    if drafts:
        publish(ReceiptPosted(receipt_id=receipt.pk, dated_on=day))


def info(receipt: Receipt) -> ReceiptInfo:
    """Describe a receipt."""
    lines = ReceiptLine.objects.filter(receipt=receipt).values_list("mismatch", flat=True)
    return ReceiptInfo(
        id=receipt.pk,
        number=receipt.number,
        purchase_id=receipt.purchase_id,
        warehouse_id=receipt.warehouse_id,
        state=receipt.state,
        lines=len(lines),
        differing=sum(one not in OWN_RIGHT for one in lines),
    )


def source_of(receipt_id: int) -> Source:
    """Return what the moves of a receipt name as their document."""
    return Source(type=SUBJECT, id=receipt_id)


def lock(receipt_id: int, actor: Actor, *states: ReceiptState) -> Receipt:
    """Lock a receipt of the actor's warehouses in one of the states.

    Raises UnknownDocument, WrongState.
    """
    receipt = (
        Receipt.objects.select_for_update(of=("self",), no_key=True).filter(pk=receipt_id).first()
    )
    ids = actor.scope_ids("warehouse", "inventory", "C")
    if receipt is None or (ids is not None and receipt.warehouse_id not in ids):
        raise _unknown()
    if receipt.state not in states:
        raise _wrong_state(receipt)
    return receipt


def _purchase_of(receipt_id: int) -> int:
    found = Receipt.objects.filter(pk=receipt_id).values_list("purchase_id", flat=True).first()
    if found is None:
        raise _unknown()
    return found


def _unknown() -> UnknownDocument:
    return UnknownDocument("inventory.receipt_unknown", _("There is no such receipt."))


def _wrong_state(receipt: Receipt) -> WrongState:
    return WrongState(
        "inventory.receipt_state",
        _("%(number)s is %(state)s; this step does not follow.")
        % {"number": receipt.number, "state": receipt.get_state_display()},
        state=receipt.state,
    )


def enter_receiver(receipt: Receipt, actor: Actor, *, at: datetime) -> None:
    """Enter who received goods of the order; whoever drafted it under any account may not."""
    order = ("inventory.purchaseorder", receipt.purchase_id)
    identity.act(duty="goods_receipt", obj=order, actor=actor, at=at)


def refuse_buyer(receipt: Receipt, actor: Actor) -> None:
    """Whoever ordered the goods neither counts nor posts them (S24)."""
    if actor.person_id is not None and actor.person_id == receipt.ordered_by:
        raise SamePerson(
            "inventory.receipt_own_order",
            _("You ordered these goods, so another person counts and posts them."),
        )


def _write_noted(receipt: Receipt, order: PurchaseOrder, noted: Sequence[NotedLine] | None) -> None:
    ordered = {line.sku_id: line for line in PurchaseLine.objects.filter(purchase=order)}
    wanted = {
        sku_id: max(line.quantity - line.received, 0)
        for sku_id, line in ordered.items()
        if line.quantity > line.received
    }
    says = (
        wanted
        if noted is None
        else {one.sku_id: parse.quantity(one.quantity, least=1) for one in noted}
    )
    if not says or len(says) < len(noted or says):
        raise NotReady("inventory.receipt_lines", _("A note needs lines, each SKU on one of them."))
    goods.require_skus(sku_ids=says)
    ReceiptLine.objects.bulk_create(
        ReceiptLine(
            receipt=receipt,
            line_no=line_no,
            sku_id=sku_id,
            purchase_line=ordered.get(sku_id),
            unit_cost=ordered[sku_id].unit_cost if sku_id in ordered else None,
            expected=wanted.get(sku_id, 0),
            noted=quantity,
        )
        for line_no, (sku_id, quantity) in enumerate(says.items(), start=1)
    )


def _drafts(receipt: Receipt, lines: Sequence[ReceiptLine]) -> list[MoveDraft]:
    supplier = places.virtual_places().supplier
    warehouse = places.warehouse(warehouse_id=receipt.warehouse_id)
    return [
        MoveDraft(
            sku_id=line.sku_id,
            lot_id=line.lot_id,
            from_location_id=supplier,
            to_location_id=target,
            quantity=quantity,
            unit_cost=line.unit_cost,
            reason=MoveReason.RECEIPT,
            source=source_of(receipt.pk),
            effect_key=f"{SUBJECT}:{receipt.pk}:{line.pk}:{place}",
            approval_id=line.approval_id,
        )
        for line in lines
        for place, target, quantity in (
            ("bin", line.location_id or warehouse.bin_id, line.to_bin),
            ("quarantine", warehouse.quarantine_id, line.to_quarantine),
        )
        if quantity
    ]


def _tell(receipt: Receipt, differing: int, *, actor: Actor, at: datetime) -> None:
    """Report to operations director and store manager at once (SCM-2.2-03, HR-1.2-06, -08)."""
    for role in (Role.OPERATIONS_DIRECTOR, Role.STORE_MANAGER):
        notices.notify(
            role=role,
            kind="fyi",
            title=gettext_noop("Goods of %(number)s differ from their note"),
            body=gettext_noop("%(count)s lines differ; see the receipt."),
            params={"number": receipt.number, "count": differing},
            link=f"/inventory/receipts/{receipt.pk}/",
            subject=f"{SUBJECT}:{receipt.pk}",
            area="inventory",
            scope=("warehouse", receipt.warehouse_id),
            actor=actor,
            at=at,
        )


def record(action: str, receipt: Receipt, *, actor: Actor, at: datetime, **more: object) -> None:
    """Record one audit fact of a receipt: its number and state, and what is said more."""
    audit.record(
        actor=actor,
        at=at,
        action=f"inventory.receipt_{action}",
        obj=(SUBJECT, receipt.pk),
        body={"number": receipt.number, "state": receipt.state, **more},
    )
