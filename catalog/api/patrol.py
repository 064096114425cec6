"""Competitor prices, price cases, suggestions and offers off sale."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.fields import RefField, channel_id_of, read, sku_ids_of
from catalog.models import (
    CompetitorPrice,
    OfferSuspension,
    PriceOutlier,
    PricePolicy,
    PriceViolation,
)
from catalog.selectors import patrol as selected
from catalog.selectors import policies
from catalog.services import patrol, rivals
from catalog.types.patrol import RivalRow
from ops.engines.http import filters
from ops.engines.http.api import ReadViewSet
from ops.engines.http.serializers import (
    CodeField,
    DayField,
    FlagField,
    IdField,
    MomentField,
    MoneyField,
    StrictCharField,
    StrictSerializer,
)
from ops.engines.kernel.policy import may

MOST_PRICES = 1000
_VIEW = may("catalog", "V")


class RivalSerializer(StrictSerializer):
    """What a rival asked for a SKU on a day."""

    sku = RefField()
    rival = StrictCharField(max_length=80)
    price = MoneyField()
    seen_on = DayField()
    source = StrictCharField(max_length=400)  # type: ignore[assignment]
    note = StrictCharField(max_length=200, required=False, allow_blank=True)


class RivalsSerializer(StrictSerializer):
    """Competitor prices to be kept."""

    prices = RivalSerializer(  # type: ignore[call-arg]
        many=True, allow_empty=False, max_length=MOST_PRICES
    )


class CompetitorPriceSerializer(StrictSerializer):
    """A competitor price as kept."""

    id = IdField()
    sku = IdField(source="sku_id")
    rival = StrictCharField()
    price = MoneyField()
    seen_on = DayField()
    source = StrictCharField()  # type: ignore[assignment]
    note = StrictCharField()


class ViolationSerializer(StrictSerializer):
    """A price case."""

    id = IdField()
    number = CodeField()
    channel = IdField(source="channel_id")
    sku = IdField(source="sku_id")
    kind = CodeField()
    severity = CodeField()
    shown_price = MoneyField(allow_null=True)
    right_price = MoneyField(allow_null=True)
    found_at = MomentField()
    last_seen_at = MomentField()
    state = CodeField()
    handling = StrictCharField()
    handled_at = MomentField(allow_null=True)


class HandleSerializer(StrictSerializer):
    """What was done; `lift` puts the offer back on sale."""

    handling = StrictCharField(max_length=400)
    lift = FlagField(required=False)


class OutlierSerializer(StrictSerializer):
    """A suggestion of the weekly check."""

    id = IdField()
    channel = IdField(source="channel_id")
    sku = IdField(source="sku_id")
    kind = CodeField()
    price = MoneyField()
    compared_with = MoneyField()
    suggested = MoneyField()
    found_at = MomentField()
    state = CodeField()
    reason = StrictCharField()
    price_change = IdField(source="change_id", allow_null=True)


class KeepSerializer(StrictSerializer):
    """Why a price stays."""

    reason = StrictCharField(max_length=200)


class DraftFromSerializer(StrictSerializer):
    """From when the suggested price is to count."""

    starts_at = MomentField()


class SuspensionSerializer(StrictSerializer):
    """When an offer was off sale, and why."""

    id = IdField()
    channel = IdField(source="channel_id")
    sku = IdField(source="sku_id")
    reason = StrictCharField()
    since = MomentField()
    lifted_at = MomentField(allow_null=True)
    lifted_why = StrictCharField()


class SuspendOfferSerializer(StrictSerializer):
    """Which offer is taken off sale, and why."""

    sku = RefField()
    channel = RefField()
    reason = StrictCharField(max_length=200)


class PolicySerializer(StrictSerializer):
    """A version of a price policy."""

    id = IdField()
    number = CodeField()
    category = IdField(source="category_id", allow_null=True)
    starts_on = DayField()
    review_on = DayField()
    target_margin = MoneyField()
    floor_margin = MoneyField()
    ceiling_margin = MoneyField(allow_null=True)
    band = MoneyField()
    window_days = IdField()
    above_rival = MoneyField(allow_null=True)
    under_rival = MoneyField(allow_null=True)
    state = CodeField()


class PolicyViewSet(ReadViewSet):
    """Versions of price policies."""

    serializer_class = PolicySerializer
    filters = {"state": filters.exact("state"), "category": filters.number("category_id")}
    orderings = ("-id", "id")
    policies = {"list": _VIEW, "retrieve": _VIEW}

    def get_queryset(self) -> QuerySet[PricePolicy]:
        """Return every version."""
        return policies.policies()


class CompetitorPriceViewSet(ReadViewSet):
    """Competitor prices, dated and with their source."""

    serializer_class = CompetitorPriceSerializer
    filters = {"sku": filters.number("sku_id"), "rival": filters.exact("rival")}
    orderings = ("-id", "id")
    policies = {"list": _VIEW, "retrieve": _VIEW, "create": rivals.RECORD}

    def get_queryset(self) -> QuerySet[CompetitorPrice]:
        """Return all of them: a rival's price belongs to no channel of ours."""
        return CompetitorPrice.objects.all()

    @extend_schema(request=RivalsSerializer, responses={201: dict[str, Any]})
    def create(self, request: Request) -> Response:
        """Keep competitor prices; what is known already is kept once."""
        sent = read(RivalsSerializer, request.data)["prices"]
        ids = sku_ids_of([row["sku"] for row in sent])
        rows = [RivalRow(**{**_plain(row), "sku_id": ids[row["sku"]]}) for row in sent]
        new = rivals.record_prices(rows=rows, actor=self.actor, at=timezone.now())
        return Response({"received": len(rows), "new": new}, status=201)


