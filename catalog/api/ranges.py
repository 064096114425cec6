"""Range reviews, read and decided row by row or many at once (CAT-4.1-05)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db.models import QuerySet
from rest_framework import serializers

from catalog.choices.ranges import Verdict
from catalog.errors.ranges import ReviewMissing
from catalog.models import RangeReview, RangeReviewRow
from catalog.selectors import ranges
from catalog.services import ranging
from ops.engines.http import filters
from ops.engines.http.doors import DoorViewSet, Step
from ops.engines.http.serializers import (
    CodeField,
    DayField,
    FlagField,
    IdField,
    MomentField,
    MoneyField,
    QuantityField,
    StrictCharField,
    StrictSerializer,
    WordField,
)
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may

_VIEW = may("catalog", "V")
MOST_ROWS = 1000


def _rows() -> serializers.ListField:
    return serializers.ListField(child=IdField(), allow_empty=False, max_length=MOST_ROWS)


class RangeDecisionSerializer(StrictSerializer):
    """Rows of the review that are kept or pushed."""

    rows = _rows()
    verdict = WordField(choices=[Verdict.KEEP, Verdict.PUSH])
    note = StrictCharField(max_length=400, required=False, allow_blank=True)


class RangeDropAskSerializer(StrictSerializer):
    """Rows of the review whose SKUs are to leave the range, and why."""

    rows = _rows()
    note = StrictCharField(max_length=400)


class RangeDropSerializer(StrictSerializer):
    """A request that SKUs leave the range."""

    id = IdField()
    number = CodeField()
    note = StrictCharField()
    state = CodeField()
    approval = IdField(source="approval_id", allow_null=True)
    asked_at = MomentField()


class RangeReviewSerializer(StrictSerializer):
    """The review of one month."""

    id = IdField()
    month = DayField()
    last_day = DayField()
    sku_count = QuantityField()
    push_count = QuantityField()
    drop_count = QuantityField()
    open_count = QuantityField()
    made_at = MomentField()


class RangeReviewDetailSerializer(RangeReviewSerializer):
    """The review of one month with its weights and limits, and the drops asked for."""

    basis = serializers.DictField()
    drops = RangeDropSerializer(many=True)


class RangeRowSerializer(StrictSerializer):
    """One SKU of a review; `dropped` says that a drop waits or is decided."""

    id = IdField()
    review = IdField(source="review_id")
    sku = IdField(source="sku_id")
    sku_code = CodeField(source="sku.code")
    rank = QuantityField()
    score = MoneyField(places=1)
    pieces = QuantityField()
    revenue = MoneyField(negative=True)
    margin = MoneyField(negative=True, allow_null=True)
    margin_percent = MoneyField(places=1, negative=True, allow_null=True)
    stock = QuantityField()
    turns = MoneyField()
    returned = QuantityField()
    return_rate = MoneyField(places=1)
    proposal = CodeField()
    grounds = serializers.ListField(child=CodeField())
    decision = CodeField()
    note = StrictCharField()
    decided_at = MomentField(allow_null=True)
    dropped = FlagField(source="is_dropped")


def _decide(
    *, review_id: int, rows: Sequence[int], verdict: str, note: str = "", actor: Actor,
    at: dt.datetime,
) -> None:  # fmt: skip
    _require_within(review_id, rows)
    ranging.decide(row_ids=rows, verdict=verdict, note=note, actor=actor, at=at)


def _drop(*, review_id: int, rows: Sequence[int], note: str, actor: Actor, at: dt.datetime) -> None:
    _require_within(review_id, rows)
    ranging.ask_drop(row_ids=rows, note=note, actor=actor, at=at)


def _require_within(review_id: int, rows: Sequence[int]) -> None:
    """Refuse rows of another review, as rows that are not there."""
    found = RangeReviewRow.objects.filter(review_id=review_id, pk__in=rows).count()
    if found != len(set(rows)):
        raise ReviewMissing


class RangeReviewViewSet(DoorViewSet):
    """Reviews of the range; rows are read at `range-rows`."""

    serializer_class = RangeReviewSerializer
    detail_class = RangeReviewDetailSerializer
    filters = {"month": filters.day("month")}
    orderings = ("-id", "id")
    key = "review_id"
    read = _VIEW
    steps = {
        "decide": Step(
            run=_decide,
            policy=ranging.DECIDE,
            body=RangeDecisionSerializer,
            title="Keep or push SKUs of the review as one decision.",
        ),
        "drop": Step(
            run=_drop,
            policy=ranging.ASK,
            body=RangeDropAskSerializer,
            title="Hand in that SKUs leave the range; others decide.",
        ),
    }

    def get_queryset(self) -> QuerySet[RangeReview]:
        """Return every review: its rows are as many as the caller's categories reach."""
        return ranges.reviews()


class RangeRowViewSet(DoorViewSet):
    """Rows of the reviews in the caller's categories."""

    serializer_class = RangeRowSerializer
    filters = {
        "review": filters.number("review_id"),
        "sku": filters.number("sku_id"),
        "proposal": filters.exact("proposal"),
        "decision": filters.exact("decision"),
    }
    orderings = ("-id", "id")
    read = _VIEW

    def get_queryset(self) -> QuerySet[RangeReviewRow]:
        """Return the rows of the caller's categories."""
        return ranges.all_rows(actor=self.actor)
