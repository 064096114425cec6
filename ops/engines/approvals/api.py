"""Approvals over HTTP: what waits for me, one request, and every way to answer it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request as HttpRequest
from rest_framework.response import Response

from ops.engines.approvals import errors, selectors, services
from ops.engines.approvals.models import Request
from ops.engines.approvals.types import BulkResult
from ops.engines.http.api import PolicyViewSet
from ops.engines.http.serializers import (
    CodeField,
    FlagField,
    IdField,
    MomentField,
    StrictCharField,
    StrictSerializer,
)
from ops.engines.kernel.canonical import plain
from ops.engines.kernel.errors import BadInput
from ops.engines.kernel.policy import SIGNED_IN


class ItemSerializer(StrictSerializer):
    """One request in the caller's inbox."""

    id = IdField()
    flow = CodeField()
    flow_title = StrictCharField()
    number = CodeField()
    title = StrictCharField()
    subject_type = CodeField()
    subject_id = IdField()
    requester_name = StrictCharField()
    submitted_at = MomentField()
    due_at = MomentField(allow_null=True)
    is_overdue = FlagField()
    is_opinion = FlagField()
    role = CodeField()
    figures = serializers.DictField()
    content_hash = CodeField()
    in_bulk = FlagField()
    adds = StrictCharField(allow_null=True)
    is_paused = FlagField()


@extend_schema_serializer(many=False)
class ItemListSerializer(StrictSerializer):
    """The caller's list, whole; `decided` and `mine` carry more of each request."""

    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = serializers.ListField(child=serializers.DictField())


class DecisionSerializer(StrictSerializer):
    """One decision with the figures that were shown."""

    step = serializers.IntegerField()
    verdict = CodeField()
    person_id = IdField()
    person_name = StrictCharField()
    role = CodeField()
    at = MomentField()
    opinion = StrictCharField(allow_blank=True, max_length=2000)
    figures = serializers.DictField()
    content_hash = CodeField()


class AskedSerializer(StrictSerializer):
    """A question to the requester, and the answer."""

    id = IdField()
    asked_by = StrictCharField()
    asked_at = MomentField()
    question = StrictCharField(max_length=2000)
    answer = StrictCharField(allow_blank=True, max_length=2000)
    answered_at = MomentField(allow_null=True)


class DetailSerializer(StrictSerializer):
    """One request with its decisions, questions and approvers."""

    id = IdField()
    flow = CodeField()
    flow_title = StrictCharField()
    kind = CodeField()
    state = CodeField()
    number = CodeField()
    title = StrictCharField()
    subject_type = CodeField()
    subject_id = IdField()
    requester_name = StrictCharField()
    submitted_at = MomentField()
    due_at = MomentField(allow_null=True)
    closed_at = MomentField(allow_null=True)
    content = serializers.DictField()
    figures = serializers.DictField()
    content_hash = CodeField()
    sentence = StrictCharField(max_length=2000)
    step = serializers.IntegerField()
    decisions = DecisionSerializer(many=True)
    questions = AskedSerializer(many=True)
    approvers = serializers.ListField(child=serializers.DictField())
    may_withdraw = FlagField()
    why_not = StrictCharField(allow_blank=True)


class BulkResultSerializer(StrictSerializer):
    """What became of one request; `code` is empty on success."""

    request_id = IdField()
    code = StrictCharField(allow_blank=True)
    message = StrictCharField(allow_blank=True)


class BulkAnswerSerializer(StrictSerializer):
    """What became of each request, in the order sent."""

    results = BulkResultSerializer(many=True)


class DecideSerializer(StrictSerializer):
    """An approval; the hashes are those of what was shown (absent: of what is stored).

    `code` is a one-time code where `needs_step_up` asks for one.
    """

    content_hash = CodeField(required=False)
    shown = CodeField(required=False)
    code = StrictCharField(required=False, allow_blank=True, max_length=16)
    opinion = StrictCharField(required=False, allow_blank=True, max_length=2000, lines=True)


