"""What the API of finance answers and asks."""

from __future__ import annotations

from typing import Any, TypeVar

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request

from finance.models import Account, Break, JournalEntry, ManualEntry, Reconciliation, SettlementFile
from ops.engines.http.serializers import (
    CodeField,
    DayField,
    IdField,
    MoneyField,
    StrictCharField,
    StrictSerializer,
    WordField,
)

Asked = TypeVar("Asked", bound=StrictSerializer)


def read(question: type[StrictSerializer], request: Request) -> dict[str, Any]:
    """Return the checked body of a request; raises ValidationError."""
    asked = question(data=request.data)
    asked.is_valid(raise_exception=True)
    return dict(asked.validated_data)


class AccountAnswer(serializers.ModelSerializer[Account]):
    """One account of the chart."""

    class Meta:
        model = Account
        fields = ("code", "name", "name_en", "kind", "is_postable")


class LineAnswer(serializers.Serializer[Any]):
    """One side of a voucher."""

    account = serializers.CharField(source="account_id")
    debit = MoneyField()
    credit = MoneyField()


class EntryAnswer(serializers.ModelSerializer[JournalEntry]):
    """A voucher with its lines."""

    lines = LineAnswer(many=True)
    reverses = serializers.CharField(source="reverses.voucher", default=None, allow_null=True)

    class Meta:
        model = JournalEntry
        fields = (
            "id", "voucher", "business_day", "currency", "kind", "source_type", "source_id", "memo",
            "reverses", "posted_at", "lines",
        )  # fmt: skip


class DraftAnswer(serializers.ModelSerializer[ManualEntry]):
    """An entry by hand on its way to being a voucher."""

    reverses = serializers.CharField(source="reverses.voucher", default=None, allow_null=True)
    voucher = serializers.CharField(source="entry.voucher", default=None, allow_null=True)
    approval = serializers.IntegerField(source="approval_id", allow_null=True)

    class Meta:
        model = ManualEntry
        fields = (
            "number", "state", "business_day", "currency", "memo", "lines", "reverses", "approval",
            "voucher",
        )  # fmt: skip


class LineQuestion(StrictSerializer):
    """One side of a voucher to be."""

    account = CodeField(max_length=20)
    debit = MoneyField(required=False)
    credit = MoneyField(required=False)


class EntryQuestion(StrictSerializer):
    """A voucher to be."""

    business_day = DayField()
    memo = StrictCharField(max_length=200)
    currency = CodeField(max_length=3, required=False)
    lines = LineQuestion(many=True)


class ReverseQuestion(StrictSerializer):
    """Why an entry shall be reversed, and on which day."""

    business_day = DayField()
    reason = StrictCharField(max_length=200)


class ReasonQuestion(StrictSerializer):
    """Why, for which documents, and the asker's one-time code."""

    reason = StrictCharField(max_length=400)
    code = StrictCharField(required=False, allow_blank=True, max_length=16)
    documents = serializers.ListField(child=CodeField(max_length=64), required=False, max_length=50)


class FileAnswer(serializers.ModelSerializer[SettlementFile]):
    """One settlement file."""

    channel = serializers.CharField(source="channel.code")

    class Meta:
        model = SettlementFile
        fields = (
            "id", "number", "channel", "provider", "account_no", "file_name", "first_day",
            "last_day", "lines", "income", "expense", "stated", "imported_at", "reconciled_at",
        )  # fmt: skip


class UploadQuestion(StrictSerializer):
    """A statement as it came, with the channel it belongs to."""

    channel = CodeField(max_length=40)
    profile = WordField(choices=["alipay_merchant", "payment_records"], default="alipay_merchant")
    file = serializers.FileField()


class UploadAnswer(serializers.Serializer[Any]):
    """What became of an upload."""

    batch = serializers.CharField(source="number")
    state = serializers.CharField()
    known = serializers.BooleanField()
    rows_read = serializers.IntegerField()
    accepted = serializers.IntegerField()
    duplicate = serializers.IntegerField()
    rejected = serializers.IntegerField()
    totals = serializers.DictField(source="control_totals")
    reasons = serializers.DictField()


class RunQuestion(StrictSerializer):
    """Which channel and days to match."""

    channel = CodeField(max_length=40)
    first = DayField()
    last = DayField()


class RunAnswer(serializers.ModelSerializer[Reconciliation]):
    """One reconciliation."""

    channel = serializers.CharField(source="channel.code")

    class Meta:
        model = Reconciliation
        fields = (
            "id", "number", "channel", "first_day", "last_day", "statement_lines", "our_records",
            "matched", "posted", "found", "cleared", "open_breaks", "difference", "run_at",
        )  # fmt: skip


class BreakAnswer(serializers.ModelSerializer[Break]):
    """One break: source, order or reference, both amounts, age and owner."""

    channel = serializers.CharField(source="channel.code")
    difference = MoneyField(negative=True)
    age_days = serializers.IntegerField()
    owner = serializers.IntegerField(source="owner_person_id", allow_null=True)
    reference = serializers.CharField(source="subject")
    voucher = serializers.CharField(source="entry.voucher", default=None, allow_null=True)

    class Meta:
        model = Break
        fields = (
            "id", "channel", "type", "source", "reference", "order_no", "refund_no",
            "statement_amount", "our_amount", "difference", "statement_fee", "occurred_on",
            "age_days", "owner", "due_on", "state", "resolution", "resolution_no", "reason",
            "voucher",
        )  # fmt: skip


class AssignQuestion(StrictSerializer):
    """Who shall look after a break, and until when."""

    person = IdField()
    due_on = DayField(required=False)


class ResolveQuestion(StrictSerializer):
    """What a difference is; `with_breaks` are matched against this one."""

    code = CodeField(max_length=10)
    reason = StrictCharField(max_length=400, required=False, allow_blank=True)
    with_breaks = serializers.ListField(child=IdField(), required=False, max_length=200)


class PeriodAnswer(serializers.Serializer[Any]):
    """One month of the books."""

    month = serializers.CharField()
    ledger = serializers.CharField()
    stock = serializers.CharField(allow_null=True)
    close_state = serializers.CharField(allow_null=True)
    items = serializers.ListField(child=serializers.DictField())


@extend_schema_serializer(many=False)
class PeriodListAnswer(serializers.Serializer[Any]):
    """The months of the ledger, newest first."""

    results = PeriodAnswer(many=True)


class RequestAnswer(serializers.Serializer[Any]):
    """The request for approval that was handed in."""

    approval = serializers.IntegerField(source="id")
    number = serializers.CharField()
    state = serializers.CharField()
