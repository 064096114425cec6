"""What a basket costs: own prices, each discount its own line with its rule, totals, points."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.fields import RefField, channel_id_of, read, sku_ids_of
from catalog.errors.goods import ThingMissing
from catalog.rules.promotions import words
from catalog.rules.promotions.quotes import Discount, Quote
from catalog.selectors import channels, codes, quotes
from catalog.types.promotions import WantedBasket, WantedLine
from ops.engines.http.api import PolicyAPIView
from ops.engines.http.serializers import (
    FlagField,
    MomentField,
    MoneyField,
    QuantityField,
    StrictCharField,
    StrictSerializer,
)
from ops.engines.kernel.canonical import plain
from ops.engines.kernel.policy import may

MOST_LINES, MOST_COUPONS = 500, 20


class QuoteLineSerializer(StrictSerializer):
    """Pieces of one SKU."""

    sku = RefField()
    quantity = QuantityField(least=1)


class QuoteSerializer(StrictSerializer):
    """A basket; `at` is now unless given, the buyer a key of the caller's own."""

    channel = RefField()
    lines = QuoteLineSerializer(  # type: ignore[call-arg]
        many=True, allow_empty=False, max_length=MOST_LINES
    )
    at = MomentField(required=False)
    tier = StrictCharField(max_length=40, required=False, allow_blank=True)
    buyer = StrictCharField(max_length=64, required=False, allow_blank=True)
    first_order = FlagField(required=False)
    coupons = serializers.ListField(
        child=StrictCharField(max_length=40), required=False, max_length=MOST_COUPONS
    )
    shipping = MoneyField(required=False)


class PriceQuoteView(PolicyAPIView):
    """The price of a basket by the one engine that prices orders too; takes nothing by asking."""

    policies: ClassVar = {"post": may("catalog", "V")}

    @extend_schema(request=QuoteSerializer, responses={200: dict[str, Any]})
    def post(self, request: Request) -> Response:
        """Answer with lines, discounts, gifts, totals, points and why a rule did not apply."""
        sent = read(QuoteSerializer, request.data)
        channel_id = channel_id_of(sent["channel"])
        allowed = self.actor.scope_ids("channel", "catalog")
        if allowed is not None and channel_id not in allowed:
            raise ThingMissing("channel", sent["channel"])
        channel = channels.channel(channel_id)
        ids = sku_ids_of([line["sku"] for line in sent["lines"]])
        at = sent.get("at") or timezone.now()
        lines = [
            WantedLine(sku_id=ids[line["sku"]], quantity=line["quantity"]) for line in sent["lines"]
        ]
        (answer,) = quotes.quote_baskets(
            channel_id=channel.id,
            channel=channel.code,
            currency=channel.currency,
            wanted=[
                WantedBasket(
                    lines=lines,
                    buyer_key=sent.get("buyer", ""),
                    tier=sent.get("tier", ""),
                    is_first_order=sent.get("first_order", False),
                    coupons=sent.get("coupons", ()),
                    shipping=sent.get("shipping") or Decimal(0),
                )
            ],
            at=at,
        )
        return Response({"channel": channel.code, "at": plain(at), **_shown(answer, lines)})


def _shown(answer: Quote, asked: list[WantedLine]) -> dict[str, Any]:
    names = codes.sku_names(sku_ids={line.sku_id for line in asked})
    named = {str(number): line for number, line in enumerate(asked, 1)}
    numbers = {one.rule_id: one.number for one in answer.discounts}
    lines = [
        {
            "line": int(line.key),
            "sku": named[line.key].sku_id,
            "code": names[named[line.key].sku_id][0],
            "quantity": line.quantity,
            "list_amount": line.list_amount,
            "discounts": [
                {
                    "promotion": one.rule_id,
                    "number": numbers[one.rule_id],
                    "amount": one.amount,
                }
                for one in line.discounts
            ],
            "net_amount": line.net_amount,
            "each": line.unit_words,
        }
        for line in answer.lines
    ]
    shown: dict[str, Any] = plain(
        {
            "currency": answer.currency,
            "lines": lines,
            "discounts": [_discount(one) for one in answer.discounts],
            "gifts": [
                {"promotion": gift.rule_id, "sku": gift.sku_id, "quantity": gift.quantity}
                for gift in answer.gifts
            ],
            "skipped": [
                {
                    "promotion": one.rule_id,
                    "reason": one.reason.value,
                    "words": str(words.reason_words(one.reason)),
                    "coupon": one.coupon,
                }
                for one in answer.skipped
            ],
            "shipping_before": answer.shipping_before,
            "shipping_after": answer.shipping_after,
            "goods_total": answer.goods_total,
            "discount_total": answer.discount_total,
            "total": answer.total,
            "points": answer.points,
            "points_factor": answer.points_factor,
        }
    )
    return shown


def _discount(one: Discount) -> dict[str, Any]:
    return {
        "promotion": one.rule_id,
        "number": one.number,
        "title": one.rule.title,
        "words": str(words.sentence(one.rule)),
        "amount": one.amount,
        "times": one.times,
        "pieces": one.pieces,
        "coupon": one.coupon,
        "on_shipping": one.on_shipping,
        "cut_by": [cut.value for cut in one.cuts],
        "lines": {key: amount for key, amount in one.spread.items() if amount},
    }
