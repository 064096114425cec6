"""A confirmed sale of forbidden goods: shelf, stock, buyers and suppliers at once (CAT-4.3-05)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from decimal import Decimal
from typing import Any, Final

from django.db import connection, transaction
from django.utils.translation import gettext as _

from catalog.choices.listings import DelistingKind, DelistingReason
from catalog.selectors import listings as shelves
from catalog.services import bans, delisting
from customers.choices import CaseState, ForbiddenKind, PenaltyMeasure
from customers.errors import ForbiddenSaleMissing, ForbiddenSaleRefused
from customers.models import ForbiddenSale, RecallLine, SalePenalty
from inventory.services import blocking, suppliers
from inventory.types import Source
from ops.engines.audit import services as audit
from ops.engines.identity.choices import Role
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.arrays import array
from ops.engines.kernel.errors import BadInput
from ops.engines.kernel.policy import may
from ops.engines.numbering import services as numbering

HANDLE: Final = may("inventory", "A", Role.COMPLIANCE_OFFICER)
SUBJECT: Final = "customers.forbiddensale"
# Who got goods of the case: orders that left the house, less what came back.
_RECALL: Final = """
INSERT INTO customers_recallline (case_id, order_id, sku_id, quantity, how)
SELECT %(case)s, s.order_id, s.sku_id, s.pieces, ''
FROM (
    SELECT l.order_id, l.sku_id, sum(l.quantity) - coalesce((
               SELECT sum(b.quantity) FROM customers_returnline b
               JOIN customers_return r ON r.id = b.back_id
               WHERE r.order_id = l.order_id AND b.sku_id = l.sku_id
                 AND r.state IN ('accepted', 'refunded', 'closed')), 0) AS pieces
    FROM customers_orderline l
    JOIN customers_order o ON o.id = l.order_id
    WHERE l.sku_id = ANY(%(skus)s::bigint[]) AND l.kind IN ('sale', 'gift')
      AND o.kind = 'sale' AND o.shipped_at IS NOT NULL AND o.state <> 'cancelled'
    GROUP BY l.order_id, l.sku_id) s
