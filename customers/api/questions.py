"""What callers send: read strictly, turned into drafts."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from rest_framework import serializers

from customers import rules
from customers.choices import PersonalField, Purpose
from customers.types import BuyerDraft, LineDraft, OrderDraft, ReturnWant
from ops.engines.http.serializers import (
    CodeField,
    FlagField,
    MomentField,
    MoneyField,
    QuantityField,
    StrictCharField,
    StrictSerializer,
    WordField,
)


class BuyerQuestion(StrictSerializer):
    """The buyer as the channel knows them; a recipient has a name and an address."""

    code = CodeField(max_length=rules.LONGEST_CODE)
    name = StrictCharField(max_length=100, allow_blank=True, default="")
    phone = StrictCharField(max_length=40, allow_blank=True, default="")
    address = StrictCharField(max_length=400, allow_blank=True, default="")


class LineQuestion(StrictSerializer):
    """Pieces of a SKU; the price in force is taken unless the channel names its own."""

    sku = CodeField(max_length=rules.LONGEST_CODE)
    quantity = QuantityField(least=1)
    unit_price = MoneyField(places=6, required=False, allow_null=True)


class OrderQuestion(StrictSerializer):
    """One order. `paid_at` null: not paid yet, so nothing is promised to it.

    Where no line brings a price, the promotions in force are applied, with the coupons the buyer
    presents; `shipping` is the fee before any discount on it, `total` is what the buyer was shown,
    the fee included, and at another total the order is refused.
    """

    external_no = CodeField(max_length=rules.LONGEST_CODE)
    placed_at = MomentField()
    paid_at = MomentField(allow_null=True)
    cash_on_delivery = FlagField(default=False)
    country = StrictCharField(max_length=60, allow_blank=True, default="")
    buyer = BuyerQuestion(required=False, allow_null=True)
    coupons = serializers.ListField(
        child=StrictCharField(max_length=40), required=False, max_length=rules.MOST_COUPONS
    )
    shipping = MoneyField(required=False)
    total = MoneyField(required=False, allow_null=True)
    lines = serializers.ListField(
        child=LineQuestion(), allow_empty=False, max_length=rules.MOST_LINES
    )


class ChannelOrderQuestion(OrderQuestion):
    """One order with its channel."""

    channel = CodeField()


class BulkQuestion(StrictSerializer):
    """At most a thousand orders of one channel, in order of arrival."""

    channel = CodeField()
    orders = serializers.ListField(
        child=serializers.DictField(), allow_empty=False, max_length=rules.MOST_ORDERS_AT_ONCE
    )


class ReasonQuestion(StrictSerializer):
    """Why."""

    reason = StrictCharField(max_length=200)


class PaymentQuestion(StrictSerializer):
    """When the order was paid."""

    paid_at = MomentField()


class MoveQuestion(StrictSerializer):
    """The code of the warehouse that is to serve the order."""

    warehouse = CodeField()


class SplitLineQuestion(StrictSerializer):
    """Pieces of one line that leave now."""

    line_no = QuantityField(least=1)
    quantity = QuantityField(least=0)


class SplitQuestion(StrictSerializer):
    """What leaves now; everything else follows."""

    lines = serializers.ListField(
        child=SplitLineQuestion(), allow_empty=False, max_length=rules.MOST_LINES
    )


class MergeQuestion(StrictSerializer):
    """The numbers of orders that are to go out in one parcel."""

    orders = serializers.ListField(child=CodeField(), min_length=2, max_length=50)


class NoteQuestion(StrictSerializer):
    """What to note."""

    text = StrictCharField(max_length=400)


class NothingQuestion(StrictSerializer):
    """A step that needs no words."""


class RevealQuestion(StrictSerializer):
    """Which personal text, and what for; with an order, the recipient's."""

    field = WordField(PersonalField.values)
    purpose = WordField(Purpose.values)
    order = CodeField(required=False)


class TierQuestion(StrictSerializer):
    """Which tier a buyer is to belong to, from when (now unless told) until when, and why."""

    tier = CodeField(max_length=40)
    since = MomentField(required=False, allow_null=True)
    until = MomentField(required=False, allow_null=True)
    reason = StrictCharField(max_length=200)


class EndTierQuestion(StrictSerializer):
    """Why the tier of a buyer ends, and when (now unless told)."""

    on = MomentField(required=False, allow_null=True)
    reason = StrictCharField(max_length=200)


class ReturnLineQuestion(StrictSerializer):
    """Pieces of one line of the order."""

    line_no = QuantityField(least=1)
    quantity = QuantityField(least=1)


class ReturnQuestion(StrictSerializer):
    """What comes back; `external_no` is the channel's refund number.

    Gifts that are no longer earned come back as lines, or with `keeps_gifts` their worth is kept.
    With `refunds_shipping` what was paid of the shipping fee goes back too.
    """

    order = CodeField()
    external_no = CodeField(max_length=rules.LONGEST_CODE, required=False)
    reason = StrictCharField(max_length=200)
    keeps_gifts = FlagField(required=False)
    refunds_shipping = FlagField(required=False)
    lines = serializers.ListField(
        child=ReturnLineQuestion(), allow_empty=False, max_length=rules.MOST_LINES
    )


def order_draft(told: Mapping[str, Any]) -> OrderDraft:
    """Return the draft of an order that was read."""
    buyer = told.get("buyer")
    return OrderDraft(
        external_no=told["external_no"],
        placed_at=told["placed_at"],
        paid_at=told["paid_at"],
        cash_on_delivery=told["cash_on_delivery"],
        country=told["country"],
        buyer=BuyerDraft(**buyer) if buyer else None,
        coupons=tuple(told.get("coupons", ())),
        expected_total=told.get("total"),
        shipping=told.get("shipping") or Decimal(0),
        lines=tuple(
            LineDraft(
                code=line["sku"], quantity=line["quantity"], unit_price=line.get("unit_price")
            )
            for line in told["lines"]
        ),
    )


def return_wants(told: Mapping[str, Any]) -> list[ReturnWant]:
    """Return the lines of a return that was read."""
    return [ReturnWant(**line) for line in told["lines"]]
