"""Promotions: plans, their course, their coupons."""

from __future__ import annotations

from dataclasses import fields as fields_of
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.fields import NoInputSerializer, RefField, channel_id_of, read
from catalog.api.impact import ImpactSerializer, WindowSerializer, impact_of
from catalog.choices.content_tasks import Material
from catalog.choices.promotions import CouponMode
from catalog.models import Coupon, CouponBatch, Promotion
from catalog.models.promotions import EDITABLE
from catalog.rules import coupon_codes
from catalog.rules.impact import USUAL_WINDOW
from catalog.selectors import content_tasks, promotion_rules
from catalog.selectors import promotions as selectors
from catalog.services import coupons, impact, promotions
from catalog.types.promotions import PromotionPlan
from ops.engines.http import filters
from ops.engines.http.api import ReadViewSet
from ops.engines.http.matching import etag, require_match
from ops.engines.http.serializers import (
    CodeField,
    IdField,
    MomentField,
    MoneyField,
    QuantityField,
    StrictCharField,
    StrictSerializer,
)
from ops.engines.kernel.canonical import plain
from ops.engines.kernel.errors import BadInput
from ops.engines.kernel.policy import may

_PLAN = tuple(field.name for field in fields_of(PromotionPlan))
MOST_BUYERS = 5000


@extend_schema_field({"type": "object", "additionalProperties": True})
class RuleField(serializers.Field[Any, Any, Any, Any]):
    """A rule as docs/promotions.md describes it; the refusal names the field inside."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Read a rule."""
        if not isinstance(data, dict):
            raise serializers.ValidationError(_("Not an object."), code="catalog.rule_field")
        try:
            promotion_rules.rule_of(data)
        except BadInput as error:
            raise serializers.ValidationError(str(error.message), code=error.code) from error
        return data

    def to_representation(self, value: Any) -> Any:
        """Write it as it is kept."""
        return value


class PlanSerializer(StrictSerializer):
    """The written plan; the rule's cap `budget` is the budget."""

    channel = RefField()
    title = StrictCharField(max_length=120)
    aim = StrictCharField(max_length=400)
    rule = RuleField()
    coupon_mode = serializers.ChoiceField(choices=CouponMode.choices, required=False)
    gift_stock = QuantityField(required=False, allow_null=True)
    stock_note = StrictCharField(max_length=400)
    risk = StrictCharField(max_length=400)
    materials = serializers.ListField(
        child=serializers.ChoiceField(choices=Material.choices),
        max_length=len(Material),
        help_text=_("Publicity to be approved before it starts; empty with a reason."),
    )
    no_material = StrictCharField(max_length=200, required=False)
    starts_at = MomentField()
    ends_at = MomentField()


class PlanEditSerializer(StrictSerializer):
    """What may be changed of a draft or a returned promotion."""

    title = StrictCharField(max_length=120, required=False)
    aim = StrictCharField(max_length=400, required=False)
    rule = RuleField(required=False)
    coupon_mode = serializers.ChoiceField(choices=CouponMode.choices, required=False)
    gift_stock = QuantityField(required=False, allow_null=True)
    stock_note = StrictCharField(max_length=400, required=False)
    risk = StrictCharField(max_length=400, required=False)
    materials = serializers.ListField(
        child=serializers.ChoiceField(choices=Material.choices),
        max_length=len(Material),
        required=False,
    )
    no_material = StrictCharField(max_length=200, required=False, allow_blank=True)
    starts_at = MomentField(required=False)
    ends_at = MomentField(required=False)


class WhySerializer(StrictSerializer):
    """Why it is done."""

    reason = StrictCharField(max_length=200)


class OutcomeSerializer(StrictSerializer):
    """What came of it, in words."""

    outcome = StrictCharField(max_length=1000)


class CouponsSerializer(StrictSerializer):
    """One of: a code for everybody, a number of codes, the buyers who get one each."""

    code = StrictCharField(max_length=40, required=False)
    most = QuantityField(required=False, allow_null=True)
    count = QuantityField(required=False)
    buyers = serializers.ListField(
        child=StrictCharField(max_length=64), required=False, max_length=MOST_BUYERS
    )


class PromotionSerializer(StrictSerializer):
    """A promotion in a list."""

    id = IdField()
    number = CodeField()
    channel = IdField(source="channel_id")
    title = StrictCharField()
    type = CodeField()
    budget = MoneyField()
    coupon_mode = CodeField()
    starts_at = MomentField()
    ends_at = MomentField()
    state = CodeField()
    drafted_by = IdField()
    drafted_at = MomentField()
    approval = IdField(source="approval_id", allow_null=True)


