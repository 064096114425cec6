"""Feedback on products through the API: recorded, and read (HR-1.2-02)."""

from __future__ import annotations

from typing import ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.fields import RefField, channel_id_of, read, sku_ids_of
from catalog.choices.feedback import FeedbackSource
from catalog.models import ProductFeedback
from catalog.rules.feedback import MOST_REFERENCE, MOST_TEXT
from catalog.selectors import feedback as selectors
from catalog.services import feedback
from catalog.types.feedback import FeedbackDraft
from ops.engines.http import filters
from ops.engines.http.api import ReadViewSet
from ops.engines.http.serializers import (
    CodeField,
    IdField,
    MomentField,
    QuantityField,
    StrictCharField,
    StrictSerializer,
)
from ops.engines.kernel.policy import may

_VIEW = may("catalog", "V")
# Returns come by themselves.
_SOURCES = [one for one in FeedbackSource.choices if one[0] != FeedbackSource.RETURN]


class FeedbackDraftSerializer(StrictSerializer):
    """What was said about a SKU; nothing in it may reach a person."""

    sku = RefField()
    channel = RefField()
    source = serializers.ChoiceField(choices=_SOURCES)  # type: ignore[assignment]
    text = StrictCharField(max_length=MOST_TEXT)
    rating = QuantityField(required=False, allow_null=True)
    reference = StrictCharField(max_length=MOST_REFERENCE, required=False, allow_blank=True)
    received_at = MomentField(required=False, allow_null=True)


class FeedbackSerializer(StrictSerializer):
    """One item and where it stands."""

    id = IdField()
    number = CodeField()
    product = IdField(source="product_id")
    sku = IdField(source="sku_id", allow_null=True)
    channel = IdField(source="channel_id")
    source = CodeField()  # type: ignore[assignment]
    reference = StrictCharField()
    text = StrictCharField()
    rating = QuantityField(allow_null=True)
    received_at = MomentField()
    department = IdField(source="department_id", allow_null=True)
    step = CodeField()
    due_at = MomentField(allow_null=True)
    finding = CodeField()


class FeedbackViewSet(ReadViewSet):
    """What was said about products, in the caller's channels."""

    serializer_class = FeedbackSerializer
    filters: ClassVar = {
        "number": filters.exact("number"),
        "step": filters.exact("step"),
        "product": filters.number("product_id"),
        "channel": filters.number("channel_id"),
    }
    orderings = ("-id", "id")
    policies: ClassVar = {"list": _VIEW, "retrieve": _VIEW, "create": feedback.RECORD}

    def get_queryset(self) -> QuerySet[ProductFeedback]:
        """Return the items of the caller's channels."""
        return selectors.items(actor=self.actor)

    @extend_schema(request=FeedbackDraftSerializer, responses={201: FeedbackSerializer})
    def create(self, request: Request) -> Response:
        """Record what was said; it waits in the queue of the department that owns the product."""
        sent = read(FeedbackDraftSerializer, request.data)
        draft = FeedbackDraft(
            channel_id=channel_id_of(sent["channel"]),
            sku_id=sku_ids_of([sent["sku"]])[sent["sku"]],
            source=sent["source"],
            text=sent["text"],
            rating=sent.get("rating"),
            reference=sent.get("reference", ""),
            received_at=sent.get("received_at"),
        )
        made = feedback.record(draft=draft, actor=self.actor, at=timezone.now())
        row = selectors.item(feedback_id=made.id, actor=self.actor)
        return Response(FeedbackSerializer(row).data, status=201)
