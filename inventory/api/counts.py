"""Stock counts over REST; no answer about a sheet holds what the book says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from inventory.api import questions as asked
from inventory.api.document_answers import (
    BlindLineAnswer,
    CountAnswer,
    EnteredAnswer,
    ExplainedAnswer,
    RecountedAnswer,
    SheetAnswer,
    SignedAnswer,
    VarianceAnswer,
)
from inventory.choices import CountState
from inventory.errors import NotReady
from inventory.models import StockCount
from inventory.selectors import documents as selected
from inventory.services import counting, counts, variances
from inventory.types import CountEntry, Explanation
from ops.engines.http import filters
from ops.engines.http.api import ReadViewSet
from ops.engines.http.serializers import StrictSerializer
from ops.engines.identity.choices import Role
from ops.engines.kernel import parse
from ops.engines.kernel.classified import DataClass
from ops.engines.kernel.errors import BadInput
from ops.engines.kernel.policy import may

_VIEW = may("inventory", "V")
_WORK = may("inventory", "C", Role.WAREHOUSE_KEEPER, Role.FINANCE_OFFICER)
_COUNT = may("inventory", "C", Role.WAREHOUSE_KEEPER)
_KNOWN = (CountState.REVIEW, CountState.SUBMITTED, CountState.APPROVED, CountState.POSTED)


class CountViewSet(ReadViewSet):
    """Stock counts of the caller's warehouses."""

    classified = {
        "value": DataClass.COST,
        "book_value": DataClass.COST,
        "gain": DataClass.COST,
        "loss": DataClass.COST,
        "net": DataClass.COST,
        "gross": DataClass.COST,
    }
    policies = {
        "list": _VIEW,
        "retrieve": _VIEW,
        "create": _WORK,
        "start": _WORK,
        "sheets": _VIEW,
        "sheet_lines": _COUNT,
        "enter_lines": _COUNT,
        "sign": _WORK,
        "close": _WORK,
        "recount": _COUNT,
        "variance_report": _VIEW,
        "explain": _WORK,
        "submit": _WORK,
        "cancel": _WORK,
    }
    query_params = {"sheet_lines": frozenset({"after"})}
    queryset = StockCount.objects.none()
    serializer_class = CountAnswer
    filters = {
        "number": filters.exact("number"),
        "state": filters.exact("state"),
        "kind": filters.exact("kind"),
        "warehouse": filters.exact("warehouse__code"),
    }
    orderings = ("-id", "id")

    def get_queryset(self) -> QuerySet[Any]:
        """Show the counts of the caller's warehouses."""
        return selected.stock_counts(actor=self.actor)

    @extend_schema(request=asked.CountQuestion, responses=CountAnswer)
    def create(self, request: Request) -> Response:
        """Open a count of a warehouse or of some places."""
        said = asked.read(asked.CountQuestion, request)
        warehouse = selected.warehouse_id(code=said["warehouse"])
        places = said.get("locations")
        made = counts.open_count(
            warehouse_id=warehouse,
            kind=said["kind"],
            period=said.get("period", ""),
            location_ids=None
            if places is None
            else [selected.location_id(warehouse=warehouse, code=code) for code in places],
            actor=self.actor,
            at=timezone.now(),
        )
        return Response(CountAnswer(self.get_queryset().get(pk=made.id)).data, status=201)

    @extend_schema(request=asked.NothingQuestion, responses=CountAnswer)
    @action(detail=True, methods=["post"])
    def start(self, request: Request, pk: int) -> Response:
        """Freeze the book."""
        return self._step(request, counts.start_count)

    @extend_schema(responses=SheetAnswer(many=True))
    @action(detail=True, pagination_class=None, filter_backends=())
    def sheets(self, request: Request, pk: int) -> Response:
        """Show the sheets and how far they are."""
        return Response(SheetAnswer(selected.sheets(count=self.get_object()), many=True).data)

    @extend_schema(
        parameters=[OpenApiParameter("after", int)], responses=BlindLineAnswer(many=True)
    )
    @action(
        detail=True,
        url_path=r"sheets/(?P<sheet>[1-9][0-9]{0,8})/lines",
        pagination_class=None,
        filter_backends=(),
    )
    def sheet_lines(self, request: Request, pk: int, sheet: str) -> Response:
        """Show the next 500 lines of a sheet, blind."""
        after = parse.quantity(request.query_params.get("after", "0"))
        rows = selected.blind_lines(count_id=self.get_object().pk, sheet_no=int(sheet), after=after)
        return Response(BlindLineAnswer(rows, many=True).data)

    @extend_schema(request=asked.EntriesQuestion, responses=EnteredAnswer)
    @sheet_lines.mapping.post
    def enter_lines(self, request: Request, pk: int, sheet: str) -> Response:
        """Write what lies at the place of a sheet."""
        count = self.get_object()
        said = asked.read(asked.EntriesQuestion, request)
        lines = said.get("lines", [])
        ids = selected.sku_ids(wanted={one["sku"] for one in lines})
        written = emptied = 0
        if lines:
            written = counting.enter(
                count_id=count.pk,
                sheet_no=int(sheet),
                entries=[_entry(one, ids[one["sku"]]) for one in lines],
                actor=self.actor,
                at=timezone.now(),
            ).written
        if said["empty"]:
            emptied = counting.mark_empty(
                count_id=count.pk, sheet_no=int(sheet), actor=self.actor, at=timezone.now()
            )
        if not lines and not said["empty"]:
            raise BadInput("input.required", _("Send lines, or say that the place is empty."))
        return Response({"written": written, "emptied": emptied})

    @extend_schema(request=asked.NothingQuestion, responses=SignedAnswer)
    @action(detail=True, methods=["post"], url_path=r"sheets/(?P<sheet>all|[1-9][0-9]{0,8})/sign")
    def sign(self, request: Request, pk: int, sheet: str) -> Response:
        """Sign one sheet, or all of them, as keeper or as finance."""
        asked.read(asked.NothingQuestion, request)
        signed = counts.sign_sheets(
            count_id=self.get_object().pk,
            sheet_nos=None if sheet == "all" else [int(sheet)],
            actor=self.actor,
            at=timezone.now(),
        )
        return Response({"signed": signed})

    @extend_schema(request=asked.NothingQuestion, responses=CountAnswer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: int) -> Response:
        """End the first count and work the differences out."""
        return self._step(request, counts.close_counting)

    @extend_schema(request=asked.RecountQuestion, responses=RecountedAnswer)
    @action(detail=True, methods=["post"])
    def recount(self, request: Request, pk: int) -> Response:
        """Count lines again, as another person."""
        said = asked.read(asked.RecountQuestion, request)["lines"]
        done = counting.recount(
            count_id=self.get_object().pk,
            quantities={one["line"]: one["quantity"] for one in said},
            actor=self.actor,
            at=timezone.now(),
        )
        return Response({"recounted": done})

    @extend_schema(responses=VarianceAnswer(many=True))
    @action(detail=True, url_path="variance-report", pagination_class=None, filter_backends=())
    def variance_report(self, request: Request, pk: int) -> Response:
        """Show the lines that differ, once counting is closed."""
        count = self.get_object()
        if count.state not in _KNOWN:
            raise NotReady("inventory.count_still_blind", _("The count is not closed yet."))
        return Response(VarianceAnswer(selected.variances(count=count), many=True).data)

    @extend_schema(request=asked.ExplanationsQuestion, responses=ExplainedAnswer)
    @variance_report.mapping.post
    def explain(self, request: Request, pk: int) -> Response:
        """Say why lines differ, who answers for it and what is proposed."""
        said = asked.read(asked.ExplanationsQuestion, request)["lines"]
        done = variances.explain(
            count_id=self.get_object().pk,
            explanations=[Explanation(line_id=one.pop("line"), **one) for one in said],
            actor=self.actor,
            at=timezone.now(),
        )
        return Response({"explained": done})

    @extend_schema(request=asked.NothingQuestion, responses=CountAnswer)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: int) -> Response:
        """Hand the variance report in."""
        return self._step(request, variances.submit_count)

    @extend_schema(request=asked.ReasonQuestion, responses=CountAnswer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: int) -> Response:
        """Give the count up."""
        return self._step(request, counts.cancel_count, asked.ReasonQuestion)

    def _step(
        self,
        request: Request,
        step: Callable[..., Any],
        question: type[StrictSerializer] = asked.NothingQuestion,
    ) -> Response:
        said = asked.read(question, request)
        step(count_id=self.get_object().pk, **said, actor=self.actor, at=timezone.now())
        return Response(CountAnswer(self.get_object()).data)


def _entry(one: dict[str, Any], sku_id: int) -> CountEntry:
    lot = selected.lot_id(sku=sku_id, code=one["lot"]) if "lot" in one else None
    return CountEntry(sku_id=sku_id, quantity=one["quantity"], lot_id=lot)
