"""Receipts and discrepancy reports over REST; the note stays hidden while goods are counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.selectors import codes
from inventory.api import questions as asked
from inventory.api.document_answers import (
    BlindReceiptLineAnswer,
    CartonAnswer,
    DiscrepancyAnswer,
    ReceiptAnswer,
    ReceiptDetailAnswer,
    ReceiptLineAnswer,
)
from inventory.models import Receipt, ReceiptDiscrepancy
from inventory.selectors import documents as selected
from inventory.selectors import lots
from inventory.services import discrepancies, findings, receiving
from inventory.types import FoundLine, FoundLot, NotedLine
from ops.engines.http import filters
from ops.engines.http.api import ReadViewSet
from ops.engines.http.serializers import StrictSerializer
from ops.engines.identity.choices import Role
from ops.engines.kernel.classified import DataClass
from ops.engines.kernel.parse import business_day
from ops.engines.kernel.policy import may

_VIEW = may("inventory", "V")
_OPEN = may("inventory", "C", Role.WAREHOUSE_KEEPER, Role.PURCHASING_OFFICER)
_COUNT = may("inventory", "C", Role.WAREHOUSE_KEEPER)
_POST = may("inventory", "P", Role.WAREHOUSE_KEEPER)


class ReceiptViewSet(ReadViewSet):
    """Receipts of the caller's warehouses."""

    policies = {
        "list": _VIEW,
        "retrieve": _VIEW,
        "create": _OPEN,
        "lines": _COUNT,
        "carton": _COUNT,
        "quality_paper": _COUNT,
        "finish": _COUNT,
        "count_again": _COUNT,
        "post_goods": _POST,
    }
    queryset = Receipt.objects.none()
    serializer_class = ReceiptAnswer
    filters = {
        "number": filters.exact("number"),
        "state": filters.exact("state"),
        "warehouse": filters.exact("warehouse__code"),
        "purchase_order": filters.exact("purchase__number"),
    }
    orderings = ("-id", "id")

    def get_queryset(self) -> QuerySet[Any]:
        """Show the receipts of the caller's warehouses."""
        return selected.receipts(actor=self.actor)

    @extend_schema(responses=ReceiptDetailAnswer)
    def retrieve(self, request: Request, pk: int) -> Response:
        """Show a receipt with its lines; ordered and noted figures only once it is counted."""
        return self._shown(self.get_object().pk)

    @extend_schema(request=asked.ReceiptQuestion, responses=ReceiptDetailAnswer)
    def create(self, request: Request) -> Response:
        """Open the receipt of a delivery."""
        said = asked.read(asked.ReceiptQuestion, request)
        noted = said.get("lines")
        ids = selected.sku_ids(wanted={line["sku"] for line in noted or ()})
        made = receiving.open_receipt(
            purchase_id=said["purchase_order"],
            delivery_note=said["delivery_note"],
            noted=None
            if noted is None
            else [NotedLine(sku_id=ids[one["sku"]], quantity=one["quantity"]) for one in noted],
            actor=self.actor,
            at=timezone.now(),
        )
        return self._shown(made.id, status=201)

    @extend_schema(request=asked.FoundListQuestion, responses=ReceiptDetailAnswer)
    @action(detail=True, methods=["post"])
    def lines(self, request: Request, pk: int) -> Response:
        """Write what was found."""
        receipt = self.get_object()
        said = asked.read(asked.FoundListQuestion, request)["lines"]
        ids = selected.sku_ids(wanted={one["sku"] for one in said})
        findings.record_found(
            receipt_id=receipt.pk,
            lines=[_found(one, ids[one["sku"]], receipt.warehouse_id) for one in said],
            actor=self.actor,
            at=timezone.now(),
        )
        return self._shown(receipt.pk)

    @extend_schema(request=asked.CartonQuestion, responses=CartonAnswer)
    @action(detail=True, methods=["post"])
    def carton(self, request: Request, pk: int) -> Response:
        """Read a carton code; nothing is written."""
        self.get_object()
        said = asked.read(asked.CartonQuestion, request)
        found = lots.scanned(code=said["carton"], today=business_day(timezone.now()))
        code, _name = codes.sku_names(sku_ids={found.sku_id})[found.sku_id]
        return Response(CartonAnswer({**asdict(found), "sku": code}).data)

    @extend_schema(request=asked.PaperQuestion, responses=ReceiptDetailAnswer)
    @action(detail=True, methods=["post"], url_path="quality-paper")
    def quality_paper(self, request: Request, pk: int) -> Response:
        """Write down the quality certificate."""
        return self._step(request, receiving.note_quality_paper, asked.PaperQuestion)

    @extend_schema(request=asked.NothingQuestion, responses=ReceiptDetailAnswer)
    @action(detail=True, methods=["post"])
    def finish(self, request: Request, pk: int) -> Response:
        """End the count and compare with the note."""
        return self._step(request, receiving.finish_count)

    @extend_schema(request=asked.ReasonQuestion, responses=ReceiptDetailAnswer)
    @action(detail=True, methods=["post"], url_path="count-again")
    def count_again(self, request: Request, pk: int) -> Response:
        """Open a finished count again."""
        return self._step(request, receiving.count_again, asked.ReasonQuestion)

    @extend_schema(request=asked.NothingQuestion, responses=ReceiptDetailAnswer)
    @action(detail=True, methods=["post"], url_path="post")
    def post_goods(self, request: Request, pk: int) -> Response:
        """Post what matches its note."""
        return self._step(request, receiving.post_receipt)

    def _step(
        self,
        request: Request,
        step: Callable[..., Any],
        question: type[StrictSerializer] = asked.NothingQuestion,
    ) -> Response:
        said = asked.read(question, request)
        step(receipt_id=self.get_object().pk, **said, actor=self.actor, at=timezone.now())
        return self._shown(self.get_object().pk)

    def _shown(self, pk: int, status: int = 200) -> Response:
        row = self.get_queryset().get(pk=pk)
        kind = BlindReceiptLineAnswer if selected.is_blind(row) else ReceiptLineAnswer
        lines = row.lines.select_related("sku", "lot").order_by("line_no")
        answer = dict(ReceiptAnswer(row).data)
        return Response({**answer, "lines": kind(lines, many=True).data}, status)


