"""What the patrol and the checks of promotions found, and penalties (CAT-4.2-03, CAT-4.4-04)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from catalog.models import PricePatrol, PricePenalty, PromotionCheck
from catalog.selectors import penalties, promotions
from catalog.services import penalties as services
from ops.engines.http import filters
from ops.engines.http.doors import DoorViewSet, Sent, Step
from ops.engines.http.serializers import (
    CodeField,
    IdField,
    MomentField,
    MoneyField,
    QuantityField,
    StrictCharField,
    StrictSerializer,
)
from ops.engines.kernel.policy import may

_VIEW = may("catalog", "V")


class CheckFindingSerializer(StrictSerializer):
    """What crossed a limit: which limit, which SKU, its value and the bound."""

    limit = CodeField()
    sku = IdField()
    code = CodeField()
    value = StrictCharField()
    bound = StrictCharField()


class PromotionCheckSerializer(StrictSerializer):
    """One look at one promotion."""

    id = IdField()
    promotion = IdField(source="promotion_id")
    checked_at = MomentField()
    occasion = CodeField()
    examined = QuantityField()
    below_floor = QuantityField()
    above_reference = QuantityField()
    without_stock = QuantityField()
    used = MoneyField()
    budget = MoneyField(allow_null=True)
    why = StrictCharField()


class PromotionCheckDetailSerializer(PromotionCheckSerializer):
    """One look, with what crossed a limit."""

    findings = CheckFindingSerializer(many=True)


class PricePatrolSerializer(StrictSerializer):
    """One round of the patrol through a channel."""

    id = IdField()
    channel = IdField(source="channel_id")
    patrolled_at = MomentField()
    offers = QuantityField()
    opened = QuantityField()
    again = QuantityField()
    severe = QuantityField()
    suspended = QuantityField()


class PricePenaltySerializer(StrictSerializer):
    """A violation confirmed against who runs the channel."""

    id = IdField()
    number = CodeField()
    violation = IdField(source="violation_id")
    channel = IdField(source="violation.channel_id")
    points = QuantityField()
    rule = StrictCharField()
    statement = StrictCharField()
    confirmed_at = MomentField()
    revoked_at = MomentField(allow_null=True)
    revoked_why = StrictCharField()


class PenaltyConfirmSerializer(StrictSerializer):
    """Which case, which rule was broken, and what the channel answered."""

    violation = IdField()
    rule = StrictCharField(max_length=200)
    statement = StrictCharField(max_length=400)


class PenaltyRevokeSerializer(StrictSerializer):
    """Why a penalty is taken back."""

    reason = StrictCharField(max_length=200)


def _confirmed(sent: Sent) -> Mapping[str, Any]:
    return {"case_id": sent["violation"], "rule": sent["rule"], "statement": sent["statement"]}


class PromotionCheckViewSet(DoorViewSet):
    """Checks of the promotions in the caller's channels."""

    serializer_class = PromotionCheckSerializer
    detail_class = PromotionCheckDetailSerializer
    filters = {
        "promotion": filters.number("promotion_id"),
        "occasion": filters.exact("occasion"),
        "from": filters.moment("checked_at__gte"),
    }
    orderings = ("-id", "id")
    read = _VIEW

    def get_queryset(self) -> QuerySet[PromotionCheck]:
        """Return the checks of the caller's channels."""
        return promotions.all_checks(actor=self.actor)


class PricePatrolViewSet(DoorViewSet):
    """Rounds of the patrol through the caller's channels."""

    serializer_class = PricePatrolSerializer
    filters = {
        "channel": filters.number("channel_id"),
        "from": filters.moment("patrolled_at__gte"),
        "to": filters.moment("patrolled_at__lt"),
    }
    orderings = ("-id", "id")
    read = _VIEW

    def get_queryset(self) -> QuerySet[PricePatrol]:
        """Return the rounds of the caller's channels."""
        return penalties.patrols(actor=self.actor)


class PricePenaltyViewSet(DoorViewSet):
    """Penalties in the caller's channels; cases are `price-violations`."""

    serializer_class = PricePenaltySerializer
    filters = {
        "violation": filters.number("violation_id"),
        "channel": filters.number("violation__channel_id"),
    }
    orderings = ("-id", "id")
    read = _VIEW
    make = Step(
        run=services.confirm,
        policy=services.CONFIRM,
        body=PenaltyConfirmSerializer,
        given=_confirmed,
        title="Hold a price case against who runs its channel: points by the table.",
    )
    steps = {
        "revoke": Step(
            run=services.revoke,
            policy=services.CONFIRM,
            body=PenaltyRevokeSerializer,
            of=lambda row: {"case_id": row.violation_id},
            title="Take a penalty back; another person than who confirmed it.",
        )
    }

    def get_queryset(self) -> QuerySet[PricePenalty]:
        """Return the penalties of the caller's channels."""
        return penalties.visible(actor=self.actor)
