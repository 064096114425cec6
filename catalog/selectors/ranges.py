"""Range reviews with their rows, and the SKUs that were dropped (CAT-4.1-05)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Final

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from catalog import ports
from catalog.choices.ranges import LineState, Verdict
from catalog.errors import ranges as errors
from catalog.models import RangeDrop, RangeDropLine, RangeReview, RangeReviewRow
from catalog.types.ranges import DroppedSku, SoldRow
from ops.engines.kernel.actor import Actor

# A drop of the row's SKU waits or is decided.
_HELD: Final = Exists(
    RangeDropLine.objects.filter(sku_id=OuterRef("sku_id")).exclude(state=LineState.LET_GO)
)


def reviews() -> QuerySet[RangeReview]:
    """Return the reviews; each carries `open_count`, the rows nobody decided yet."""
    return RangeReview.objects.annotate(
        open_count=Count("rows", filter=Q(rows__decision="")),
        dropped_count=Count("rows", filter=Q(rows__decision=Verdict.DROP)),
    )


def undecided(*, most: int) -> list[tuple[RangeReview, int]]:
    """Return the newest reviews with undecided rows, each with how many. One query."""
    found = RangeReview.objects.annotate(open_count=Count("rows", filter=Q(rows__decision="")))
    rows = found.filter(open_count__gt=0).order_by("-month")[:most]
    return [(each, each.open_count) for each in rows]


def review(*, review_id: int) -> RangeReview:
    """Return one review; raises ReviewMissing."""
    found = RangeReview.objects.filter(pk=review_id).first()
    if found is None:
        raise errors.ReviewMissing
    return found


def rows(*, review_id: int, actor: Actor) -> QuerySet[RangeReviewRow]:
    """Return a review's rows in the actor's categories; people without categories see all.

    Each carries `is_dropped`: a drop waits or is decided.
    """
    return all_rows(actor=actor).filter(review_id=review_id)


def all_rows(*, actor: Actor) -> QuerySet[RangeReviewRow]:
    """Return the rows of every review in the actor's categories, as `rows` does of one."""
    found = _reached(RangeReviewRow.objects.all(), actor)
    return found.select_related("sku__product__category").annotate(is_dropped=_HELD)


def row(*, row_id: int, actor: Actor) -> RangeReviewRow:
    """Return one row with its review; raises ReviewMissing."""
    known = RangeReviewRow.objects.filter(pk=row_id).values_list("review_id", flat=True).first()
    found = rows(review_id=known or 0, actor=actor).select_related("review").filter(pk=row_id)
    one = found.first()
    if one is None:
        raise errors.ReviewMissing
    return one


def held_rows(*, row_ids: Collection[int], actor: Actor) -> list[RangeReviewRow]:
    """Return those of some rows whose SKU waits to be dropped or is dropped. One query."""
    found = _reached(RangeReviewRow.objects.filter(pk__in=row_ids), actor)
    return list(found.select_related("sku").filter(_HELD))


def sales(*, row: RangeReviewRow, actor: Actor, most: int = 50) -> list[SoldRow]:
    """Return the newest sale lines behind a row in the actor's channels, with their orders.

    Two questions, however many channels; people without channels read all.
    """
    found = ports.sku_sales(
        sku_id=row.sku_id,
        channel_ids=actor.scope_ids("channel", "catalog"),
        first=row.review.month,
        last=row.review.last_day,
        most=most,
    )
    links = ports.order_links(numbers=[one.number for one in found])
    return [
        SoldRow(
            number=one.number,
            day=one.day,
            channel=one.channel,
            quantity=one.quantity,
            amount=one.amount,
            href=links.get(one.number, ""),
        )
        for one in found
    ]


def row_of(*, month: str, code: str) -> int | None:
    """Return the row of a SKU in the review of a month such as 2026-10, None without one."""
    found = RangeReviewRow.objects.filter(review__month=f"{month}-01", sku__code=code)
    return found.values_list("pk", flat=True).first()


def drops_of(*, sku_id: int) -> QuerySet[RangeDropLine]:
    """Return the drops asked for a SKU, the newest first."""
    return RangeDropLine.objects.filter(sku_id=sku_id).select_related("drop").order_by("-id")


def drop(*, drop_id: int) -> RangeDrop:
    """Return one request to drop SKUs; raises DropMissing."""
    found = RangeDrop.objects.select_related("review").filter(pk=drop_id).first()
    if found is None:
        raise errors.DropMissing(drop_id)
    return found


def dropped(*, drop_ids: Collection[int]) -> list[DroppedSku]:
    """Return the SKUs that approved drops took out of the range. One query."""
    found = RangeDropLine.objects.filter(drop_id__in=drop_ids, state=LineState.STOPPED)
    return [
        DroppedSku(line_id=pk, sku_id=sku_id, code=code, stopped_at=stopped_at)
        for pk, sku_id, code, stopped_at in found.order_by("sku_id").values_list(
            "pk", "sku_id", "sku__code", "stopped_at"
        )
        if stopped_at is not None
    ]


def newest_review() -> dt.datetime | None:
    """Return when the newest review was made, None when there is none."""
    return RangeReview.objects.order_by("-month").values_list("made_at", flat=True).first()


def newest_decision() -> dt.datetime | None:
    """Return when a row was decided last, None when never."""
    found = RangeReviewRow.objects.exclude(decided_at=None).order_by("-decided_at")
    return found.values_list("decided_at", flat=True).first()


def _reached(found: QuerySet[RangeReviewRow], actor: Actor) -> QuerySet[RangeReviewRow]:
    mine = actor.scope_ids("category", "catalog")
    return found.filter(sku__product__category_id__in=mine) if mine else found
