"""Listings: begun, written, handed in, approved and taken off through the API."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.fields import NoInputSerializer, RefField, channel_id_of, product_id_of, read
from catalog.choices.listings import Angle, DelistingKind, DelistingReason
from catalog.errors.listings import NothingDrafted
from catalog.models import Listing
from catalog.rules.listing.content import (
    MOST_PICTURES,
    MOST_SECTION,
    MOST_TITLE,
    SECTIONS,
)
from catalog.rules.search_fields import MOST_KEYWORDS, MOST_SEARCH_TEXT, MOST_SEARCH_TITLE
from catalog.selectors import listings as selectors
from catalog.services import delisting, listings
from ops.engines.approvals import services as approvals
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
from ops.engines.kernel.canonical import plain
from ops.engines.kernel.policy import may
from ops.engines.revisions import selectors as versions
from ops.engines.revisions.types import RevisionInfo

_REASONS = [one for one in DelistingReason.choices if one[0] != DelistingReason.UNSTATED]


class OpenSerializer(StrictSerializer):
    """A product (by id or code) in a channel (by id or code)."""

    product = RefField()
    channel = RefField()


class SectionsSerializer(StrictSerializer):
    """The five sections of the description; a missing one is empty."""

    specification = StrictCharField(max_length=MOST_SECTION, required=False, allow_blank=True)
    material = StrictCharField(max_length=MOST_SECTION, required=False, allow_blank=True)
    function = StrictCharField(max_length=MOST_SECTION, required=False, allow_blank=True)
    use = StrictCharField(max_length=MOST_SECTION, required=False, allow_blank=True)
    after_sales = StrictCharField(max_length=MOST_SECTION, required=False, allow_blank=True)


class ShownSerializer(StrictSerializer):
    """A picture kept for the listing, and what it shows."""

    id = IdField()
    angle = serializers.ChoiceField(choices=Angle.choices)


class VersionSerializer(StrictSerializer):
    """The whole content of the next version, and why it is written."""

    title = StrictCharField(max_length=MOST_TITLE)
    sections = SectionsSerializer()
    keywords = serializers.ListField(
        child=StrictCharField(max_length=40), required=False, max_length=MOST_KEYWORDS
    )
    search_title = StrictCharField(max_length=MOST_SEARCH_TITLE, required=False, allow_blank=True)
    search_text = StrictCharField(max_length=MOST_SEARCH_TEXT, required=False, allow_blank=True)
    pictures = serializers.ListField(
        child=ShownSerializer(), required=False, max_length=MOST_PICTURES
    )
    quality = IdField(required=False, allow_null=True)
    publish_at = MomentField(required=False, allow_null=True)
    why = StrictCharField(max_length=400)


class ApproveSerializer(StrictSerializer):
    """Which content is approved: the hash that was read."""

    content_hash = CodeField(max_length=64)


class DelistSerializer(StrictSerializer):
    """Why and from when the goods leave the shelf."""

    reason = serializers.ChoiceField(choices=_REASONS)
    note = StrictCharField(max_length=400)
    kind = serializers.ChoiceField(choices=DelistingKind.choices, required=False)
    effective_at = MomentField(required=False)


@extend_schema_field({"type": "array", "items": {"type": "object", "additionalProperties": True}})
class MissingField(serializers.Field[Any, Any, Any, Any]):
    """What is missing: field, and its title where the category has its own."""

    def to_representation(self, value: Any) -> Any:
        """Write it as it is kept."""
        return value


class ListingSerializer(StrictSerializer):
    """A listing in a list; `review` is where an edit waits, empty when nothing does."""

    id = IdField()
    number = CodeField()
    product = IdField(source="product_id")
    channel = IdField(source="channel_id")
    stage = CodeField()
    review = CodeField()
    percent = QuantityField(allow_null=True)
    missing = MissingField(read_only=True)
    checked_at = MomentField(allow_null=True)
    verified_at = MomentField(allow_null=True)


class ListingViewSet(ReadViewSet):
    """Listings of the caller's channels."""

    serializer_class = ListingSerializer
    filters: ClassVar = {
        "number": filters.exact("number"),
        "product": filters.number("product_id"),
        "channel": filters.number("channel_id"),
        "stage": filters.exact("stage"),
    }
    orderings = ("-id", "id")
    policies: ClassVar = {
        "list": may("catalog", "V"),
        "retrieve": may("catalog", "V"),
        "create": may("catalog", "C"),
        "draft": may("catalog", "C"),
        "submit": may("catalog", "C"),
        "withdraw": may("catalog", "C"),
        "approve": may("catalog", "A"),
        "delist": may("catalog", "C"),
    }

    def get_queryset(self) -> QuerySet[Listing]:
        """Return the listings of the channels in the caller's scope."""
        return selectors.listings(actor=self.actor, at=timezone.now())

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return one listing: what is live, what waits, and what was found in it."""
        return Response(self._detail(self.get_object()))

    @extend_schema(request=OpenSerializer)
    def create(self, request: Request) -> Response:
        """Begin to list a product in a channel."""
        sent = read(OpenSerializer, request.data)
        made = listings.open_listing(
            product_id=product_id_of(sent["product"]),
            channel_id=channel_id_of(sent["channel"]),
            actor=self.actor,
            at=timezone.now(),
        )
        return Response(self._detail(self.get_queryset().get(pk=made.id)), status=201)

    @extend_schema(request=VersionSerializer)
    @action(detail=True, methods=["post"])
    def draft(self, request: Request, pk: str) -> Response:
        """Write the next version, or replace the draft there is; what is live stays live."""
        sent = read(VersionSerializer, request.data)
        sections = sent.pop("sections")
        listings.write(
            listing_id=self.get_object().pk,
            why=sent.pop("why"),
            publish_at=sent.pop("publish_at", None),
            content={**sent, "sections": {name: sections.get(name, "") for name in SECTIONS}},
            actor=self.actor,
            at=timezone.now(),
        )
        return Response(self._detail(self.get_object()))

    @extend_schema(request=NoInputSerializer)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str) -> Response:
        """Hand the draft in."""
        read(NoInputSerializer, request.data)
        row = self.get_object()
        listings.submit(listing_id=row.pk, actor=self.actor, at=timezone.now())
        return Response(self._detail(self.get_object()))

    @extend_schema(request=NoInputSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take back what was handed in, or drop the draft."""
        read(NoInputSerializer, request.data)
        row = self.get_object()
        listings.withdraw(listing_id=row.pk, actor=self.actor, at=timezone.now())
        return Response(self._detail(self.get_object()))

    @extend_schema(request=ApproveSerializer)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        """Approve the step of the version in review that waits for the caller."""
        sent = read(ApproveSerializer, request.data)
        waiting = versions.open_of(kind=listings.KIND, subject_id=self.get_object().pk)
        if waiting is None or waiting.approval_id is None:
            raise NothingDrafted
        approvals.approve(
            request_id=waiting.approval_id,
            content_hash=sent["content_hash"],
            actor=self.actor,
            at=timezone.now(),
        )
        return Response(self._detail(self.get_object()))

    @extend_schema(request=DelistSerializer)
    @action(detail=True, methods=["post"])
    def delist(self, request: Request, pk: str) -> Response:
        """Hand in that the goods leave the shelf; without a moment, as soon as it is approved."""
        sent = read(DelistSerializer, request.data)
        now = timezone.now()
        delisting.ask(
            listing_id=self.get_object().pk,
            **{"effective_at": now, **sent},
            actor=self.actor,
            at=now,
        )
        return Response(self._detail(self.get_object()))

    def _detail(self, row: Listing) -> dict[str, Any]:
        live = versions.live(kind=listings.KIND, subject_ids=[row.pk], at=timezone.now())
        waiting = versions.open_of(kind=listings.KIND, subject_id=row.pk)
        on = live.get(row.pk)
        return {
            **ListingSerializer(row).data,
            "live": None if on is None else {"version": on.no, "content": dict(on.content)},
            "waiting": None if waiting is None else _version(waiting),
        }


def _version(waiting: RevisionInfo) -> dict[str, Any]:
    return {
        "version": waiting.no,
        "state": waiting.state,
        "why": waiting.why,
        "parts": list(waiting.parts),
        "approval": waiting.approval_id,
        "publish_at": plain(waiting.publish_at),
        "content": dict(waiting.content),
        "findings": [
            {"field": one.field, "code": one.code, "words": str(one.words), "level": one.level}
            for one in waiting.findings or ()
        ],
    }