class ReturnSerializer(StrictSerializer):
    """A return with its reason."""

    content_hash = CodeField(required=False)
    reason = StrictCharField(max_length=2000, lines=True)


class QuestionSerializer(StrictSerializer):
    """A question to the requester."""

    question = StrictCharField(max_length=2000, lines=True)


class AnswerSerializer(StrictSerializer):
    """The requester's answer to a question."""

    question_id = IdField()
    answer = StrictCharField(max_length=2000, lines=True)


class CommentSerializer(StrictSerializer):
    """A word in the thread."""

    text = StrictCharField(max_length=2000, lines=True)


class NothingSerializer(StrictSerializer):
    """No input at all."""


class BulkItemSerializer(StrictSerializer):
    """One request of a bulk approval."""

    id = IdField()
    content_hash = CodeField(required=False)


class BulkSerializer(StrictSerializer):
    """Up to fifty requests of one flow."""

    items = BulkItemSerializer(  # type: ignore[call-arg]
        many=True, allow_empty=False, max_length=services.MOST_AT_ONCE
    )
    opinion = StrictCharField(required=False, allow_blank=True, max_length=2000, lines=True)


class ApprovalViewSet(PolicyViewSet):
    """Requests: `view=inbox` (default) what I may decide now, `mine`, `decided`.

    Who may decide is a matter of each request, so every signed-in person may knock.
    """

    serializer_class = ItemSerializer
    pagination_class = None
    filter_backends = ()
    query_params = {"list": frozenset({"view"})}
    policies = dict.fromkeys(
        (
            "list",
            "retrieve",
            "approve",
            "send_back",
            "withdraw",
            "ask",
            "answer",
            "comment",
            "bulk",
        ),
        SIGNED_IN,
    )

    def get_queryset(self) -> QuerySet[Request]:
        """Return nothing: the selectors know who sees what."""
        return Request.objects.none()

    @extend_schema(
        parameters=[OpenApiParameter("view", str, enum=["inbox", "mine", "decided"])],
        responses=ItemListSerializer,
    )
    def list(self, request: HttpRequest) -> Response:
        """Return the caller's inbox, own requests or decisions, at most 200."""
        view = request.query_params.get("view", "inbox")
        found: list[Any]
        if view == "inbox":
            found = list(selectors.inbox(actor=self.actor, at=timezone.now()))
        elif view == "mine":
            found = list(selectors.asked_by(actor=self.actor, limit=200))
        elif view == "decided":
            found = list(selectors.decided_by(actor=self.actor, limit=200))
        else:
            raise BadInput("input.view", _("One of inbox, mine, decided."), field="view")
        results = [plain(asdict(item)) for item in found]
        return Response({"next": None, "previous": None, "results": results})

    @extend_schema(responses=DetailSerializer)
    def retrieve(self, request: HttpRequest, pk: str) -> Response:
        """Return one request with its decisions, questions and approvers."""
        return Response(self._detail(int(pk)))

    @extend_schema(request=DecideSerializer, responses={200: DetailSerializer})
    @action(detail=True, methods=["post"])
    def approve(self, request: HttpRequest, pk: str) -> Response:
        """Approve the current step, or give the opinion it asks for."""
        sent = _read(DecideSerializer, request)
        services.approve(
            request_id=int(pk),
            content_hash=self._hash(int(pk), sent),
            opinion=sent.get("opinion", ""),
            shown=sent.get("shown"),
            code=sent.get("code", ""),
            actor=self.actor,
            at=timezone.now(),
        )
        return Response(self._detail(int(pk)))

    @extend_schema(request=ReturnSerializer, responses={200: DetailSerializer})
    @action(detail=True, methods=["post"], url_path="return")
    def send_back(self, request: HttpRequest, pk: str) -> Response:
        """Return a request to its requester with a reason."""
        sent = _read(ReturnSerializer, request)
        services.send_back(
            request_id=int(pk),
            content_hash=self._hash(int(pk), sent),
            reason=sent["reason"],
            actor=self.actor,
            at=timezone.now(),
        )
        return Response(self._detail(int(pk)))

    @extend_schema(request=NothingSerializer, responses={200: DetailSerializer})
    @action(detail=True, methods=["post"])
    def withdraw(self, request: HttpRequest, pk: str) -> Response:
        """Take one's own request back before the first decision."""
        _read(NothingSerializer, request)
        services.withdraw(request_id=int(pk), actor=self.actor, at=timezone.now())
        return Response(self._detail(int(pk)))

    @extend_schema(request=QuestionSerializer, responses={201: DetailSerializer})
    @action(detail=True, methods=["post"])
    def ask(self, request: HttpRequest, pk: str) -> Response:
        """Ask the requester something before deciding."""
        sent = _read(QuestionSerializer, request)
        services.ask(
            request_id=int(pk), question=sent["question"], actor=self.actor, at=timezone.now()
        )
        return Response(self._detail(int(pk)), status=201)

    @extend_schema(request=AnswerSerializer, responses={201: DetailSerializer})
    @action(detail=True, methods=["post"])
    def answer(self, request: HttpRequest, pk: str) -> Response:
        """Answer a question put to one's own request."""
        sent = _read(AnswerSerializer, request)
        detail = selectors.request(request_id=int(pk), actor=self.actor, at=timezone.now())
        if sent["question_id"] not in {question.id for question in detail.questions}:
            raise BadInput(
                "input.question", _("This request has no such question."), field="question_id"
            )
        services.answer(
            question_id=sent["question_id"],
            text=sent["answer"],
            actor=self.actor,
            at=timezone.now(),
        )
        return Response(self._detail(int(pk)), status=201)

    @extend_schema(request=CommentSerializer, responses={201: DetailSerializer})
    @action(detail=True, methods=["post"])
    def comment(self, request: HttpRequest, pk: str) -> Response:
        """Say a word in the thread of a request one takes part in."""
        sent = _read(CommentSerializer, request)
        services.comment(request_id=int(pk), text=sent["text"], actor=self.actor, at=timezone.now())
        return Response(self._detail(int(pk)), status=201)

    @extend_schema(request=BulkSerializer, responses=BulkAnswerSerializer)
    @action(detail=False, methods=["post"])
    def bulk(self, request: HttpRequest) -> Response:
        """Approve up to fifty requests of one flow, each with its own result."""
        sent = _read(BulkSerializer, request)
        shown: dict[int, str] = {}
        for item in sent["items"]:
            with suppress(errors.RequestMissing):
                shown[item["id"]] = self._hash(item["id"], item)
        done = services.approve_many(
            items=list(shown.items()),
            opinion=sent.get("opinion", ""),
            actor=self.actor,
            at=timezone.now(),
        )
        by_id = {result.request_id: result for result in done}
        return Response({"results": [_result(item["id"], by_id) for item in sent["items"]]})

    def _detail(self, request_id: int) -> dict[str, Any]:
        found = selectors.request(request_id=request_id, actor=self.actor, at=timezone.now())
        described = plain(asdict(found))
        return {**described.pop("request"), **described}

    def _hash(self, request_id: int, sent: dict[str, Any]) -> str:
        """Return the hash the caller cites, or that of the request, which never changes.

        Raises RequestMissing for a request the caller may not see.
        """
        found = selectors.request(request_id=request_id, actor=self.actor, at=timezone.now())
        return str(sent.get("content_hash", found.request.content_hash))


def _result(request_id: int, done: dict[int, BulkResult]) -> dict[str, Any]:
    missing = errors.RequestMissing(request_id)
    result = done.get(request_id, BulkResult(request_id, missing.code, str(missing)))
    return dict(plain(asdict(result)))


def _read(kind: type[StrictSerializer], request: HttpRequest) -> dict[str, Any]:
    sent = kind(data=request.data)
    sent.is_valid(raise_exception=True)
    return dict(sent.validated_data)