class DiscrepancyViewSet(ReadViewSet):
    """Reports on goods that differ from their note."""

    classified = {"value": DataClass.COST}
    policies = {"list": _VIEW, "retrieve": _VIEW, "create": _COUNT}
    queryset = ReceiptDiscrepancy.objects.none()
    serializer_class = DiscrepancyAnswer
    filters = {
        "number": filters.exact("number"),
        "state": filters.exact("state"),
        "receipt": filters.exact("receipt__number"),
    }
    orderings = ("-id", "id")

    def get_queryset(self) -> QuerySet[Any]:
        """Show the reports of the caller's warehouses."""
        return selected.discrepancies(actor=self.actor)

    @extend_schema(request=asked.DiscrepancyQuestion, responses=DiscrepancyAnswer)
    def create(self, request: Request) -> Response:
        """Report every line of a receipt that differs."""
        said = asked.read(asked.DiscrepancyQuestion, request)
        made = discrepancies.report_discrepancy(
            receipt_id=said.pop("receipt"), **said, actor=self.actor, at=timezone.now()
        )
        return Response(DiscrepancyAnswer(self.get_queryset().get(pk=made.id)).data, status=201)


def _found(one: dict[str, Any], sku_id: int, warehouse_id: int) -> FoundLine:
    return FoundLine(
        sku_id=sku_id,
        counted=one["counted"],
        good=one.get("good"),
        is_as_named=one["is_as_named"],
        finding=one["finding"],
        lot=FoundLot(code=one["lot"], made_on=one.get("made_on"), expires_on=one.get("expires_on"))
        if "lot" in one
        else None,
        location_id=(
            selected.location_id(warehouse=warehouse_id, code=one["location"])
            if "location" in one
            else None
        ),
    )