WHERE s.pieces > 0
ORDER BY s.order_id, s.sku_id
"""


def confirm(*, product_id: int, kind: str, facts: str, actor: Actor, at: dt.datetime) -> int:
    """Open a case: the goods are banned everywhere, their stock is blocked, buyers are listed.

    One transaction; returns the case's id. Raises Forbidden, BadInput, ThingMissing (no such
    product), ForbiddenSaleRefused (a case is open), DayClosed.
    """
    HANDLE.require(actor)
    words = parse.text(facts, most=400, least=2).strip()
    if kind not in ForbiddenKind.values:
        raise BadInput("customers.forbidden_kind", _("Not a valid choice."), field="kind")
    with transaction.atomic():
        skus = shelves.sku_ids_of(product_id=product_id)
        if ForbiddenSale.objects.filter(product_id=product_id, state=CaseState.OPEN).exists():
            raise ForbiddenSaleRefused(
                "customers.case_open", _("A case of these goods is open already.")
            )
        number = numbering.take_one("FG", at=at)
        bans.ban(product_id=product_id, source=number, reason=words, actor=actor, at=at)
        off = delisting.take_off_at_once(
            listing_ids=shelves.on_shelf_of(product_id=product_id, at=at),
            reason=DelistingReason.FORBIDDEN,
            note=f"{number} {words}"[:400],
            kind=DelistingKind.RETIRE,
            actor=actor,
            at=at,
        )
        case = ForbiddenSale.objects.create(
            number=number,
            product_id=product_id,
            kind=kind,
            facts=words,
            delisted=len(off),
            blocked=0,
            confirmed_by=actor.person_id or 0,
            confirmed_at=at,
        )
        case.blocked = blocking.block(
            sku_ids=skus, source=Source(type=SUBJECT, id=case.pk), actor=actor, at=at
        )
        case.save(update_fields=["blocked"])
        listed = _list_buyers(case.pk, skus)
        _record("customers.forbidden_sale_confirmed", case, actor=actor, at=at, kind=kind,
                facts=words, delisted=len(off), blocked=case.blocked, orders=listed)  # fmt: skip
        return case.pk


def tell(
    *,
    case_id: int,
    how: str,
    actor: Actor,
    at: dt.datetime,
    line_ids: Collection[int] | None = None,
) -> int:
    """Record that buyers of a case were told, and how; all that were not yet, unless named.

    Returns how many are new. Raises Forbidden, ForbiddenSaleMissing, ForbiddenSaleRefused.
    """
    HANDLE.require(actor)
    words = parse.text(how, most=200, least=2).strip()
    with transaction.atomic():
        case = _locked(case_id)
        rows = RecallLine.objects.filter(case=case, told_at__isnull=True)
        if line_ids is not None:
            rows = rows.filter(pk__in=line_ids)
        told = rows.update(told_at=at, told_by=actor.person_id or 0, how=words)
        _record("customers.recall_told", case, actor=actor, at=at, lines=told, how=words)
        return told


def penalise(
    *,
    case_id: int,
    measure: str,
    reason: str,
    actor: Actor,
    at: dt.datetime,
    supplier_id: int | None = None,
    seller: str = "",
    amount: Decimal = Decimal(0),
) -> int:
    """Record a measure against a supplier or a seller; a supplier suspended gets no order.

    Raises Forbidden, BadInput, ForbiddenSaleMissing, ForbiddenSaleRefused, and what suspending a
    supplier refuses.
    """
    HANDLE.require(actor)
    words = parse.text(reason, most=400, least=2).strip()
    name = parse.text(seller, most=120).strip()
    if (supplier_id is None) == (not name):
        raise BadInput(
            "customers.penalty_of_one", _("Name either a supplier or a seller."), field="supplier"
        )
    if measure not in PenaltyMeasure.values:
        raise BadInput("customers.measure", _("Not a valid choice."), field="measure")
    if (measure == PenaltyMeasure.FINE) != (amount > 0):
        raise BadInput(
            "customers.fine_amount", _("A fine has an amount, nothing else has."), field="amount"
        )
    with transaction.atomic():
        case = _locked(case_id)
        made = SalePenalty.objects.create(
            case=case,
            supplier_id=supplier_id,
            seller=name,
            measure=measure,
            amount=amount,
            reason=words,
            decided_by=actor.person_id or 0,
            decided_at=at,
        )
        if supplier_id is not None and measure == PenaltyMeasure.SUSPENSION:
            suppliers.suspend_supplier(
                supplier_id=supplier_id, reason=f"{case.number} {words}"[:200], actor=actor, at=at
            )
        _record("customers.sale_penalised", case, actor=actor, at=at, measure=measure,
                supplier=supplier_id, seller=name, amount=amount, reason=words)  # fmt: skip
        return made.pk


def close(*, case_id: int, outcome: str, actor: Actor, at: dt.datetime) -> None:
    """End a case whose buyers were all told and whose measures were decided.

    Raises Forbidden, ForbiddenSaleMissing, ForbiddenSaleRefused (also while something is left).
    """
    HANDLE.require(actor)
    words = parse.text(outcome, most=400, least=2).strip()
    with transaction.atomic():
        case = _locked(case_id)
        if case.recalls.filter(told_at__isnull=True).exists() or not case.penalties.exists():
            raise ForbiddenSaleRefused(
                "customers.case_unfinished",
                _("Tell every buyer and decide about who supplied the goods first."),
            )
        case.state, case.outcome = CaseState.CLOSED, words
        case.closed_by, case.closed_at = actor.person_id or 0, at
        case.save(update_fields=["state", "outcome", "closed_by", "closed_at"])
        _record("customers.forbidden_sale_closed", case, actor=actor, at=at, outcome=words)


def _list_buyers(case_id: int, sku_ids: Collection[int]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_RECALL, {"case": case_id, "skus": array(sku_ids)})
        return int(cursor.rowcount)


def _locked(case_id: int) -> ForbiddenSale:
    rows = ForbiddenSale.objects.select_for_update(of=("self",), no_key=True)
    case = rows.filter(pk=case_id).first()
    if case is None:
        raise ForbiddenSaleMissing(
            "customers.case_missing", _("There is no such case of forbidden goods.")
        )
    if case.state != CaseState.OPEN:
        raise ForbiddenSaleRefused("customers.case_closed", _("This case was closed."))
    return case


def _record(
    action: str, case: ForbiddenSale, *, actor: Actor, at: dt.datetime, **more: Any
) -> None:
    audit.record(
        actor=actor, at=at, action=action, obj=(SUBJECT, case.pk),
        body={"number": case.number, **more},
    )  # fmt: skip
