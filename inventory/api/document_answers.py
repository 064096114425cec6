"""Answers about orders, receipts and counts."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from ops.engines.http.serializers import DayField, MomentField, MoneyField


class SupplierAnswer(serializers.Serializer[Any]):
    """A supplier."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()
    state = serializers.CharField()
    contact = serializers.CharField()
    phone = serializers.CharField()
    email = serializers.CharField()
    city = serializers.CharField()
    region = serializers.CharField()
    postcode = serializers.CharField()


class PurchaseAnswer(serializers.Serializer[Any]):
    """A purchase order."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    supplier = serializers.CharField(source="supplier.code")
    warehouse = serializers.CharField(source="warehouse.code")
    state = serializers.CharField()
    expected_on = DayField(allow_null=True)
    total = MoneyField()
    note = serializers.CharField()
    drafted_at = MomentField()
    sent_at = MomentField(allow_null=True)
    approval = serializers.IntegerField(source="approval_id", allow_null=True)


class PurchaseLineAnswer(serializers.Serializer[Any]):
    """One line of an order."""

    line_no = serializers.IntegerField()
    sku = serializers.CharField(source="sku.code")
    quantity = serializers.IntegerField()
    unit_cost = MoneyField(places=6)
    amount = MoneyField()
    plan_ref = serializers.CharField()
    reason = serializers.CharField()
    received = serializers.IntegerField()


class PurchaseDetailAnswer(PurchaseAnswer):
    """An order with its lines."""

    lines = PurchaseLineAnswer(many=True)


class ReceiptAnswer(serializers.Serializer[Any]):
    """A receipt."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    purchase_order = serializers.CharField(source="purchase.number")
    warehouse = serializers.CharField(source="warehouse.code")
    delivery_note = serializers.CharField()
    quality_paper = serializers.CharField()
    state = serializers.CharField()
    opened_at = MomentField()
    counted_at = MomentField(allow_null=True)
    posted_on = DayField(allow_null=True)


class BlindReceiptLineAnswer(serializers.Serializer[Any]):
    """A line while it is counted: nothing of order or note."""

    line_no = serializers.IntegerField()
    sku = serializers.CharField(source="sku.code")
    lot = serializers.CharField(source="lot.code", default="")
    made_on = DayField(source="lot.made_on", default=None, allow_null=True)
    expires_on = DayField(source="lot.expires_on", default=None, allow_null=True)
    counted = serializers.IntegerField(allow_null=True)
    good = serializers.IntegerField(allow_null=True)
    is_as_named = serializers.BooleanField()
    finding = serializers.CharField()


class ReceiptLineAnswer(BlindReceiptLineAnswer):
    """A line once the count is finished; before, nothing beyond the blind line is there."""

    expected = serializers.IntegerField(required=False)
    noted = serializers.IntegerField(required=False)
    mismatch = serializers.CharField(required=False)
    state = serializers.CharField(required=False)
    to_bin = serializers.IntegerField(required=False)
    to_quarantine = serializers.IntegerField(required=False)


class ReceiptDetailAnswer(ReceiptAnswer):
    """A receipt with its lines; blind while it is counted."""

    lines = ReceiptLineAnswer(many=True)


class CartonAnswer(serializers.Serializer[Any]):
    """What a carton code says; no pieces where it does not say how many it holds."""

    sku = serializers.CharField()
    lot = serializers.CharField()
    made_on = DayField(allow_null=True)
    expires_on = DayField(allow_null=True)
    pieces = serializers.IntegerField()


class DiscrepancyAnswer(serializers.Serializer[Any]):
    """A report on goods that differ."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    receipt = serializers.CharField(source="receipt.number")
    choice = serializers.CharField()
    treatment = serializers.CharField()
    reason = serializers.CharField()
    value = MoneyField()
    state = serializers.CharField()
    reported_at = MomentField()
    decided_at = MomentField(allow_null=True)
    approval = serializers.IntegerField(source="approval_id", allow_null=True)


class CountAnswer(serializers.Serializer[Any]):
    """A stock count."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    warehouse = serializers.CharField(source="warehouse.code")
    kind = serializers.CharField()
    period = serializers.CharField()
    state = serializers.CharField()
    opened_at = MomentField()
    book_at = MomentField(allow_null=True)
    book_move = serializers.IntegerField(source="book_move_id", allow_null=True)
    posted_on = DayField(allow_null=True)
    approval = serializers.IntegerField(source="approval_id", allow_null=True)


class SheetAnswer(serializers.Serializer[Any]):
    """A sheet: the place, how far it is, who signed."""

    sheet = serializers.IntegerField(source="sheet_no")
    location = serializers.CharField()
    lines = serializers.IntegerField(source="lines_total")
    counted = serializers.IntegerField(source="lines_done")
    keeper_signed_at = MomentField(source="keeper_at", allow_null=True)
    finance_signed_at = MomentField(source="finance_at", allow_null=True)


class BlindLineAnswer(serializers.Serializer[Any]):
    """A line of a sheet: what lies there is asked, what the book says is not told."""

    line = serializers.IntegerField(source="id")
    sku = serializers.CharField(source="sku__code")
    name = serializers.CharField(source="sku__name")
    lot = serializers.CharField(source="lot__code", allow_null=True)
    counted = serializers.IntegerField(allow_null=True)


class VarianceAnswer(serializers.Serializer[Any]):
    """A line that differs."""

    line = serializers.IntegerField(source="id")
    sku = serializers.CharField(source="sku.code")
    location = serializers.CharField(source="location.code")
    lot = serializers.CharField(source="lot.code", default="")
    book = serializers.IntegerField(source="book_quantity")
    expected = serializers.IntegerField()
    counted = serializers.IntegerField()
    recounted = serializers.IntegerField(allow_null=True)
    needs_recount = serializers.BooleanField()
    variance = serializers.IntegerField()
    value = MoneyField(negative=True)
    cause = serializers.CharField()
    responsible = serializers.CharField()
    treatment = serializers.CharField()
    note = serializers.CharField()


class EnteredAnswer(serializers.Serializer[Any]):
    """How many lines of a sheet were written, and how many marked as empty."""

    written = serializers.IntegerField()
    emptied = serializers.IntegerField()


class SignedAnswer(serializers.Serializer[Any]):
    """How many sheets were signed."""

    signed = serializers.IntegerField()


class RecountedAnswer(serializers.Serializer[Any]):
    """How many lines were counted again."""

    recounted = serializers.IntegerField()


class ExplainedAnswer(serializers.Serializer[Any]):
    """How many lines were explained."""

    explained = serializers.IntegerField()
