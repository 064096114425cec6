"""Returns over REST: asked for, accepted or refused, refunded."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from customers.api.answers import ReturnAnswer, ReturnDetailAnswer, ReturnLineAnswer
from customers.api.questions import (
    NothingQuestion,
    ReasonQuestion,
    ReturnQuestion,
    return_wants,
)
from customers.models import Return
from customers.selectors import book
from customers.services import returns
from customers.services.steps import missing
from ops.engines.http import filters
from ops.engines.http.api import ReadViewSet
from ops.engines.kernel.policy import may

_READ, _DECIDE = may("customers", "V"), may("customers", "P")


class AfterSalesViewSet(ReadViewSet):
    """Returns of the caller's channels."""

    policies = {
        "list": _READ,
        "retrieve": _READ,
        "create": may("customers", "C"),
        "accept": _DECIDE,
        "refuse": _DECIDE,
        "refund": _DECIDE,
    }
    queryset = Return.objects.none()
    serializer_class = ReturnAnswer
    filters = {
        "channel": filters.exact("channel__code"),
        "order": filters.exact("order__number"),
        "external_no": filters.exact("external_no"),
        "state": filters.exact("state"),
        "day_from": filters.day("business_day__gte"),
        "day_to": filters.day("business_day__lte"),
    }
    orderings = ("-id", "id")

    def get_queryset(self) -> QuerySet[Any]:
        """Show the returns of the caller's channels."""
        return book.returns(actor=self.actor)

    @extend_schema(responses=ReturnDetailAnswer)
    def retrieve(self, request: Request, pk: int) -> Response:
        """Show a return with its lines."""
        return Response(self._detail(int(pk)))

    @extend_schema(request=ReturnQuestion, responses={201: ReturnDetailAnswer})
    def create(self, request: Request) -> Response:
        """Note that a buyer wants to send goods back."""
        question = ReturnQuestion(data=request.data)
        question.is_valid(raise_exception=True)
        told = question.validated_data
        order = book.orders(actor=self.actor).filter(number=told["order"]).first()
        if order is None:
            raise missing()
        made = returns.request_return(
            order_id=order.pk,
            lines=return_wants(told),
            reason=told["reason"],
            external_no=told.get("external_no", ""),
            keeps_gifts=told.get("keeps_gifts", False),
            refunds_shipping=told.get("refunds_shipping", False),
            actor=self.actor,
            at=timezone.now(),
        )
        place = reverse("after-sale-detail", kwargs={"pk": made.id})
        return Response(self._detail(made.id), status=201, headers={"Location": place})

    @extend_schema(request=NothingQuestion, responses=ReturnDetailAnswer)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: int) -> Response:
        """Take the goods in and owe the buyer the money."""
        NothingQuestion(data=request.data).is_valid(raise_exception=True)
        done = returns.accept_return(
            return_id=self.get_object().pk, actor=self.actor, at=timezone.now()
        )
        return Response(self._detail(done.id))

    @extend_schema(request=ReasonQuestion, responses=ReturnDetailAnswer)
    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, pk: int) -> Response:
        """Refuse with a reason."""
        question = ReasonQuestion(data=request.data)
        question.is_valid(raise_exception=True)
        done = returns.refuse_return(
            return_id=self.get_object().pk,
            **question.validated_data,
            actor=self.actor,
            at=timezone.now(),
        )
        return Response(self._detail(done.id))

    @extend_schema(request=NothingQuestion, responses=ReturnDetailAnswer)
    @action(detail=True, methods=["post"])
    def refund(self, request: Request, pk: int) -> Response:
        """Note that the buyer has the money back."""
        NothingQuestion(data=request.data).is_valid(raise_exception=True)
        done = returns.note_refund(
            return_id=self.get_object().pk, actor=self.actor, at=timezone.now()
        )
        return Response(self._detail(done.id))

    def _detail(self, pk: int) -> dict[str, Any]:
        row = self.get_queryset().get(pk=pk) if self.action == "create" else self.get_object()
        lines = row.lines.select_related("sku").order_by("line_no")
        return {**ReturnAnswer(row).data, "lines": ReturnLineAnswer(lines, many=True).data}
