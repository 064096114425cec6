"""What may be sent about orders, receipts and counts; every field is read strictly."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from inventory.choices import (
    CountKind,
    MismatchTreatment,
    RefusalChoice,
    VarianceCause,
    VarianceTreatment,
)
from ops.engines.http.serializers import (
    CodeField,
    DayField,
    FlagField,
    IdField,
    MoneyField,
    QuantityField,
    StrictCharField,
    StrictSerializer,
    WordField,
)


def read(kind: type[StrictSerializer], request: Request) -> dict[str, Any]:
    """Return the checked body of a request. Raises ValidationError."""
    question = kind(data=request.data)
    question.is_valid(raise_exception=True)
    return dict(question.validated_data)


class NothingQuestion(StrictSerializer):
    """A step that needs no words."""


class ReasonQuestion(StrictSerializer):
    """A step that needs a reason."""

    reason = StrictCharField(max_length=200)


class SupplierQuestion(StrictSerializer):
    """A new supplier."""

    code = CodeField()
    name = StrictCharField(max_length=200)
    contact = StrictCharField(max_length=80, allow_blank=True, required=False)
    phone = StrictCharField(max_length=40, allow_blank=True, required=False)
    email = StrictCharField(max_length=120, allow_blank=True, required=False)
    city = StrictCharField(max_length=80, allow_blank=True, required=False)
    region = StrictCharField(max_length=80, allow_blank=True, required=False)
    postcode = StrictCharField(max_length=16, allow_blank=True, required=False)


class PurchaseLineQuestion(StrictSerializer):
    """One line to order."""

    sku = CodeField()
    quantity = QuantityField(least=1)
    unit_cost = MoneyField(places=6)
    plan_ref = StrictCharField(max_length=64, allow_blank=True, default="")
    reason = StrictCharField(max_length=200, allow_blank=True, default="")


class PurchaseQuestion(StrictSerializer):
    """A new order."""

    supplier = CodeField()
    warehouse = CodeField()
    expected_on = DayField(required=False)
    note = StrictCharField(max_length=200, allow_blank=True, default="")
    lines = PurchaseLineQuestion(many=True)


class PurchaseEditQuestion(StrictSerializer):
    """Changes of a draft."""

    expected_on = DayField(required=False)
    note = StrictCharField(max_length=200, allow_blank=True, required=False)
    lines = PurchaseLineQuestion(many=True, required=False)


class NotedQuestion(StrictSerializer):
    """A line of the delivery note."""

    sku = CodeField()
    quantity = QuantityField(least=1)


class ReceiptQuestion(StrictSerializer):
    """A delivery that arrived."""

    purchase_order = IdField()
    delivery_note = CodeField()
    lines = NotedQuestion(many=True, required=False)


class FoundQuestion(StrictSerializer):
    """What was found of one SKU."""

    sku = CodeField()
    counted = QuantityField()
    good = QuantityField(required=False)
    is_as_named = FlagField(default=True)
    finding = StrictCharField(max_length=200, allow_blank=True, default="")
    lot = CodeField(required=False)
    made_on = DayField(required=False)
    expires_on = DayField(required=False)
    location = CodeField(required=False)


class CartonQuestion(StrictSerializer):
    """A carton code as the scanner gives it; FNC1 is the group separator (0x1D)."""

    # Read by the GS1 rules, which know the one control character that may stand in it.
    carton = serializers.CharField(max_length=200, trim_whitespace=False)


class PaperQuestion(StrictSerializer):
    """The quality certificate that came with a delivery."""

    quality_paper = CodeField()


class FoundListQuestion(StrictSerializer):
    """What was found."""

    lines = FoundQuestion(many=True, allow_empty=False)


class DiscrepancyQuestion(StrictSerializer):
    """A report on goods that differ."""

    receipt = IdField()
    choice = WordField(RefusalChoice.values)
    treatment = WordField(MismatchTreatment.values)
    reason = StrictCharField(max_length=200)


class CountQuestion(StrictSerializer):
    """A count to open."""

    warehouse = CodeField()
    kind = WordField(CountKind.values)
    period = CodeField(max_length=16, required=False)
    locations = serializers.ListField(child=CodeField(), required=False, max_length=500)


class EntryQuestion(StrictSerializer):
    """Pieces of one SKU at the place of a sheet."""

    sku = CodeField()
    quantity = QuantityField()
    lot = CodeField(required=False)


class EntriesQuestion(StrictSerializer):
    """Figures of a sheet; `empty` says that nothing else lies there."""

    lines = EntryQuestion(many=True, required=False)
    empty = FlagField(default=False)


class RecountLineQuestion(StrictSerializer):
    """One line counted again."""

    line = IdField()
    quantity = QuantityField()


class RecountQuestion(StrictSerializer):
    """Lines counted again."""

    lines = RecountLineQuestion(many=True, allow_empty=False)


class ExplanationQuestion(StrictSerializer):
    """Why one line differs."""

    line = IdField()
    cause = WordField(VarianceCause.values)
    responsible = StrictCharField(max_length=80)
    treatment = WordField(VarianceTreatment.values)
    note = StrictCharField(max_length=200, allow_blank=True, default="")


class ExplanationsQuestion(StrictSerializer):
    """Why lines differ."""

    lines = ExplanationQuestion(many=True, allow_empty=False)
