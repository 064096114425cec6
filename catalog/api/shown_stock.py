"""What a channel is to show, and what it shows, for those who are connected to it."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.fields import RefField, channel_of, read, sku_ids_of
from catalog.models import ShownStock, StockSyncEntry
from catalog.selectors import shown_stock as selected
from catalog.services import shown_stock
from catalog.types.shown_stock import SeenStock
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

MOST_FIGURES = 1000
_VIEW = may("catalog", "V")


class ShownStockSerializer(StrictSerializer):
    """What a channel was told of a SKU, and what it was last seen showing."""

    id = IdField()
    channel = IdField(source="channel_id")
    sku = IdField(source="sku_id")
    sku_code = CodeField(source="sku.code")
    pieces = QuantityField()
    told_at = MomentField()
    seen = QuantityField(allow_null=True)
    seen_at = MomentField(allow_null=True)


class SeenSerializer(StrictSerializer):
    """How many pieces a channel shows of a SKU."""

    sku = RefField()
    pieces = QuantityField()
    seen_at = MomentField(required=False)


class LookSerializer(StrictSerializer):
    """A look at a channel."""

    channel = StrictCharField(max_length=64)
    figures = SeenSerializer(  # type: ignore[call-arg]
        many=True, allow_empty=False, max_length=MOST_FIGURES
    )


class StockEntrySerializer(StrictSerializer):
    """An entry of the log."""

    id = IdField()
    channel = IdField(source="push.channel_id")
    sku = IdField(source="sku_id")
    kind = CodeField()
    at = MomentField(source="push.at")
    stood = QuantityField(allow_null=True)
    available = QuantityField()
    buffer = QuantityField()
    pieces = QuantityField()


class ShownStockViewSet(ReadViewSet):
    """The figures of the caller's channels."""

    serializer_class = ShownStockSerializer
    filters = {
        "channel": filters.number("channel_id"),
        "sku": filters.number("sku_id"),
    }
    orderings = ("-id", "id")
    policies = {"list": _VIEW, "retrieve": _VIEW, "create": shown_stock.SEE}

    def get_queryset(self) -> QuerySet[ShownStock]:
        """Return the figures of the caller's channels."""
        return selected.shown(actor=self.actor)

    @extend_schema(request=LookSerializer, responses={201: dict[str, Any]})
    def create(self, request: Request) -> Response:
        """Take over what a channel shows; what differs is corrected by the next comparison."""
        sent = read(LookSerializer, request.data)
        now = timezone.now()
        ids = sku_ids_of([row["sku"] for row in sent["figures"]])
        rows = {
            ids[row["sku"]]: SeenStock(
                sku_id=ids[row["sku"]], pieces=row["pieces"], seen_at=row.get("seen_at", now)
            )
            for row in sent["figures"]
        }
        changed = shown_stock.take_seen(
            channel_id=channel_of(sent["channel"], actor=self.actor).pk,
            rows=list(rows.values()),
            source="API",
            actor=self.actor,
            at=now,
        )
        return Response({"received": len(rows), "new": changed}, status=201)


class StockLogViewSet(ReadViewSet):
    """The log of the caller's channels."""

    serializer_class = StockEntrySerializer
    filters = {
        "channel": filters.number("push__channel_id"),
        "push": filters.number("push_id"),
        "kind": filters.exact("kind"),
    }
    orderings = ("-id", "id")
    policies = {"list": _VIEW, "retrieve": _VIEW}

    def get_queryset(self) -> QuerySet[StockSyncEntry]:
        """Return the entries of the caller's channels."""
        return selected.log(actor=self.actor)
