"""What sells together, read by shops and by people (CAT-4.1-04)."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.fields import channel_of, sku_ids_of, text_ref
from catalog.models import RecommendationSet
from catalog.selectors import recommendations
from ops.engines.http import filters
from ops.engines.http.api import PolicyAPIView, ReadViewSet
from ops.engines.http.serializers import (
    CodeField,
    DayField,
    IdField,
    MomentField,
    QuantityField,
    StrictSerializer,
)
from ops.engines.kernel.canonical import plain
from ops.engines.kernel.errors import BadInput
from ops.engines.kernel.policy import may


class SetSerializer(StrictSerializer):
    """One version with its newest figures; null says unknown."""

    id = IdField()
    channel = CodeField(source="channel.code")
    no = QuantityField()
    rule = QuantityField(source="rule.no")
    former = IdField(source="former_id", allow_null=True)
    first_day = DayField()
    last_day = DayField()
    baskets = QuantityField()
    pairs = QuantityField(source="pair_count")
    published_at = MomentField()
    orders = QuantityField(allow_null=True)
    hits = QuantityField(allow_null=True)
    former_orders = QuantityField(allow_null=True)
    former_hits = QuantityField(allow_null=True)
    impressions = QuantityField(allow_null=True)
    clicks = QuantityField(allow_null=True)
    former_impressions = QuantityField(allow_null=True)
    former_clicks = QuantityField(allow_null=True)


class RecommendationSetViewSet(ReadViewSet):
    """Versions of the recommendations of the caller's channels."""

    serializer_class = SetSerializer
    filters = {"channel": filters.exact("channel__code")}
    orderings = ("-id", "id")
    policies = {"list": may("catalog", "V"), "retrieve": may("catalog", "V")}

    def get_queryset(self) -> QuerySet[RecommendationSet]:
        """Return the sets of the channels in the caller's scope."""
        return recommendations.sets(actor=self.actor)


class RecommendationView(PolicyAPIView):
    """What to show beside a SKU in a channel now, best first."""

    policies = {"get": may("catalog", "V")}
    query_params = {"get": frozenset({"sku", "channel"})}

    @extend_schema(
        parameters=[
            OpenApiParameter("sku", str, required=True),
            OpenApiParameter("channel", str, required=True),
        ],
        responses={200: dict[str, Any]},
    )
    def get(self, request: Request) -> Response:
        """Answer `sku=&channel=`; both by code or id."""
        asked = request.query_params
        for name in ("sku", "channel"):
            if not asked.get(name):
                raise BadInput("input.required", _("Say which one."), field=name)
        channel = channel_of(asked["channel"], actor=self.actor)
        ref = text_ref(asked["sku"])
        found = recommendations.recommended(
            sku_ids=[sku_ids_of([ref])[ref]], channel_id=channel.pk, at=timezone.now()
        )
        return Response(
            {
                "channel": channel.code,
                "sku": asked["sku"],
                "results": [
                    {
                        "sku": row.code,
                        "name": row.name,
                        "rank": row.rank,
                        "orders": row.together,
                        "confidence": plain(row.confidence),
                        "lift": plain(row.lift),
                    }
                    for row in found
                ],
            }
        )
