"""Price changes and the price of any moment."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.fields import (
    RefField,
    channel_id_of,
    channel_of,
    read,
    sku_ids_of,
    text_ref,
)
from catalog.api.impact import ImpactSerializer, WindowSerializer, impact_of
from catalog.models import PriceChange, PriceChangeLine
from catalog.models.prices import EDITABLE
from catalog.rules.endings import ENDINGS
from catalog.rules.impact import USUAL_WINDOW
from catalog.selectors import prices, references
from catalog.services import impact, price_rules, pricing
from catalog.types.prices import PriceLine
from ops.engines.http import filters
from ops.engines.http.api import PolicyAPIView, ReadViewSet
from ops.engines.http.matching import etag, require_match
from ops.engines.http.serializers import (
    CodeField,
    IdField,
    MomentField,
    MoneyField,
    StrictCharField,
    StrictSerializer,
    WordField,
)
from ops.engines.kernel import parse
from ops.engines.kernel.canonical import plain
from ops.engines.kernel.errors import BadInput
from ops.engines.kernel.policy import may

MOST_LINES = 5000


class LineSerializer(StrictSerializer):
    """One SKU of a price change."""

    sku = RefField()
    new_price = MoneyField()
    rival_price = MoneyField(required=False, allow_null=True)
    struck_price = MoneyField(required=False, allow_null=True)
    reference = IdField(required=False, allow_null=True)


class DraftSerializer(StrictSerializer):
    """A price change as drafted; without `ends_at` it lasts."""

    channel = RefField()
    tier = StrictCharField(max_length=16, required=False, allow_blank=True)
    reason = StrictCharField(max_length=200)
    rival_note = StrictCharField(max_length=200, required=False, allow_blank=True)
    starts_at = MomentField()
    ends_at = MomentField(required=False, allow_null=True)
    lines = LineSerializer(  # type: ignore[call-arg]
        many=True, allow_empty=False, max_length=MOST_LINES
    )


class RuleSerializer(StrictSerializer):
    """A price change by rule: a percentage, then an ending; no category means every SKU."""

    channel = RefField()
    category = IdField(required=False, allow_null=True)
    percent = MoneyField(negative=True)
    ending = WordField(choices=list(ENDINGS), required=False)
    tier = StrictCharField(max_length=16, required=False, allow_blank=True)
    reason = StrictCharField(max_length=200)
    rival_note = StrictCharField(max_length=200, required=False, allow_blank=True)
    starts_at = MomentField()
    ends_at = MomentField(required=False, allow_null=True)


class EditSerializer(StrictSerializer):
    """What may be changed of a draft or a returned price change; null drops the end."""

    reason = StrictCharField(max_length=200, required=False)
    rival_note = StrictCharField(max_length=200, required=False, allow_blank=True)
    starts_at = MomentField(required=False)
    ends_at = MomentField(required=False, allow_null=True)
    lines = LineSerializer(  # type: ignore[call-arg]
        many=True, allow_empty=False, max_length=MOST_LINES, required=False
    )


class SuspendSerializer(StrictSerializer):
    """Why a price is taken off sale."""

    reason = StrictCharField(max_length=200)


class NothingSerializer(StrictSerializer):
    """No input at all."""


class PriceChangeSerializer(StrictSerializer):
    """A price change in a list."""

    id = IdField()
    number = CodeField()
    channel = IdField(source="channel_id")
    tier = StrictCharField()
    reason = StrictCharField()
    rival_note = StrictCharField()
    starts_at = MomentField()
    ends_at = MomentField(allow_null=True)
    state = CodeField()
    drafted_by = IdField()
    drafted_at = MomentField()
    approval = IdField(source="approval_id", allow_null=True)


class PriceChangeViewSet(ReadViewSet):
    """Price changes in the caller's channels."""

    serializer_class = PriceChangeSerializer
    filters = {
        "number": filters.exact("number"),
        "channel": filters.number("channel_id"),
        "state": filters.exact("state"),
        "starts_after": filters.moment("starts_at__gte"),
    }
    orderings = ("-id", "id")
    policies = {
        "list": may("catalog", "V"),
        "retrieve": may("catalog", "V"),
        "create": may("catalog", "C"),
        "by_rule": may("catalog", "C"),
        "partial_update": may("catalog", "C"),
        "submit": may("catalog", "C"),
        "withdraw": may("catalog", "C"),
        "suspend": may("catalog", "A"),
        "impact": may("catalog", "V"),
    }

    def get_queryset(self) -> QuerySet[PriceChange]:
        """Return the price changes of the channels in the caller's scope."""
        allowed = self.actor.scope_ids("channel", "catalog")
        rows = PriceChange.objects.all()
        return rows if allowed is None else rows.filter(channel_id__in=allowed)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return one price change with its lines and, while it is a draft, its figures."""
        return self._shown(self.get_object())

    @extend_schema(request=DraftSerializer)
    def create(self, request: Request) -> Response:
        """Draft a price change."""
        sent = read(DraftSerializer, request.data)
        made = pricing.draft_price_change(
            channel_id=channel_id_of(sent["channel"]),
            reason=sent["reason"],
            rival_note=sent.get("rival_note", ""),
            starts_at=sent["starts_at"],
            ends_at=sent.get("ends_at"),
            tier=sent.get("tier", ""),
            lines=_lines(sent["lines"]),
            actor=self.actor,
            at=timezone.now(),
        )
        return self._shown(PriceChange.objects.get(pk=made.id), status=201)

    @extend_schema(request=RuleSerializer, responses={201: PriceChangeSerializer})
    @action(detail=False, methods=["post"], url_path="by-rule")
    def by_rule(self, request: Request) -> Response:
        """Draft other prices for a whole category, up to 100,000 SKUs."""
        sent = read(RuleSerializer, request.data)
        made = price_rules.draft_by_rule(
            channel_id=channel_id_of(sent["channel"]),
            category_id=sent.get("category"),
            percent=sent["percent"],
            ending=sent.get("ending", ""),
            tier=sent.get("tier", ""),
            reason=sent["reason"],
            rival_note=sent.get("rival_note", ""),
            starts_at=sent["starts_at"],
            ends_at=sent.get("ends_at"),
            actor=self.actor,
            at=timezone.now(),
        )
        return self._shown(PriceChange.objects.get(pk=made.id), status=201)

    @extend_schema(request=EditSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change a draft or a returned price change; given lines replace all former ones.

        Needs If-Match with the ETag of what was read.
        """
        sent = read(EditSerializer, request.data)
        lines = sent.pop("lines", None)
        with transaction.atomic():
            rows = self.get_queryset().select_for_update(of=("self",), no_key=True)
            change = get_object_or_404(rows, pk=pk)
            require_match(request, _version(change))
            pricing.edit_price_change(
                change_id=change.pk,
                open_end="ends_at" in sent and sent["ends_at"] is None,
                lines=None if lines is None else _lines(lines),
                **sent,
                actor=self.actor,
                at=timezone.now(),
            )
        return self._shown(self.get_object())

    @extend_schema(request=NothingSerializer)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str) -> Response:
        """Hand a price change in."""
        read(NothingSerializer, request.data)
        pricing.submit_price_change(
            change_id=self.get_object().pk, actor=self.actor, at=timezone.now()
        )
        return Response(self._detail(self.get_object()))

    @extend_schema(request=NothingSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take a price change back before the first decision."""
        read(NothingSerializer, request.data)
        pricing.withdraw_price_change(
            change_id=self.get_object().pk, actor=self.actor, at=timezone.now()
        )
        return Response(self._detail(self.get_object()))

    @extend_schema(request=SuspendSerializer)
    @action(detail=True, methods=["post"])
    def suspend(self, request: Request, pk: str) -> Response:
        """Take a wrong price off sale at once."""
        sent = read(SuspendSerializer, request.data)
        pricing.suspend(
            change_id=self.get_object().pk,
            reason=sent["reason"],
            actor=self.actor,
            at=timezone.now(),
        )
        return Response(self._detail(self.get_object()))

    @extend_schema(request=WindowSerializer, responses={200: ImpactSerializer})
    @action(detail=True, methods=["post"])
    def impact(self, request: Request, pk: str) -> Response:
        """Replay the real orders of 30, 90 or 180 days under the proposal.

        Of a change that was handed in, the forecast kept with it is answered.
        """
        sent = read(WindowSerializer, request.data)
        report = impact.forecast_price_change(
            change_id=self.get_object().pk,
            window=sent.get("window", USUAL_WINDOW),
            actor=self.actor,
            at=timezone.now(),
        )
        return Response(impact_of(report, actor=self.actor))

    def _shown(self, change: PriceChange, *, status: int = 200) -> Response:
        return Response(self._detail(change), status=status, headers={"ETag": _version(change)})

    def _detail(self, change: PriceChange) -> dict[str, Any]:
        figures = prices.price_figures(
            change_id=change.pk,
            channel_id=change.channel_id,
            at=timezone.now(),
            limit=MOST_LINES,
        )
        skus = [line.sku_id for line in figures.lines]
        rows = PriceChangeLine.objects.filter(change_id=change.pk, sku_id__in=skus)
        kept = {line.sku_id: line for line in rows}
        is_open = change.state in EDITABLE
        lines = [
            {
                "sku": line.sku_id,
                "code": line.code,
                "name": line.name,
                "old_price": plain(line.old if is_open else kept[line.sku_id].old_price),
                "new_price": plain(line.new),
                "rival_price": plain(line.rival),
                "struck_price": plain(line.struck),
                "reference": kept[line.sku_id].reference_id,
                "floor_price": plain(line.floor if is_open else kept[line.sku_id].floor_price),
            }
            for line in figures.lines
        ]
        now = {key: value for key, value in plain(_without_lines(figures)).items() if is_open}
        return {**PriceChangeSerializer(change).data, "lines": lines, "figures": now or None}


class PriceView(PolicyAPIView):
    """The price of a SKU in a channel at any moment, and the stretch it belongs to."""

    policies = {"get": may("catalog", "V")}
    query_params = {"get": frozenset({"sku", "channel", "tier", "at"})}

    @extend_schema(
        parameters=[
            OpenApiParameter("sku", str, required=True),
            OpenApiParameter("channel", str, required=True),
            OpenApiParameter("tier", str),
            OpenApiParameter("at", str),
        ],
        responses={200: dict[str, Any]},
    )
    def get(self, request: Request) -> Response:
        """Answer `sku=&channel=&tier=&at=`; the first two by code or id, `at` is now unless given.

        Without a tier it is everybody's price; with one that tier's own, else everybody's. The
        price is marked: its unit, the tax in it, what the channel charges besides, and what may
        stand struck out with its proof. It is what was approved, on the shelf or not: `on_shelf`
        says whether it can be bought at that price at that moment.
        """
        asked = request.query_params
        for name in ("sku", "channel"):
            if not asked.get(name):
                raise BadInput("input.required", _("Say which one."), field=name)
        at = parse.moment(asked["at"]) if "at" in asked else timezone.now()
        channel = channel_of(asked["channel"], actor=self.actor)
        ref = text_ref(asked["sku"])
        sku_id = sku_ids_of([ref])[ref]
        tier = parse.code(asked["tier"], most=16) if asked.get("tier") else ""
        found = prices.price_at(sku_ids=[sku_id], channel_id=channel.pk, tier=tier, at=at)
        struck = references.struck_prices(sku_ids=[sku_id], channel_id=channel.pk, tier=tier, at=at)
        code, unit, tax_rate = prices.priced_thing(sku_id)
        return Response(
            {
                "sku": code,
                "channel": channel.code,
                "at": plain(at),
                "currency": channel.currency,
                "tier": tier,
                "price": plain(found.get(sku_id)),
                "on_shelf": prices.is_on_shelf(sku_id=sku_id, channel_id=channel.pk, at=at),
                "unit": unit,
                "tax_rate": plain(tax_rate),
                "charges": [
                    {"sku": one.code, "name": one.name, "unit": one.unit, "price": plain(one.price)}
                    for one in prices.charges(channel_ids=[channel.pk], at=at)
                ],
                "struck_out": plain(asdict(struck[sku_id])) if sku_id in struck else None,
                "history": [
                    plain(asdict(period))
                    for period in prices.price_history(sku_id=sku_id, channel_id=channel.pk)
                ],
            }
        )


def _version(change: PriceChange) -> str:
    lines = PriceChangeLine.objects.filter(change=change).order_by("pk")
    return etag(
        change.pk,
        change.state,
        change.reason,
        change.rival_note,
        change.starts_at,
        change.ends_at,
        [
            list(row)
            for row in lines.values_list("sku_id", "new_price", "rival_price", "struck_price")
        ],
    )


def _lines(sent: list[dict[str, Any]]) -> list[PriceLine]:
    ids = sku_ids_of([line["sku"] for line in sent])
    return [
        PriceLine(
            sku_id=ids[line["sku"]],
            price=line["new_price"],
            rival=line.get("rival_price"),
            struck=line.get("struck_price"),
            reference_id=line.get("reference"),
        )
        for line in sent
    ]


_UNLISTED = frozenset({"lines", "silent_skus", "unchanged_skus"})


def _without_lines(figures: Any) -> dict[str, Any]:
    return {name: getattr(figures, name) for name in figures.__slots__ if name not in _UNLISTED}
