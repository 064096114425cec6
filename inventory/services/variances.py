"""Differences of a count: explained, handed in, and posted once approved (SCM-2.3-06, -07)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from inventory.choices import CountState, MoveReason, VarianceCause, VarianceTreatment
from inventory.errors import NotReady, UnknownDocument
from inventory.events import CountPosted
from inventory.models import CountLine, StockCount
from inventory.selectors import places
from inventory.services import counts, moves
from inventory.types import CountInfo, Explanation, MoveDraft, Source
from ops.engines.approvals import services as approvals
from ops.engines.approvals.types import RequestInfo
from ops.engines.events.publishing import publish
from ops.engines.identity import services as identity
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.arrays import array

FLOW = "stock_adjustment"

_EXPLAIN = """
UPDATE inventory_countline l
SET cause = u.cause, responsible = u.responsible, treatment = u.treatment, note = u.note
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[])
     AS u(id, cause, responsible, treatment, note)
WHERE l.id = u.id AND l.count_id = %s AND l.variance <> 0
"""
_CONTENT = """
SELECT l.id, l.sku_id, k.code, l.lot_id, l.location_id, p.code, l.expected, l.counted, l.recounted,
       l.variance, l.value, l.cause, l.responsible, l.treatment, l.note
FROM inventory_countline l
JOIN catalog_sku k ON k.id = l.sku_id
JOIN inventory_location p ON p.id = l.location_id
WHERE l.count_id = %s AND l.variance <> 0
ORDER BY abs(l.value) DESC, l.id
"""


def explain(
    *, count_id: int, explanations: Sequence[Explanation], actor: Actor, at: datetime
) -> int:
    """Say for differing lines why, who answers for it and what is proposed; return how many.

    Raises UnknownDocument, WrongState, NotReady ("cause not found" without a note), BadInput.
    """
    read = [_read(one) for one in explanations]
    with transaction.atomic():
        count = counts.lock(count_id, actor, CountState.REVIEW)
        with connection.cursor() as cursor:
            cursor.execute(
                _EXPLAIN,
                [
                    array(one.line_id for one in read),
                    array(one.cause for one in read),
                    array(one.responsible for one in read),
                    array(one.treatment for one in read),
                    array(one.note for one in read),
                    count.pk,
                ],
            )
            done = int(cursor.rowcount)
        if done < len({one.line_id for one in read}):
            raise UnknownDocument("inventory.count_line_unknown", _("There is no such line."))
        counts.record("explained", count, actor=actor, at=at, lines=done)
        return done


def submit_count(*, count_id: int, actor: Actor, at: datetime) -> CountInfo:
    """Hand the variance report in: store manager's opinion, director's decision (SCM-2.3-06).

    Raises UnknownDocument, WrongState, NotReady (recounts or explanations missing) and what the
    approvals engine refuses.
    """
    with approvals.handing_in(FLOW, actor=actor, at=at):
        count = counts.lock(count_id, actor, CountState.REVIEW)
        _require_complete(count)
        lines = _lines(count)
        gain = sum((row["value"] for row in lines if row["value"] > 0), Decimal("0.00"))
        loss = -sum((row["value"] for row in lines if row["value"] < 0), Decimal("0.00"))
        figures = {
            "lines": len(lines),
            "gain": gain,
            "loss": loss,
            "net": gain - loss,
            "gross": gain + loss,
        }
        request = approvals.submit(
            flow=FLOW,
            subject=(counts.SUBJECT, count.pk),
            number=count.number,
            title=count.warehouse.name,
            content={
                "number": count.number,
                "warehouse": count.warehouse_id,
                "kind": count.kind,
                "book_at": count.book_at,
                "book_move": count.book_move_id,
                "net": gain - loss,
                "lines": lines,
            },
            figures=figures,
            scope_ids={"warehouse": count.warehouse_id},
            actor=actor,
            at=at,
        )
        count.approval_id = request.id
        count.state = CountState.SUBMITTED
        count.save(update_fields=["approval", "state"])
        return counts.info(count)


def apply(request: RequestInfo, actor: Actor, at: datetime) -> None:
    """Post the approved differences, bin to gain and loss, inside the deciding transaction.

    Once: every line is an effect of its own name. Raises StockShort when the goods of a loss have
    left meanwhile, DayClosed.
    """
    day = parse.business_day(at)
    count = _locked(request.subject_id)
    identity.act(duty="count_post", obj=("inventory.stockcount", count.pk), actor=actor, at=at)
    count.state = CountState.APPROVED
    count.save(update_fields=["state"])
    moves.post(_drafts(count, request), actor=actor, at=at, business_day=day)
    count.state, count.posted_on = CountState.POSTED, day
    count.save(update_fields=["state", "posted_on"])
    counts.record("posted", count, actor=actor, at=at, lines=len(request.content["lines"]), day=day)
    publish(CountPosted(count_id=count.pk, dated_on=day))


def take_back(request: RequestInfo, actor: Actor, at: datetime) -> None:
    """Open a returned or withdrawn report for further review."""
    count = _locked(request.subject_id)
    count.state = CountState.REVIEW
    count.save(update_fields=["state"])


def _locked(count_id: int) -> StockCount:
    return StockCount.objects.select_for_update(of=("self",), no_key=True).get(pk=count_id)


def _read(one: Explanation) -> Explanation:
    note = parse.text(one.note).strip()
    if one.cause == VarianceCause.NOT_FOUND and not note:
        raise NotReady(
            "inventory.cause_not_found_needs_note",
            _("A cause that was not found needs a note on how it was looked for."),
            line=one.line_id,
        )
    if one.cause not in VarianceCause.values or one.treatment not in VarianceTreatment.values:
        raise NotReady(
            "inventory.explanation_words", _("Choose a cause and a treatment from the list.")
        )
    return Explanation(
        line_id=one.line_id,
        cause=one.cause,
        responsible=parse.text(one.responsible, most=80, least=1).strip(),
        treatment=one.treatment,
        note=note,
    )


def _require_complete(count: StockCount) -> None:
    lines = CountLine.objects.filter(count=count)
    waiting = lines.filter(needs_recount=True, recounted=None).count()
    if waiting:
        raise NotReady(
            "inventory.count_recount_missing",
            _("%(count)s lines wait to be counted again by another person.") % {"count": waiting},
            lines=waiting,
        )
    different = lines.exclude(variance=0)
    silent = list(
        (
            different.filter(cause="")
            | different.filter(responsible="")
            | different.filter(treatment="")
        )
        .order_by("id")
        .values_list("pk", flat=True)[:100]
    )
    if silent:
        raise NotReady(
            "inventory.count_unexplained",
            _("%(count)s lines lack a cause, a responsible or a treatment.")
            % {"count": len(silent)},
            lines=silent,
        )


def _lines(count: StockCount) -> list[dict[str, Any]]:
    """Return every difference as the move it asks for: the database posts nothing else."""
    outside = places.virtual_places().gain_loss
    with connection.cursor() as cursor:
        cursor.execute(_CONTENT, [count.pk])
        rows = cursor.fetchall()
    return [
        {
            "line": line,
            "sku": sku_id,
            "code": code,
            "lot": lot_id,
            "place": place,
            "from": outside if variance > 0 else location_id,
            "to": location_id if variance > 0 else outside,
            "quantity": abs(variance),
            "book": expected,
            "counted": counted,
            "recounted": recounted,
            "variance": variance,
            "value": value,
            "cause": cause,
            "responsible": responsible,
            "treatment": treatment,
            "note": note,
        }
        for (
            line,
            sku_id,
            code,
            lot_id,
            location_id,
            place,
            expected,
            counted,
            recounted,
            variance,
            value,
            cause,
            responsible,
            treatment,
            note,
        ) in rows
    ]


def _drafts(count: StockCount, request: RequestInfo) -> list[MoveDraft]:
    lines: Sequence[Mapping[str, Any]] = request.content["lines"]
    source = Source(type=counts.SUBJECT, id=count.pk)
    return [
        MoveDraft(
            sku_id=line["sku"],
            lot_id=line["lot"],
            from_location_id=line["from"],
            to_location_id=line["to"],
            quantity=line["quantity"],
            reason=MoveReason.COUNT,
            source=source,
            effect_key=f"{counts.SUBJECT}:{count.pk}:{line['line']}",
            approval_id=request.id,
        )
        for line in lines
    ]