class BatchSerializer(StrictSerializer):
    """Codes that were made together."""

    id = IdField()
    promotion = IdField(source="promotion_id")
    count = QuantityField()
    made_by = IdField()
    made_at = MomentField()


class PromotionViewSet(ReadViewSet):
    """Promotions in the caller's channels."""

    serializer_class = PromotionSerializer
    filters: ClassVar = {
        "number": filters.exact("number"),
        "channel": filters.number("channel_id"),
        "state": filters.exact("state"),
        "type": filters.exact("type"),
        "starts_after": filters.moment("starts_at__gte"),
    }
    orderings = ("-id", "id")
    policies: ClassVar = {
        "list": may("catalog", "V"),
        "retrieve": may("catalog", "V"),
        "create": may("catalog", "C"),
        "partial_update": may("catalog", "C"),
        "submit": may("catalog", "C"),
        "withdraw": may("catalog", "C"),
        "reopen": may("catalog", "C"),
        "review": may("catalog", "C"),
        "coupons": may("catalog", "C"),
        "impact": may("catalog", "V"),
        "pause": may("catalog", "A"),
        "resume": may("catalog", "A"),
        "end": may("catalog", "A"),
    }

    def get_queryset(self) -> QuerySet[Promotion]:
        """Return the promotions of the channels in the caller's scope."""
        return selectors.promotions(actor=self.actor)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return one promotion: plan, rule and its sentence, runs, what was used."""
        return self._shown(self.get_object())

    @extend_schema(request=PlanSerializer)
    def create(self, request: Request) -> Response:
        """Draft a promotion."""
        sent = read(PlanSerializer, request.data)
        made = promotions.draft(
            channel_id=channel_id_of(sent.pop("channel")),
            plan=PromotionPlan(**sent),
            actor=self.actor,
            at=timezone.now(),
        )
        return self._shown(Promotion.objects.get(pk=made.id), status=201)

    @extend_schema(request=PlanEditSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change a draft or a returned promotion. Needs If-Match with the ETag of what was read."""
        sent = read(PlanEditSerializer, request.data)
        with transaction.atomic():
            rows = self.get_queryset().select_for_update(of=("self",), no_key=True)
            row = get_object_or_404(rows, pk=pk)
            require_match(request, _version(row))
            before = {name: getattr(row, name) for name in _PLAN}
            promotions.edit(
                promotion_id=row.pk,
                plan=PromotionPlan(**{**before, **sent}),
                actor=self.actor,
                at=timezone.now(),
            )
        return self._shown(self.get_object())

    @extend_schema(request=NoInputSerializer)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str) -> Response:
        """Hand a promotion in."""
        read(NoInputSerializer, request.data)
        return self._done(promotions.submit)

    @extend_schema(request=NoInputSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take a promotion back before the first decision."""
        read(NoInputSerializer, request.data)
        return self._done(promotions.withdraw)

    @extend_schema(request=WhySerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str) -> Response:
        """Take an approved promotion out of force to change it; it is approved anew."""
        return self._done(promotions.reopen, **read(WhySerializer, request.data))

    @extend_schema(request=WhySerializer)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str) -> Response:
        """Stop a promotion at once."""
        return self._done(promotions.pause, **read(WhySerializer, request.data))

    @extend_schema(request=NoInputSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Response:
        """Let a paused promotion go on."""
        read(NoInputSerializer, request.data)
        return self._done(promotions.resume)

    @extend_schema(request=WhySerializer)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        """End a promotion before its time."""
        return self._done(promotions.end, **read(WhySerializer, request.data))

    @extend_schema(request=OutcomeSerializer)
    @action(detail=True, methods=["post"])
    def review(self, request: Request, pk: str) -> Response:
        """Say what came of an ended promotion."""
        return self._done(promotions.review, **read(OutcomeSerializer, request.data))

    @extend_schema(request=CouponsSerializer, responses={201: BatchSerializer})
    @action(detail=True, methods=["post"])
    def coupons(self, request: Request, pk: str) -> Response:
        """Make codes: send `code` (and `most`), or `count`, or `buyers`, as its coupons are."""
        sent = read(CouponsSerializer, request.data)
        given = {"promotion_id": self.get_object().pk, "actor": self.actor, "at": timezone.now()}
        if sum(name in sent for name in ("code", "count", "buyers")) != 1:
            words = _("Send one of code, count or buyers.")
            raise BadInput("catalog.coupons_which", words, field="code")
        if "most" in sent and "code" not in sent:
            words = _("Only one code for everybody has a number of uses.")
            raise BadInput("catalog.coupons_which", words, field="most")
        if "code" in sent:
            batch = coupons.name_code(code=sent["code"], most=sent.get("most"), **given)
        elif "count" in sent:
            batch = coupons.make_batch(count=sent["count"], **given)
        else:
            batch = coupons.make_for_buyers(buyer_keys=sent["buyers"], **given)
        return Response(BatchSerializer(batch).data, status=201)

    @extend_schema(request=WindowSerializer, responses={200: ImpactSerializer})
    @action(detail=True, methods=["post"])
    def impact(self, request: Request, pk: str) -> Response:
        """Replay the real orders of 30, 90 or 180 days under the plan.

        Of a promotion that was handed in, the forecast kept with it is answered.
        """
        sent = read(WindowSerializer, request.data)
        report = impact.forecast_promotion(
            promotion_id=self.get_object().pk,
            window=sent.get("window", USUAL_WINDOW),
            actor=self.actor,
            at=timezone.now(),
        )
        return Response(impact_of(report, actor=self.actor))

    def _done(self, service: Any, **sent: Any) -> Response:
        service(promotion_id=self.get_object().pk, **sent, actor=self.actor, at=timezone.now())
        return Response(self._detail(self.get_object()))

    def _shown(self, row: Promotion, *, status: int = 200) -> Response:
        return Response(self._detail(row), status=status, headers={"ETag": _version(row)})

    def _detail(self, row: Promotion) -> dict[str, Any]:
        standing = selectors.standing(promotion_id=row.pk)
        return {
            **PromotionSerializer(row).data,
            "aim": row.aim,
            "rule": row.rule,
            "sentence": promotion_rules.words(row.rule),
            "gift_stock": row.gift_stock,
            "materials": row.materials,
            "no_material": row.no_material,
            "lacking": content_tasks.lacking(promotion_ids=[row.pk]).get(row.pk, []),
            "held_at": plain(row.held_at),
            "stock_note": row.stock_note,
            "risk": row.risk,
            "paused_why": row.paused_why,
            "ended_at": plain(row.ended_at),
            "outcome": row.outcome,
            "is_editable": row.state in EDITABLE,
            "used": {
                "uses": standing.uses,
                "pieces": standing.pieces,
                "gift_pieces": standing.gift_pieces,
                "amount": plain(standing.amount),
            },
            "runs": [
                {
                    "since": plain(run.since),
                    "until": plain(run.until),
                    "cut_why": run.cut_why,
                }
                for run in selectors.runs(promotion_id=row.pk)
            ],
        }


class CouponBatchViewSet(ReadViewSet):
    """Batches of coupons of the promotions in the caller's channels."""

    serializer_class = BatchSerializer
    filters: ClassVar = {"promotion": filters.number("promotion_id")}
    orderings = ("-id", "id")
    policies: ClassVar = {
        "list": may("catalog", "V"),
        "retrieve": may("catalog", "V"),
        "hand_out": may("catalog", "E"),
    }

    def get_queryset(self) -> QuerySet[CouponBatch]:
        """Return the batches of the channels in the caller's scope."""
        mine = self.actor.scope_ids("channel", "catalog")
        rows = CouponBatch.objects.all()
        return rows if mine is None else rows.filter(promotion__channel_id__in=mine)

    @extend_schema(request=NoInputSerializer, responses={200: dict[str, Any]})
    @action(detail=True, methods=["post"], url_path="hand-out")
    def hand_out(self, request: Request, pk: str) -> Response:
        """Return the codes in full; who took them is recorded."""
        read(NoInputSerializer, request.data)
        rows = coupons.hand_out(batch_id=self.get_object().pk, actor=self.actor, at=timezone.now())
        return Response({"codes": [{"code": code, "buyer": buyer} for code, buyer in rows]})


class CouponSerializer(StrictSerializer):
    """A coupon in a list; its code is masked."""

    id = IdField()
    promotion = IdField(source="promotion_id")
    batch = IdField(source="batch_id")
    code = serializers.SerializerMethodField()
    uses = QuantityField()
    uses_limit = QuantityField(allow_null=True)

    def get_code(self, row: Coupon) -> str:
        """Return the code as lists show it."""
        return coupon_codes.masked(row.code)


class CouponViewSet(ReadViewSet):
    """Coupons of the promotions in the caller's channels, codes masked."""

    serializer_class = CouponSerializer
    filters: ClassVar = {
        "promotion": filters.number("promotion_id"),
        "batch": filters.number("batch_id"),
    }
    orderings = ("-id", "id")
    policies: ClassVar = {"list": may("catalog", "V"), "retrieve": may("catalog", "V")}

    def get_queryset(self) -> QuerySet[Coupon]:
        """Return the coupons of the channels in the caller's scope."""
        return selectors.coupons(actor=self.actor)


def _version(row: Promotion) -> str:
    return etag(row.pk, row.state, *(plain(getattr(row, name)) for name in _PLAN))
