"""What callers get; personal texts are masked."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from catalog.selectors import promotions
from customers.models import OrderDiscount
from customers.types import Outcome
from ops.engines.http.serializers import DayField, MomentField, MoneyField


class ComplaintAnswer(serializers.Serializer[Any]):
    """Why an order was refused or held."""

    pointer = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class OutcomeAnswer(serializers.Serializer[Any]):
    """What became of an order that was handed in."""

    external_no = serializers.CharField()
    verdict = serializers.ChoiceField(["accepted", "held", "duplicate", "refused"])
    number = serializers.CharField()
    state = serializers.CharField()
    errors = ComplaintAnswer(many=True)  # type: ignore[assignment]


class BulkAnswer(serializers.Serializer[Any]):
    """One result per order, in the order they were sent."""

    results = OutcomeAnswer(many=True)


class OrderAnswer(serializers.Serializer[Any]):
    """An order."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    channel = serializers.CharField(source="channel.code")
    external_no = serializers.CharField()
    kind = serializers.CharField()
    state = serializers.CharField()
    hold_reason = serializers.CharField()
    customer = serializers.IntegerField(source="customer_id", allow_null=True)
    warehouse = serializers.CharField(source="warehouse.code", allow_null=True, default=None)
    country = serializers.CharField()
    currency = serializers.CharField()
    tier = serializers.CharField()
    shipping = MoneyField()
    shipping_discount = MoneyField()
    total = MoneyField()
    tax = MoneyField()
    placed_at = MomentField()
    paid_at = MomentField(allow_null=True)
    ship_by = MomentField(allow_null=True)
    shipped_at = MomentField(allow_null=True)
    business_day = DayField()


class OrderLineAnswer(serializers.Serializer[Any]):
    """A line of an order."""

    line_no = serializers.IntegerField()
    sku = serializers.CharField(source="sku.code")
    name = serializers.CharField(source="sku.name")
    kind = serializers.CharField()
    quantity = serializers.IntegerField()
    unit_price = MoneyField(places=6)
    discount = MoneyField()
    amount = MoneyField(places=6)


class OrderDiscountAnswer(serializers.Serializer[Any]):
    """What one promotion took off one line; the line 0 is the shipping fee."""

    line_no = serializers.IntegerField()
    promotion = serializers.IntegerField(source="promotion_id")
    number = serializers.CharField(source="promotion.number")
    title = serializers.CharField(source="promotion.title")
    coupon = serializers.SerializerMethodField()
    amount = MoneyField()

    def get_coupon(self, off: OrderDiscount) -> str:
        """Show a code as everywhere: masked."""
        return promotions.masked(off.coupon) if off.coupon else ""


class OrderGiftAnswer(serializers.Serializer[Any]):
    """Which promotion gives a line away; `value` is the worth of one piece."""

    line_no = serializers.IntegerField()
    promotion = serializers.IntegerField(source="promotion_id")
    number = serializers.CharField(source="promotion.number")
    value = MoneyField()


class OrderPartAnswer(serializers.Serializer[Any]):
    """Pieces of a line that leave together; an order without parts leaves whole."""

    part_no = serializers.IntegerField()
    line_no = serializers.IntegerField()
    quantity = serializers.IntegerField()
    left_at = MomentField(allow_null=True)


class OrderNoteAnswer(serializers.Serializer[Any]):
    """What somebody noted about an order."""

    text = serializers.CharField()
    at = MomentField()
    person_id = serializers.IntegerField(allow_null=True)


class MergeAnswer(serializers.Serializer[Any]):
    """A joint parcel and the orders in it."""

    parcel = serializers.IntegerField()
    orders = serializers.ListField(child=serializers.CharField())


class OrderDetailAnswer(OrderAnswer):
    """An order with its lines, discounts, gifts, parts, notes and its masked recipient."""

    lines = OrderLineAnswer(many=True)
    discounts = OrderDiscountAnswer(many=True)
    gifts = OrderGiftAnswer(many=True)
    parts = OrderPartAnswer(many=True)
    notes = OrderNoteAnswer(many=True)
    recipient = serializers.DictField(child=serializers.CharField())


class MomentAnswer(serializers.Serializer[Any]):
    """A step of an order."""

    state = serializers.CharField()
    at = MomentField()
    person_id = serializers.IntegerField(allow_null=True)


class TimelineAnswer(serializers.Serializer[Any]):
    """The steps of an order, oldest first."""

    number = serializers.CharField()
    steps = MomentAnswer(many=True)


class CustomerAnswer(serializers.Serializer[Any]):
    """A buyer, masked."""

    id = serializers.IntegerField()
    uuid = serializers.UUIDField()
    channel = serializers.CharField(source="channel.code")
    code = serializers.CharField()
    name = serializers.CharField()
    phone = serializers.CharField()
    country = serializers.CharField()
    created_at = MomentField()


class TierAnswer(serializers.Serializer[Any]):
    """A tier of a buyer: from when until when (open: null), why and how it came."""

    tier = serializers.CharField()
    since = MomentField(source="valid.lower", allow_null=True)
    until = MomentField(source="valid.upper", allow_null=True)
    reason = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    set_at = MomentField()
    set_by = serializers.IntegerField(allow_null=True)
    ended_at = MomentField(allow_null=True)
    ended_by = serializers.IntegerField(allow_null=True)
    end_reason = serializers.CharField()


class TiersAnswer(serializers.Serializer[Any]):
    """The tiers of a buyer, newest record first; one that never began has no moments."""

    tiers = TierAnswer(many=True)


class RevealAnswer(serializers.Serializer[Any]):
    """One personal text."""

    field = serializers.CharField()
    value = serializers.CharField()


class ReturnAnswer(serializers.Serializer[Any]):
    """A return."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    channel = serializers.CharField(source="channel.code")
    external_no = serializers.CharField()
    order = serializers.CharField(source="order.number", allow_null=True, default=None)
    state = serializers.CharField()
    reason = serializers.CharField()
    currency = serializers.CharField()
    total = MoneyField()
    tax = MoneyField()
    gift_value = MoneyField()
    shipping = MoneyField()
    requested_at = MomentField()
    decided_at = MomentField(allow_null=True)
    business_day = DayField()


class ReturnLineAnswer(serializers.Serializer[Any]):
    """A line of a return."""

    line_no = serializers.IntegerField()
    sku = serializers.CharField(source="sku.code")
    quantity = serializers.IntegerField()
    unit_price = MoneyField(places=6)
    discount = MoneyField()
    amount = MoneyField(places=6)


class ReturnDetailAnswer(ReturnAnswer):
    """A return with its lines."""

    lines = ReturnLineAnswer(many=True)


def outcome(one: Outcome) -> dict[str, Any]:
    """Return the plain form of an outcome."""
    return {
        "external_no": one.external_no,
        "verdict": one.verdict.value,
        "number": one.number,
        "state": one.state,
        "errors": [
            {"pointer": c.pointer, "code": c.code, "detail": c.detail} for c in one.complaints
        ],
    }
