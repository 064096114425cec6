"""The monthly range review: SKUs ranked, kept, pushed or dropped by a decision (CAT-4.1-05)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db import IntegrityError, connection, transaction
from django.db.models import Count, Q
from django.utils.translation import gettext_noop

from catalog import ports
from catalog.choices.ranges import DropState, LineState, Verdict
from catalog.errors import ranges as errors
from catalog.errors.goods import ReasonNeeded
from catalog.events import SkusDropped
from catalog.models import RangeDrop, RangeDropLine, RangeReview, RangeReviewRow
from catalog.rules import ranges as rules
from catalog.services import delisting, owners, range_sql
from catalog.types.ranges import DropInfo, ReviewInfo
from ops.engines.approvals import services as approvals
from ops.engines.approvals.choices import RequestState
from ops.engines.approvals.types import RequestInfo
from ops.engines.audit import services as audit
from ops.engines.events.publishing import publish
from ops.engines.identity.choices import Role
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.arrays import array
from ops.engines.kernel.policy import may
from ops.engines.notices import services as notices
from ops.engines.notices.choices import NoticeKind
from ops.engines.numbering import services as numbering

SUBJECT: Final = "catalog.rangedrop"
REVIEW: Final = "catalog.rangereview"
FLOW: Final = "delisting"
SERIES: Final = "DR"
DECIDE: Final = may("catalog", "C", Role.OPERATIONS_SPECIALIST, Role.OPERATIONS_SUPERVISOR)
ASK: Final = may("catalog", "C", Role.OPERATIONS_SPECIALIST)
_TITLE: Final = gettext_noop("The range review of %(month)s waits for decisions")
_BODY: Final = gettext_noop("%(push)s SKUs to push, %(drop)s to drop, of %(count)s.")


def build(*, first: dt.date, last: dt.date, actor: Actor, at: dt.datetime) -> ReviewInfo | None:
    """Rank the SKUs of a month by margin, turnover and returns and propose what becomes of each.

    One statement over the ledgers, whatever their size. None when the month was reviewed already;
    a month without goods is reviewed too, and says so.
    """
    with transaction.atomic():
        if RangeReview.objects.filter(month=first).exists():
            return None
        made = RangeReview(month=first, last_day=last, basis=rules.basis(), made_at=at)
        made.sku_count = made.push_count = made.drop_count = 0
        made.save(force_insert=True)
        counts = _rank(made, first=first, last=last)
        made.sku_count, made.push_count, made.drop_count = counts
        made.save(update_fields=["sku_count", "push_count", "drop_count"])
        figures = {"count": counts[0], "push": counts[1], "drop": counts[2]}
        audit.record(
            actor=actor,
            at=at,
            action="catalog.range_reviewed",
            obj=(REVIEW, made.pk),
            body={"month": f"{first:%Y-%m}", **figures},
        )
        if made.sku_count:
            _tell(made, {"month": f"{first:%Y-%m}", **figures}, actor=actor, at=at)
        return review_info(made)


def decide(
    *, row_ids: Sequence[int], verdict: str, note: str = "", actor: Actor, at: dt.datetime
) -> int:
    """Keep or push SKUs as one decision; a drop is asked for by `ask_drop`.

    Returns how many rows were decided. Raises Forbidden, ReviewMissing, NothingChosen, DropDecided
    naming SKUs for which a drop waits or is decided.
    """
    DECIDE.require(actor)
    chosen = Verdict(verdict)
    if chosen == Verdict.DROP:
        raise ValueError("a drop is asked for")
    words = parse.text(note, most=400).strip()
    with transaction.atomic():
        rows = _locked(row_ids, actor)
        RangeReviewRow.objects.filter(pk__in=[row.pk for row in rows]).update(
            decision=chosen, note=words, decided_by=actor.person_id or 0, decided_at=at
        )
        _record(f"range_{chosen}", rows, note=words, actor=actor, at=at)
        return len(rows)


def ask_drop(*, row_ids: Sequence[int], note: str, actor: Actor, at: dt.datetime) -> DropInfo:
    """Hand in that SKUs leave the range, as one request of the flow `delisting`.

    Raises Forbidden, ReviewMissing (also rows of two reviews), NothingChosen, ReasonNeeded,
    NotOfDepartment, DropDecided and what the approvals engine refuses.
    """
    ASK.require(actor)
    words = parse.text(note, most=400).strip()
    if not words:
        raise ReasonNeeded
    with approvals.handing_in(FLOW, actor=actor, at=at):
        rows = _locked(row_ids, actor)
        if len({row.review_id for row in rows}) > 1:
            raise errors.ReviewMissing
        owners.require(product_ids={row.sku.product_id for row in rows}, actor=actor, at=at)
        made = RangeDrop.objects.create(
            number=numbering.take_one(SERIES, at=at),
            review_id=rows[0].review_id,
            note=words,
            listings=_leaving([row.sku_id for row in rows], at),
            state=DropState.SUBMITTED,
            asked_by=actor.person_id or 0,
            asked_at=at,
        )
        _add_lines(made, rows)
        RangeReviewRow.objects.filter(pk__in=[row.pk for row in rows]).update(
            decision=Verdict.DROP, note=words, decided_by=actor.person_id or 0, decided_at=at
        )
        request = approvals.submit(
            flow=FLOW,
            subject=(SUBJECT, made.pk),
            number=made.number,
            title=_title(rows),
            content=_content(made, rows),
            figures=_figures(made, rows),
            actor=actor,
            at=at,
        )
        made.approval_id = request.id
        made.save(update_fields=["approval"])
        return drop_info(made)


def approve(request: RequestInfo, actor: Actor, at: dt.datetime) -> None:
    """Stop the purchase of the SKUs, take off the shelf what has no variant left, tell the stock.

    Runs inside the deciding transaction.
    """
    made = _drop(request.subject_id)
    made.state = DropState.APPROVED
    made.save(update_fields=["state"])
    RangeDropLine.objects.filter(drop=made, state=LineState.ASKED).update(
        state=LineState.STOPPED, approval_id=request.id, stopped_at=at
    )
    sku_ids = list(made.lines.order_by("sku_id").values_list("sku_id", flat=True))
    still = set(_leaving(sku_ids, at))
    delisting.take_off_with_drop(
        listing_ids=[pk for pk in made.listings if pk in still],
        note=made.note,
        request=request,
        actor=actor,
        at=at,
    )
    audit.record(
        actor=actor,
        at=at,
        action="catalog.range_dropped",
        obj=(SUBJECT, made.pk),
        body={"number": made.number, "note": made.note, "skus": sku_ids, "approval": request.id},
    )
    publish(SkusDropped(drop_id=made.pk))


def take_back(request: RequestInfo, actor: Actor, at: dt.datetime) -> None:
    """Let the SKUs of a returned or withdrawn drop stay; their rows are to be decided again."""
    made = _drop(request.subject_id)
    made.state = (
        DropState.WITHDRAWN if request.state == RequestState.WITHDRAWN else DropState.RETURNED
    )
    made.save(update_fields=["state"])
    lines = RangeDropLine.objects.filter(drop=made, state=LineState.ASKED)
    row_ids = list(lines.values_list("row_id", flat=True))
    lines.update(state=LineState.LET_GO)
    RangeReviewRow.objects.filter(pk__in=row_ids).update(
        decision="", note="", decided_by=None, decided_at=None
    )


def review_info(made: RangeReview) -> ReviewInfo:
    """Return the plain form of a review."""
    return ReviewInfo(
        id=made.pk,
        month=made.month,
        rows=made.sku_count,
        pushed=made.push_count,
        dropped=made.drop_count,
    )


def drop_info(made: RangeDrop) -> DropInfo:
    """Return the plain form of a drop."""
    return DropInfo(
        id=made.pk,
        number=made.number,
        state=made.state,
        sku_ids=tuple(made.lines.order_by("sku_id").values_list("sku_id", flat=True)),
        listing_ids=tuple(made.listings),
        approval_id=made.approval_id,
    )


def _rank(made: RangeReview, *, first: dt.date, last: dt.date) -> tuple[int, int, int]:
    sold = ports.sold_skus(first=first, last=last)
    moved = ports.moved_skus(first=first, last=last)
    values = {
        **sold.values,
        **moved.values,
        "first": first,
        "margin_weight": rules.MARGIN_WEIGHT,
        "turnover_weight": rules.TURNOVER_WEIGHT,
        "returns_weight": rules.RETURNS_WEIGHT,
        "slow_turns": rules.SLOW_TURNS,
        "high_returns": rules.HIGH_RETURNS,
        "push_share": rules.PUSH_SHARE,
        "drop_share": rules.DROP_SHARE,
        "review": made.pk,
    }
    with connection.cursor() as cursor:
        cursor.execute(range_sql.BUILD.format(sold=sold.sql, moved=moved.sql), values)
    counted = RangeReviewRow.objects.filter(review=made).aggregate(
        ranked=Count("pk"),
        push=Count("pk", filter=Q(proposal=Verdict.PUSH)),
        drop=Count("pk", filter=Q(proposal=Verdict.DROP)),
    )
    return counted["ranked"], counted["push"], counted["drop"]


def _tell(made: RangeReview, params: Mapping[str, Any], *, actor: Actor, at: dt.datetime) -> None:
    for role in (Role.OPERATIONS_SPECIALIST, Role.OPERATIONS_SUPERVISOR):
        notices.notify(
            kind=NoticeKind.ACT,
            title=_TITLE,
            body=_BODY,
            params=params,
            link=f"/range-reviews/{made.pk}/",
            subject=f"{REVIEW}:{made.pk}",
            role=role,
            area="catalog",
            actor=actor,
            at=at,
        )


def _locked(row_ids: Sequence[int], actor: Actor) -> list[RangeReviewRow]:
    """Lock the rows, ascending; raises ReviewMissing, NothingChosen, DropDecided."""
    wanted = sorted(set(row_ids))
    if not wanted:
        raise errors.NothingChosen
    rows = list(
        RangeReviewRow.objects.select_for_update(of=("self",), no_key=True)
        .select_related("sku__product", "review")
        .filter(pk__in=wanted)
        .order_by("pk")
    )
    mine = actor.scope_ids("category", "catalog", "C")
    if len(rows) != len(wanted) or (
        mine and any(row.sku.product.category_id not in mine for row in rows)
    ):
        raise errors.ReviewMissing
    held = RangeDropLine.objects.filter(sku_id__in=[row.sku_id for row in rows])
    codes = held.exclude(state=LineState.LET_GO).order_by("sku__code")
    if taken := list(codes.values_list("sku__code", flat=True)):
        raise errors.DropDecided(taken)
    return rows


def _add_lines(made: RangeDrop, rows: Sequence[RangeReviewRow]) -> None:
    lines = [RangeDropLine(drop=made, row=row, sku_id=row.sku_id) for row in rows]
    try:
        with transaction.atomic():
            RangeDropLine.objects.bulk_create(lines, batch_size=5000)
    except IntegrityError as error:  # another month's row of the SKU, handed in this moment
        raise errors.DropDecided([row.sku.code for row in rows]) from error


def _leaving(sku_ids: Sequence[int], at: dt.datetime) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(range_sql.LEAVING, {"skus": array(sku_ids), "at": at})
        return [pk for (pk,) in cursor.fetchall()]


def _drop(drop_id: int) -> RangeDrop:
    rows = RangeDrop.objects.select_for_update(of=("self",), no_key=True)
    found = rows.filter(pk=drop_id).first()
    if found is None:
        raise errors.DropMissing(drop_id)
    return found


def _title(rows: Sequence[RangeReviewRow]) -> str:
    named = "、".join(f"{row.sku.code} {row.sku.name}" for row in rows[:3])
    return (named if len(rows) <= 3 else f"{named} +{len(rows) - 3}")[:200]


def _content(made: RangeDrop, rows: Sequence[RangeReviewRow]) -> dict[str, Any]:
    """Return what is asked for; what the goods cost is not part of it."""
    return {
        "review": made.review_id,
        "month": f"{rows[0].review.month:%Y-%m}",
        "note": made.note,
        "listings": made.listings,
        "lines": [
            {
                "sku": row.sku_id,
                "code": row.sku.code,
                "name": row.sku.name,
                "rank": row.rank,
                "proposal": row.proposal,
                "grounds": row.grounds,
                "pieces": row.pieces,
                "turns": str(row.turns),
                "return_rate": str(row.return_rate),
                "stock": row.stock,
            }
            for row in rows
        ],
    }


def _figures(made: RangeDrop, rows: Sequence[RangeReviewRow]) -> dict[str, Any]:
    return {
        "dropped_skus": len(rows),
        "leaving_listings": len(made.listings),
        "stock_pieces": sum(row.stock for row in rows),
    }


def _record(
    action: str, rows: Sequence[RangeReviewRow], *, note: str, actor: Actor, at: dt.datetime
) -> None:
    audit.record(
        actor=actor,
        at=at,
        action=f"catalog.{action}",
        obj=(REVIEW, rows[0].review_id),
        body={"note": note, "skus": [row.sku.code for row in rows]},
    )
