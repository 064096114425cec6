"""Vouchers, accounts and months over REST."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from finance import errors
from finance.api import answers
from finance.api.answers import read
from finance.models import Account, JournalEntry, ManualEntry
from finance.selectors import closing as closes
from finance.services import closing, manual
from finance.types import ZERO, LineDraft
from ops.engines.http import filters
from ops.engines.http.api import PolicyViewSet, ReadViewSet
from ops.engines.http.serializers import require_nothing
from ops.engines.kernel.policy import everywhere, may
from ops.engines.periods import selectors as periods

_VIEW, _ENTER, _CLOSE = everywhere("finance", "V"), may("finance", "C"), may("finance", "M")
_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])", re.ASCII)


class EntryViewSet(ReadViewSet):
    """Vouchers by number; entries by hand are drafted here and posted by approval.

    A draft has a number of its own (MJ-...): `/{number}/post` hands it in.
    """

    policies = {
        "list": _VIEW,
        "retrieve": _VIEW,
        "create": _ENTER,
        "post_draft": _ENTER,
        "reverse": _ENTER,
    }
    queryset = JournalEntry.objects.none()
    serializer_class = answers.EntryAnswer
    lookup_field = "voucher"
    lookup_value_regex = "[A-Z]{2}-[0-9]{6}-[0-9]{4,12}"
    filters = {
        "voucher": filters.exact("voucher"),
        "business_day": filters.day("business_day"),
        "from": filters.day("business_day__gte"),
        "to": filters.day("business_day__lte"),
        "kind": filters.exact("kind"),
        "source_type": filters.exact("source_type"),
        "source_id": filters.exact("source_id"),
        "account": filters.exact("lines__account_id"),
    }
    orderings = ("-id", "id")

    def get_queryset(self) -> QuerySet[Any]:
        """Show every voucher: the ledger belongs to the whole house."""
        rows = JournalEntry.objects.select_related("reverses").prefetch_related("lines")
        return rows.distinct() if "account" in self.request.query_params else rows

    @extend_schema(request=answers.EntryQuestion, responses={201: answers.DraftAnswer})
    def create(self, request: Request) -> Response:
        """Draft an entry by hand."""
        said = read(answers.EntryQuestion, request)
        made = manual.draft(
            business_day=said["business_day"],
            memo=said["memo"],
            currency=said.get("currency", "CNY"),
            lines=[
                LineDraft(line["account"], line.get("debit", ZERO), line.get("credit", ZERO))
                for line in said["lines"]
            ],
            actor=self.actor,
            at=timezone.now(),
        )
        return _draft(made.id, status=201)

    @extend_schema(request=None, responses={202: answers.DraftAnswer})
    @action(detail=True, methods=["post"], url_path="post")
    def post_draft(self, request: Request, voucher: str) -> Response:
        """Hand a drafted entry in; it is posted once the finance manager approves."""
        require_nothing(request)
        row = ManualEntry.objects.filter(number=voucher).first()
        if row is None:
            raise errors.DraftMissing("finance.draft_missing", _("There is no such manual entry."))
        return _draft(
            manual.submit(draft_id=row.pk, actor=self.actor, at=timezone.now()).id, status=202
        )

    @extend_schema(request=answers.ReverseQuestion, responses={202: answers.DraftAnswer})
    @action(detail=True, methods=["post"])
    def reverse(self, request: Request, voucher: str) -> Response:
        """Ask for the reversal of a voucher; it is posted once the finance manager approves."""
        said = read(answers.ReverseQuestion, request)
        entry = JournalEntry.objects.filter(voucher=voucher).first()
        if entry is None:
            raise errors.EntryMissing("finance.entry_missing", _("There is no such entry."))
        at = timezone.now()
        made = manual.draft_reversal(entry_id=entry.pk, actor=self.actor, at=at, **said)
        return _draft(manual.submit(draft_id=made.id, actor=self.actor, at=at).id, status=202)


class AccountViewSet(ReadViewSet):
    """The chart of accounts."""

    policies = {"list": _VIEW, "retrieve": _VIEW}
    queryset = Account.objects.none()
    serializer_class = answers.AccountAnswer
    lookup_value_regex = "[0-9.]{4,20}"
    filters = {"kind": filters.exact("kind"), "is_postable": filters.flag("is_postable")}
    orderings = ("pk", "-pk")

    def get_queryset(self) -> QuerySet[Any]:
        """Show all accounts."""
        return Account.objects.all()


class PeriodViewSet(PolicyViewSet):
    """Months of the books: closed by their list, opened again by two approvals."""

    policies = {"list": _VIEW, "retrieve": _VIEW, "close": _CLOSE, "reopen": _ENTER}
    queryset = ManualEntry.objects.none()
    serializer_class = answers.PeriodAnswer
    pagination_class = None
    filter_backends = ()
    lookup_field = "month"
    lookup_value_regex = "[0-9]{4}-[0-9]{2}"

    @extend_schema(responses=answers.PeriodListAnswer)
    def list(self, request: Request) -> Response:
        """List the months of the ledger, newest first."""
        months = [month.first for month in periods.months(module="ledger")]
        return Response({"results": [_period(month) for month in reversed(months)]})

    @extend_schema(responses=answers.PeriodAnswer)
    def retrieve(self, request: Request, month: str) -> Response:
        """Show one month with its close list as it was last looked at."""
        return Response(_period(_read_month(month)))

    @extend_schema(request=None, responses=answers.PeriodAnswer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, month: str) -> Response:
        """Close the stock month and the ledger month; refused while the list is open."""
        require_nothing(request)
        first = _read_month(month)
        closing.close_month(month=first, actor=self.actor, at=timezone.now())
        return Response(_period(first))

    @extend_schema(request=answers.ReasonQuestion, responses={202: answers.RequestAnswer})
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, month: str) -> Response:
        """Ask finance manager and operations director to open a closed month again."""
        said = read(answers.ReasonQuestion, request)
        made = closing.ask_to_reopen(
            month=_read_month(month),
            reason=said["reason"],
            documents=said.get("documents", ()),
            code=said.get("code", ""),
            actor=self.actor,
            at=timezone.now(),
        )
        return Response(answers.RequestAnswer(made).data, status=202)


def _draft(draft_id: int, *, status: int) -> Response:
    row = ManualEntry.objects.select_related("entry", "reverses").get(pk=draft_id)
    return Response(answers.DraftAnswer(row).data, status=status)


def _read_month(text: str) -> dt.date:
    match = _MONTH.fullmatch(text)
    if match is None:
        raise errors.MonthMissing("finance.month_missing", _("There is no such month."))
    return dt.date(int(match[1]), int(match[2]), 1)


def _period(month: dt.date) -> dict[str, Any]:
    ledger = periods.state_on(module="ledger", day=month)
    if ledger is None:
        raise errors.MonthMissing("finance.month_missing", _("There is no such month."))
    close = closes.close_of(month=month)
    return {
        "month": f"{month:%Y-%m}",
        "ledger": ledger,
        "stock": periods.state_on(module="stock", day=month),
        "close_state": close.state if close else None,
        "items": [
            {"key": item.key, "state": item.state, "words": item.words, "figures": item.figures}
            for item in (close.items if close else ())
        ],
    }