class ViolationViewSet(ReadViewSet):
    """Price cases in the caller's channels."""

    serializer_class = ViolationSerializer
    filters = {
        "state": filters.exact("state"),
        "severity": filters.exact("severity"),
        "channel": filters.number("channel_id"),
    }
    orderings = ("-id", "id")
    policies = {"list": _VIEW, "retrieve": _VIEW, "handle": patrol.HANDLE}

    def get_queryset(self) -> QuerySet[PriceViolation]:
        """Return the cases of the caller's channels."""
        return selected.violations(actor=self.actor)

    @extend_schema(request=HandleSerializer)
    @action(detail=True, methods=["post"])
    def handle(self, request: Request, pk: str) -> Response:
        """Close a case with what was done."""
        sent = read(HandleSerializer, request.data)
        patrol.handle(
            case_id=self.get_object().pk,
            handling=sent["handling"],
            lift=sent.get("lift", False),
            actor=self.actor,
            at=timezone.now(),
        )
        return Response(ViolationSerializer(self.get_object()).data)


class OutlierViewSet(ReadViewSet):
    """Suggestions of the weekly check in the caller's channels."""

    serializer_class = OutlierSerializer
    filters = {"state": filters.exact("state"), "channel": filters.number("channel_id")}
    orderings = ("-id", "id")
    policies = {
        "list": _VIEW,
        "retrieve": _VIEW,
        "keep": rivals.DECIDE,
        "draft": rivals.DECIDE,
    }

    def get_queryset(self) -> QuerySet[PriceOutlier]:
        """Return the suggestions of the caller's channels."""
        return selected.outliers(actor=self.actor)

    @extend_schema(request=KeepSerializer)
    @action(detail=True, methods=["post"])
    def keep(self, request: Request, pk: str) -> Response:
        """Record why the price stays."""
        sent = read(KeepSerializer, request.data)
        rivals.keep_price(
            outlier_id=self.get_object().pk,
            reason=sent["reason"],
            actor=self.actor,
            at=timezone.now(),
        )
        return Response(OutlierSerializer(self.get_object()).data)

    @extend_schema(request=DraftFromSerializer)
    @action(detail=True, methods=["post"])
    def draft(self, request: Request, pk: str) -> Response:
        """Draft the suggested price."""
        sent = read(DraftFromSerializer, request.data)
        rivals.draft_from_outlier(
            outlier_id=self.get_object().pk,
            starts_at=sent["starts_at"],
            actor=self.actor,
            at=timezone.now(),
        )
        return Response(OutlierSerializer(self.get_object()).data)


class SuspensionViewSet(ReadViewSet):
    """Offers off sale, now and before, in the caller's channels."""

    serializer_class = SuspensionSerializer
    filters = {"sku": filters.number("sku_id"), "channel": filters.number("channel_id")}
    orderings = ("-id", "id")
    policies = {
        "list": _VIEW,
        "retrieve": _VIEW,
        "create": patrol.HANDLE,
        "lift": patrol.HANDLE,
    }

    def get_queryset(self) -> QuerySet[OfferSuspension]:
        """Return the suspensions of the caller's channels."""
        allowed = self.actor.scope_ids("channel", "catalog")
        rows = OfferSuspension.objects.all()
        return rows if allowed is None else rows.filter(channel_id__in=allowed)

    @extend_schema(request=SuspendOfferSerializer, responses={201: SuspensionSerializer})
    def create(self, request: Request) -> Response:
        """Take an offer off sale at once."""
        sent = read(SuspendOfferSerializer, request.data)
        made = patrol.suspend_offer(
            sku_id=sku_ids_of([sent["sku"]])[sent["sku"]],
            channel_id=channel_id_of(sent["channel"]),
            reason=sent["reason"],
            actor=self.actor,
            at=timezone.now(),
        )
        row = OfferSuspension.objects.get(pk=made)
        return Response(SuspensionSerializer(row).data, status=201)

    @extend_schema(request=KeepSerializer)
    @action(detail=True, methods=["post"])
    def lift(self, request: Request, pk: str) -> Response:
        """Put an offer back on sale; another person than who took it off."""
        sent = read(KeepSerializer, request.data)
        row = self.get_object()
        patrol.lift_offer(
            sku_id=row.sku_id,
            channel_id=row.channel_id,
            reason=sent["reason"],
            actor=self.actor,
            at=timezone.now(),
        )
        return Response(SuspensionSerializer(self.get_object()).data)


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != "sku"}
