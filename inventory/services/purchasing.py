"""Purchase orders: drafted, decided by amount, sent, closed (SCM-2.4-01)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from inventory.choices import PurchaseState, SupplierState
from inventory.errors import NotReady, UnknownDocument, WrongState
from inventory.models import PurchaseLine, PurchaseOrder, Supplier
from inventory.selectors import goods, places
from inventory.types import PurchaseInfo, PurchaseWant
from ops.engines.approvals import services as approvals
from ops.engines.approvals.types import RequestInfo
from ops.engines.audit import services as audit
from ops.engines.identity import services as identity
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.numbering import services as numbering

SUBJECT = "inventory.purchaseorder"
FLOW = "purchase_order"
SERIES = "PO"


def draft_purchase(
    *,
    supplier_id: int,
    warehouse_id: int,
    lines: Sequence[PurchaseWant],
    expected_on: date | None = None,
    note: str = "",
    actor: Actor,
    at: datetime,
) -> PurchaseInfo:
    """Draft an order of goods from a supplier for a warehouse.

    Raises UnknownDocument, UnknownPlace, NotReady (supplier suspended, no lines, a line without
    plan or reason, goods that may not be bought), BadInput.
    """
    places.require_warehouse(warehouse_id=warehouse_id, actor=actor, right="C")
    read = _read(lines)
    with transaction.atomic():
        places.warehouse(warehouse_id=warehouse_id)
        _require_active(supplier_id)
        order = PurchaseOrder(
            supplier_id=supplier_id,
            warehouse_id=warehouse_id,
            expected_on=expected_on,
            note=parse.text(note),
            drafted_by=actor.person_id or 0,
            drafted_at=at,
        )
        order.number = numbering.take_one(SERIES, at=at)
        order.save(force_insert=True)
        _write_lines(order, read)
        identity.act(duty="po_create", obj=(SUBJECT, order.pk), actor=actor, at=at)
        _record("drafted", order, actor=actor, at=at, lines=len(read))
        return info(order)


def edit_purchase(
    *,
    purchase_id: int,
    lines: Sequence[PurchaseWant] | None = None,
    expected_on: date | None = None,
    note: str | None = None,
    actor: Actor,
    at: datetime,
) -> PurchaseInfo:
    """Change a draft; given lines replace all former ones. Raises what drafting raises."""
    read = None if lines is None else _read(lines)
    with transaction.atomic():
        order = lock(purchase_id, actor, PurchaseState.DRAFT)
        order.expected_on = expected_on or order.expected_on
        order.note = order.note if note is None else parse.text(note)
        order.save(update_fields=["expected_on", "note"])
        if read is not None:
            PurchaseLine.objects.filter(purchase=order).delete()
            _write_lines(order, read)
        _record("edited", order, actor=actor, at=at, lines=None if read is None else len(read))
        return info(order)


def submit_purchase(*, purchase_id: int, actor: Actor, at: datetime) -> PurchaseInfo:
    """Hand an order to those its amount calls for; the buyer decides nothing (SCM-2.4-01).

    Raises UnknownDocument, WrongState, NotReady and what the approvals engine refuses.
    """
    with approvals.handing_in(FLOW, actor=actor, at=at):
        order = lock(purchase_id, actor, PurchaseState.DRAFT)
        _require_active(order.supplier_id)
        lines = list(
            PurchaseLine.objects.filter(purchase=order).select_related("sku").order_by("line_no")
        )
        if not lines:
            raise NotReady("inventory.purchase_empty", _("The order has no lines."))
        goods.require_buyable(sku_ids=[line.sku_id for line in lines])
        request = approvals.submit(
            flow=FLOW,
            subject=(SUBJECT, order.pk),
            number=order.number,
            title=order.supplier.name,
            content=_content(order, lines),
            figures={"total": order.total, "lines": len(lines)},
            scope_ids={"warehouse": order.warehouse_id},
            actor=actor,
            at=at,
        )
        order.approval_id = request.id
        order.state = PurchaseState.SUBMITTED
        order.save(update_fields=["approval", "state"])
        return info(order)


def approve(request: RequestInfo, actor: Actor, at: datetime) -> None:
    """Mark the order as approved, inside the deciding transaction."""
    order = _locked(request.subject_id)
    _require(order, PurchaseState.SUBMITTED)
    order.state = PurchaseState.APPROVED
    order.save(update_fields=["state"])


def take_back(request: RequestInfo, actor: Actor, at: datetime) -> None:
    """Make a returned or withdrawn order a draft again."""
    order = _locked(request.subject_id)
    order.state = PurchaseState.DRAFT
    order.save(update_fields=["state"])


def send_purchase(*, purchase_id: int, actor: Actor, at: datetime) -> PurchaseInfo:
    """Record that an approved order went to the supplier.

    Raises UnknownDocument, WrongState, NotReady (goods retired meanwhile).
    """
    with transaction.atomic():
        order = lock(purchase_id, actor, PurchaseState.APPROVED)
        lines = PurchaseLine.objects.filter(purchase=order)
        goods.require_buyable(sku_ids=list(lines.values_list("sku_id", flat=True)))
        order.state, order.sent_at = PurchaseState.SENT, at
        order.save(update_fields=["state", "sent_at"])
        _record("sent", order, actor=actor, at=at)
        return info(order)


def close_purchase(*, purchase_id: int, reason: str, actor: Actor, at: datetime) -> PurchaseInfo:
    """Expect nothing more of an order. Raises UnknownDocument, WrongState, BadInput."""
    return _end(
        purchase_id,
        PurchaseState.CLOSED,
        (PurchaseState.SENT, PurchaseState.PARTLY_RECEIVED, PurchaseState.RECEIVED),
        reason,
        actor=actor,
        at=at,
    )


def cancel_purchase(*, purchase_id: int, reason: str, actor: Actor, at: datetime) -> PurchaseInfo:
    """Give up an order that was not sent. Raises UnknownDocument, WrongState, BadInput."""
    return _end(
        purchase_id,
        PurchaseState.CANCELLED,
        (PurchaseState.DRAFT, PurchaseState.APPROVED),
        reason,
        actor=actor,
        at=at,
    )


def book_received(*, order: PurchaseOrder, quantities: dict[int, int]) -> None:
    """Add received pieces by line of a locked order and move its state on."""
    lines = list(PurchaseLine.objects.filter(purchase=order))
    for line in lines:
        line.received += quantities.get(line.pk, 0)
    PurchaseLine.objects.bulk_update(
        [line for line in lines if line.pk in quantities], ["received"]
    )
    is_whole = all(line.received >= line.quantity for line in lines)
    state = PurchaseState.RECEIVED if is_whole else PurchaseState.PARTLY_RECEIVED
    if order.state != state and any(line.received for line in lines):
        order.state = state
        order.save(update_fields=["state"])


def info(order: PurchaseOrder) -> PurchaseInfo:
    """Describe an order."""
    return PurchaseInfo(
        id=order.pk,
        number=order.number,
        supplier_id=order.supplier_id,
        warehouse_id=order.warehouse_id,
        state=order.state,
        total=order.total,
        lines=PurchaseLine.objects.filter(purchase=order).count(),
    )


def lock(purchase_id: int, actor: Actor, *states: PurchaseState) -> PurchaseOrder:
    """Lock an order of the actor's warehouses in one of the states.

    Raises UnknownDocument, WrongState.
    """
    order = _locked(purchase_id)
    ids = actor.scope_ids("warehouse", "inventory", "C")
    if ids is not None and order.warehouse_id not in ids:
        raise _unknown()
    _require(order, *states)
    return order


def _locked(purchase_id: int) -> PurchaseOrder:
    found = (
        PurchaseOrder.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk=purchase_id)
        .first()
    )
    if found is None:
        raise _unknown()
    return found


def _unknown() -> UnknownDocument:
    return UnknownDocument("inventory.purchase_unknown", _("There is no such purchase order."))


def _require(order: PurchaseOrder, *states: PurchaseState) -> None:
    if order.state not in states:
        raise WrongState(
            "inventory.purchase_state",
            _("%(number)s is %(state)s; this step does not follow.")
            % {"number": order.number, "state": order.get_state_display()},
            state=order.state,
        )


def _require_active(supplier_id: int) -> None:
    supplier = Supplier.objects.filter(pk=supplier_id).first()
    if supplier is None:
        raise UnknownDocument("inventory.supplier_unknown", _("There is no such supplier."))
    if supplier.state != SupplierState.ACTIVE:
        raise NotReady(
            "inventory.supplier_suspended",
            _("%(name)s is suspended; nothing is ordered there.") % {"name": supplier.name},
        )


def _end(
    purchase_id: int,
    state: PurchaseState,
    before: Sequence[PurchaseState],
    reason: str,
    *,
    actor: Actor,
    at: datetime,
) -> PurchaseInfo:
    why = parse.text(reason, least=1)
    with transaction.atomic():
        order = lock(purchase_id, actor, *before)
        order.state = state
        order.save(update_fields=["state"])
        _record(str(state), order, actor=actor, at=at, reason=why)
        return info(order)


def _read(lines: Sequence[PurchaseWant]) -> list[PurchaseWant]:
    """Check every line before anything is written."""
    skus = {line.sku_id for line in lines}
    if not lines or len(skus) < len(lines):
        raise NotReady(
            "inventory.purchase_lines", _("An order needs lines, each SKU on one of them.")
        )
    goods.require_skus(sku_ids=skus)
    goods.require_buyable(sku_ids=skus)
    for line in lines:
        parse.quantity(line.quantity, least=1)
        parse.money(line.unit_cost, places=6)
        if not line.plan_ref.strip() and not line.reason.strip():
            raise NotReady(
                "inventory.purchase_reason",
                _("A line without a plan reference needs a reason."),
                sku_id=line.sku_id,
            )
    return list(lines)


def _write_lines(order: PurchaseOrder, lines: Sequence[PurchaseWant]) -> None:
    PurchaseLine.objects.bulk_create(
        PurchaseLine(
            purchase=order,
            line_no=line_no,
            sku_id=line.sku_id,
            quantity=line.quantity,
            unit_cost=line.unit_cost,
            plan_ref=parse.text(line.plan_ref, most=64).strip(),
            reason=parse.text(line.reason).strip(),
        )
        for line_no, line in enumerate(lines, start=1)
    )
    total = PurchaseLine.objects.filter(purchase=order).aggregate(total=Sum("amount"))["total"]
    order.total = total or Decimal("0.00")
    order.save(update_fields=["total"])


def _content(order: PurchaseOrder, lines: Sequence[PurchaseLine]) -> dict[str, Any]:
    """Return what is asked for: supplier, warehouse, total and lines are fixed under its hash."""
    return {
        "supplier": order.supplier.name,
        "warehouse": order.warehouse_id,
        "expected_on": order.expected_on,
        "total": order.total,
        "note": order.note,
        "lines": [
            {
                "sku": line.sku_id,
                "code": line.sku.code,
                "name": line.sku.name,
                "quantity": line.quantity,
                "unit_cost": line.unit_cost,
                "amount": line.amount,
                "plan": line.plan_ref,
                "reason": line.reason,
            }
            for line in lines
        ],
    }


def _record(
    action: str, order: PurchaseOrder, *, actor: Actor, at: datetime, **more: object
) -> None:
    audit.record(
        actor=actor,
        at=at,
        action=f"inventory.purchase_{action}",
        obj=(SUBJECT, order.pk),
        body={"number": order.number, "state": order.state, "total": order.total, **more},
    )
