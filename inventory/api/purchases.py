"""Suppliers and purchase orders over REST."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from inventory.api import questions as asked
from inventory.api.document_answers import (
    PurchaseAnswer,
    PurchaseDetailAnswer,
    PurchaseLineAnswer,
    SupplierAnswer,
)
from inventory.models import PurchaseOrder, Supplier
from inventory.policies import SEE_SUPPLIERS
from inventory.selectors import documents as selected
from inventory.services import purchasing, suppliers
from inventory.types import PurchaseWant
from ops.engines.http import filters
from ops.engines.http.api import ReadViewSet
from ops.engines.http.matching import etag, require_match
from ops.engines.http.serializers import StrictSerializer
from ops.engines.identity.choices import Role
from ops.engines.kernel.classified import DataClass
from ops.engines.kernel.policy import may

_VIEW = may("inventory", "V")
_BUY = may("inventory", "C", Role.PURCHASING_OFFICER)


class SupplierViewSet(ReadViewSet):
    """Suppliers."""

    policies = {
        "list": SEE_SUPPLIERS,
        "retrieve": SEE_SUPPLIERS,
        "create": _BUY,
        "suspend": _BUY,
        "resume": _BUY,
    }
    queryset = Supplier.objects.none()
    serializer_class = SupplierAnswer
    filters = {"code": filters.exact("code"), "state": filters.exact("state")}
    orderings = ("-id", "id", "code")

    def get_queryset(self) -> QuerySet[Any]:
        """Show the suppliers."""
        return selected.suppliers(actor=self.actor)

    @extend_schema(request=asked.SupplierQuestion, responses=SupplierAnswer)
    def create(self, request: Request) -> Response:
        """Make a supplier."""
        made = suppliers.create_supplier(
            **asked.read(asked.SupplierQuestion, request), actor=self.actor, at=timezone.now()
        )
        return Response(SupplierAnswer(self.get_queryset().get(pk=made)).data, status=201)

    @extend_schema(request=asked.ReasonQuestion, responses=SupplierAnswer)
    @action(detail=True, methods=["post"])
    def suspend(self, request: Request, pk: int) -> Response:
        """Order nothing more there."""
        suppliers.suspend_supplier(
            supplier_id=self.get_object().pk,
            **asked.read(asked.ReasonQuestion, request),
            actor=self.actor,
            at=timezone.now(),
        )
        return Response(SupplierAnswer(self.get_object()).data)

    @extend_schema(request=asked.ReasonQuestion, responses=SupplierAnswer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: int) -> Response:
        """Order there again."""
        suppliers.resume_supplier(
            supplier_id=self.get_object().pk,
            **asked.read(asked.ReasonQuestion, request),
            actor=self.actor,
            at=timezone.now(),
        )
        return Response(SupplierAnswer(self.get_object()).data)


class PurchaseViewSet(ReadViewSet):
    """Purchase orders for the caller's warehouses."""

    classified = {"total": DataClass.COST, "amount": DataClass.COST}
    policies = {
        "list": _VIEW,
        "retrieve": _VIEW,
        "create": _BUY,
        "partial_update": _BUY,
        "submit": _BUY,
        "send": _BUY,
        "close": _BUY,
        "cancel": _BUY,
    }
    queryset = PurchaseOrder.objects.none()
    serializer_class = PurchaseAnswer
    filters = {
        "number": filters.exact("number"),
        "state": filters.exact("state"),
        "supplier": filters.exact("supplier__code"),
        "warehouse": filters.exact("warehouse__code"),
    }
    orderings = ("-id", "id")

    def get_queryset(self) -> QuerySet[Any]:
        """Show the orders of the caller's warehouses."""
        return selected.purchases(actor=self.actor)

    @extend_schema(responses=PurchaseDetailAnswer)
    def retrieve(self, request: Request, pk: int) -> Response:
        """Show an order with its lines."""
        return self._shown(self.get_object().pk)

    @extend_schema(request=asked.PurchaseQuestion, responses=PurchaseDetailAnswer)
    def create(self, request: Request) -> Response:
        """Draft an order."""
        said = asked.read(asked.PurchaseQuestion, request)
        made = purchasing.draft_purchase(
            supplier_id=selected.supplier_id(code=said["supplier"]),
            warehouse_id=selected.warehouse_id(code=said["warehouse"]),
            lines=_wants(said["lines"]),
            expected_on=said.get("expected_on"),
            note=said["note"],
            actor=self.actor,
            at=timezone.now(),
        )
        return self._shown(made.id, status=201)

    @extend_schema(request=asked.PurchaseEditQuestion, responses=PurchaseDetailAnswer)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Change a draft; given lines replace all. Needs If-Match with the ETag that was read."""
        said = asked.read(asked.PurchaseEditQuestion, request)
        if "lines" in said:
            said["lines"] = _wants(said["lines"])
        with transaction.atomic():
            rows = self.get_queryset().select_for_update(of=("self",), no_key=True)
            purchase = get_object_or_404(rows, pk=pk)
            require_match(request, _version(purchase))
            purchasing.edit_purchase(
                purchase_id=purchase.pk, **said, actor=self.actor, at=timezone.now()
            )
        return self._shown(int(pk))

    @extend_schema(request=asked.NothingQuestion, responses=PurchaseDetailAnswer)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: int) -> Response:
        """Hand in for approval."""
        return self._step(request, purchasing.submit_purchase)

    @extend_schema(request=asked.NothingQuestion, responses=PurchaseDetailAnswer)
    @action(detail=True, methods=["post"])
    def send(self, request: Request, pk: int) -> Response:
        """Record that it went to the supplier."""
        return self._step(request, purchasing.send_purchase)

    @extend_schema(request=asked.ReasonQuestion, responses=PurchaseDetailAnswer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: int) -> Response:
        """Expect nothing more."""
        return self._step(request, purchasing.close_purchase, asked.ReasonQuestion)

    @extend_schema(request=asked.ReasonQuestion, responses=PurchaseDetailAnswer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: int) -> Response:
        """Give up what was not sent."""
        return self._step(request, purchasing.cancel_purchase, asked.ReasonQuestion)

    def _step(
        self,
        request: Request,
        step: Callable[..., Any],
        question: type[StrictSerializer] = asked.NothingQuestion,
    ) -> Response:
        said = asked.read(question, request)
        step(purchase_id=self.get_object().pk, **said, actor=self.actor, at=timezone.now())
        return self._shown(self.get_object().pk)

    def _shown(self, pk: int, status: int = 200) -> Response:
        row = self.get_queryset().get(pk=pk)
        lines = row.lines.select_related("sku").order_by("line_no")
        answer = dict(PurchaseAnswer(row).data)
        shown = {**answer, "lines": PurchaseLineAnswer(lines, many=True).data}
        return Response(shown, status, headers={"ETag": _version(row)})


def _version(row: PurchaseOrder) -> str:
    lines = row.lines.order_by("line_no").values_list(
        "sku_id", "quantity", "unit_cost", "plan_ref", "reason"
    )
    return etag(row.pk, row.state, row.note, row.expected_on, [list(line) for line in lines])


def _wants(lines: Sequence[dict[str, Any]]) -> list[PurchaseWant]:
    ids = selected.sku_ids(wanted={line["sku"] for line in lines})
    return [
        PurchaseWant(
            sku_id=ids[line["sku"]],
            quantity=line["quantity"],
            unit_cost=line["unit_cost"],
            plan_ref=line["plan_ref"],
            reason=line["reason"],
        )
        for line in lines
    ]
