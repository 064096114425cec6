"""The order book over REST."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from customers import errors
from customers.api import answers
from customers.api.answers import (
    BulkAnswer,
    MergeAnswer,
    OrderAnswer,
    OrderDetailAnswer,
    OutcomeAnswer,
    TimelineAnswer,
)
from customers.api.questions import (
    BulkQuestion,
    ChannelOrderQuestion,
    MergeQuestion,
    MoveQuestion,
    NoteQuestion,
    NothingQuestion,
    OrderQuestion,
    PaymentQuestion,
    ReasonQuestion,
    SplitQuestion,
    order_draft,
)
from customers.models import Order, OrderPart
from customers.selectors import book
from customers.selectors.rows import notes_of
from customers.services import (
    merging,
    moving,
    notes,
    orders,
    placing,
    splitting,
    steps,
    texts,
)
from customers.types import MergeInfo, OrderDraft, StepReport, Verdict
from inventory.selectors import places
from ops.engines.http import filters
from ops.engines.http.api import ReadViewSet
from ops.engines.http.errors import describe
from ops.engines.kernel.policy import may

_READ, _WORK = may("customers", "V"), may("customers", "C")


class OrderViewSet(ReadViewSet):
    """Orders of the caller's channels, by number."""

    policies = {
        "list": _READ,
        "retrieve": _READ,
        "timeline": _READ,
        "create": _WORK,
        "bulk": _WORK,
        "confirm": _WORK,
        "hold": _WORK,
        "pay": _WORK,
        "release": _WORK,
        "cancel": _WORK,
        "move": _WORK,
        "split": _WORK,
        "merge": _WORK,
        "unmerge": _WORK,
        "note": _WORK,
    }
    queryset = Order.objects.none()
    serializer_class = OrderAnswer
    lookup_field = "number"
    lookup_value_regex = "[A-Za-z0-9-]{1,32}"
    max_body = 8 * 1024 * 1024
    filters = {
        "number": filters.exact("number"),
        "channel": filters.exact("channel__code"),
        "external_no": filters.exact("external_no"),
        "state": filters.exact("state"),
        "hold_reason": filters.exact("hold_reason"),
        "customer": filters.number("customer_id"),
        "placed_from": filters.moment("placed_at__gte"),
        "placed_before": filters.moment("placed_at__lt"),
        "day_from": filters.day("business_day__gte"),
        "day_to": filters.day("business_day__lte"),
    }
    orderings = ("-id", "id")

    def get_queryset(self) -> QuerySet[Any]:
        """Show the orders of the caller's channels."""
        return book.orders(actor=self.actor)

    @extend_schema(responses=OrderDetailAnswer)
    def retrieve(self, request: Request, number: str) -> Response:
        """Show an order with its lines and its masked recipient."""
        return Response(self._detail(self._order()))

    @extend_schema(request=ChannelOrderQuestion, responses={201: OutcomeAnswer, 200: OutcomeAnswer})
    def create(self, request: Request) -> Response:
        """Take one order: 201 when it is in, 200 when it was in already, 422 when it cannot be."""
        told = _read(ChannelOrderQuestion, request.data)
        done = placing.place_order(
            order_draft(told), channel=told["channel"], actor=self.actor, at=timezone.now()
        )
        place = reverse("order-detail", kwargs={"number": done.number})
        is_new = done.verdict is not Verdict.DUPLICATE
        return Response(
            answers.outcome(done), status=201 if is_new else 200, headers={"Location": place}
        )

    @extend_schema(request=BulkQuestion, responses=BulkAnswer)
    @action(detail=False, methods=["post"])
    def bulk(self, request: Request) -> Response:
        """Take at most a thousand orders of one channel; each has its own result."""
        told = _read(BulkQuestion, request.data)
        results: list[dict[str, Any]] = []
        drafts: dict[int, OrderDraft] = {}
        for place, given in enumerate(told["orders"]):
            try:
                drafts[place] = order_draft(_read(OrderQuestion, given))
            except ValidationError as refusal:
                results.append(_unreadable(given, refusal))
            else:
                results.append({})
        done = placing.place_orders(
            list(drafts.values()), channel=told["channel"], actor=self.actor, at=timezone.now()
        )
        for place, one in zip(drafts, done, strict=True):
            results[place] = answers.outcome(one)
        return Response({"results": results})

    @extend_schema(request=NothingQuestion, responses=OrderDetailAnswer)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, number: str) -> Response:
        """Confirm a paid or held order: goods are held for it."""
        _read(NothingQuestion, request.data)
        return self._step(
            lambda order: orders.confirm(order_ids=[order.pk], actor=self.actor, at=timezone.now())
        )

    @extend_schema(request=PaymentQuestion, responses=OrderDetailAnswer)
    @action(detail=True, methods=["post"])
    def pay(self, request: Request, number: str) -> Response:
        """Note that the order was paid; it is confirmed when its goods are there."""
        told = _read(PaymentQuestion, request.data)
        orders.note_payment(order_id=self._order().pk, **told, actor=self.actor, at=timezone.now())
        return Response(self._detail(self._order()))

    @extend_schema(request=ReasonQuestion, responses=OrderDetailAnswer)
    @action(detail=True, methods=["post"])
    def hold(self, request: Request, number: str) -> Response:
        """Stop an order before it ships."""
        told = _read(ReasonQuestion, request.data)
        return self._step(
            lambda order: orders.hold(
                order_ids=[order.pk], **told, actor=self.actor, at=timezone.now()
            )
        )

    @extend_schema(request=NothingQuestion, responses=OrderDetailAnswer)
    @action(detail=True, methods=["post"])
    def release(self, request: Request, number: str) -> Response:
        """Lift the hold."""
        _read(NothingQuestion, request.data)
        return self._step(
            lambda order: orders.release(order_ids=[order.pk], actor=self.actor, at=timezone.now())
        )

    @extend_schema(request=ReasonQuestion, responses=OrderDetailAnswer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, number: str) -> Response:
        """Cancel an order before it ships."""
        told = _read(ReasonQuestion, request.data)
        orders.cancel(order_id=self._order().pk, **told, actor=self.actor, at=timezone.now())
        return Response(self._detail(self._order()))

    @extend_schema(request=MoveQuestion, responses=OrderDetailAnswer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, number: str) -> Response:
        """Let another warehouse serve the order, whole or not at all."""
        told = _read(MoveQuestion, request.data)
        place = places.warehouse_by_code(told["warehouse"])
        return self._step(
            lambda order: moving.move_orders(
                order_ids=[order.pk],
                warehouse_id=place.id if place else 0,
                actor=self.actor,
                at=timezone.now(),
            )
        )

    @extend_schema(request=SplitQuestion, responses=OrderDetailAnswer)
    @action(detail=True, methods=["post"])
    def split(self, request: Request, number: str) -> Response:
        """Let some pieces leave now and the others later."""
        told = _read(SplitQuestion, request.data)
        now = {line["line_no"]: line["quantity"] for line in told["lines"]}
        splitting.split(order_id=self._order().pk, now=now, actor=self.actor, at=timezone.now())
        return Response(self._detail(self._order()))

    @extend_schema(request=MergeQuestion, responses=MergeAnswer)
    @action(detail=False, methods=["post"])
    def merge(self, request: Request) -> Response:
        """Send several orders of one recipient out in one parcel."""
        told = _read(MergeQuestion, request.data)
        numbers = list(dict.fromkeys(told["orders"]))
        ids = list(self.get_queryset().filter(number__in=numbers).values_list("pk", flat=True))
        if len(ids) != len(numbers):
            raise steps.missing()
        made = merging.merge(order_ids=ids, actor=self.actor, at=timezone.now())
        return Response(self._merged(made))

    @extend_schema(request=NothingQuestion, responses=MergeAnswer)
    @action(detail=True, methods=["post"])
    def unmerge(self, request: Request, number: str) -> Response:
        """Undo the joint parcel the order is in, before it is picked."""
        _read(NothingQuestion, request.data)
        made = merging.unmerge(order_id=self._order().pk, actor=self.actor, at=timezone.now())
        return Response(self._merged(made))

    @extend_schema(request=NoteQuestion, responses=OrderDetailAnswer)
    @action(detail=True, methods=["post"])
    def note(self, request: Request, number: str) -> Response:
        """Note something about the order."""
        told = _read(NoteQuestion, request.data)
        return self._step(
            lambda order: notes.add_note(
                order_ids=[order.pk], **told, actor=self.actor, at=timezone.now()
            )
        )

    @extend_schema(responses=TimelineAnswer)
    @action(detail=True)
    def timeline(self, request: Request, number: str) -> Response:
        """Show when the order entered each state."""
        order = self._order()
        return Response(
            TimelineAnswer({"number": order.number, "steps": book.timeline(order)}).data
        )

    def _order(self) -> Order:
        found: Order = self.get_object()
        return found

    def _step(self, run: Callable[[Order], StepReport]) -> Response:
        report = run(self._order())
        if report.refused:
            (one,) = report.refused
            raise errors.OrderStepRefused(one.code, one.reason)
        return Response(self._detail(self._order()))

    def _merged(self, made: MergeInfo) -> Mapping[str, Any]:
        found = self.get_queryset().filter(pk__in=made.order_ids).order_by("pk")
        numbers = list(found.values_list("number", flat=True))
        answer: Mapping[str, Any] = MergeAnswer({"parcel": made.parcel_id, "orders": numbers}).data
        return answer

    def _detail(self, order: Order) -> Mapping[str, Any]:
        lines = book.lines(order_id=order.pk)
        recipient = texts.masked_recipient(order_id=order.pk)
        shown = {**OrderAnswer(order).data, "recipient": recipient}
        shown["lines"] = answers.OrderLineAnswer(lines, many=True).data
        off, gifts = book.discounts(order_id=order.pk), book.gifts(order_id=order.pk)
        shown["discounts"] = answers.OrderDiscountAnswer(off, many=True).data
        shown["gifts"] = answers.OrderGiftAnswer(gifts, many=True).data
        parts = OrderPart.objects.filter(order=order)
        shown["parts"] = answers.OrderPartAnswer(parts, many=True).data
        shown["notes"] = answers.OrderNoteAnswer(notes_of(order_id=order.pk), many=True).data
        return shown


def _read(question: type[Any], data: Any) -> Mapping[str, Any]:
    asked = question(data=data)
    asked.is_valid(raise_exception=True)
    told: Mapping[str, Any] = asked.validated_data
    return told


def _unreadable(given: Mapping[str, Any], refusal: ValidationError) -> dict[str, Any]:
    """Return the result of an order that cannot be read; the others are taken all the same."""
    described = describe(refusal)
    number = given.get("external_no")
    return {
        "external_no": number if isinstance(number, str) else "",
        "verdict": Verdict.REFUSED.value,
        "number": "",
        "state": "",
        "errors": described[1]["errors"] if described else [],
    }
