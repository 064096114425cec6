"""Scorecards over HTTP: cards with their lines, and every step a person takes."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ops.engines.http.api import PolicyViewSet
from ops.engines.http.filters import exact, number
from ops.engines.http.serializers import (
    CodeField,
    FlagField,
    MoneyField,
    StrictCharField,
    StrictSerializer,
)
from ops.engines.kernel.policy import SIGNED_IN
from ops.engines.scorecards import selectors, services
from ops.engines.scorecards.models import Card, Objection
from ops.engines.scorecards.types import MarkDraft


class CardAnswer(serializers.ModelSerializer[Card]):
    """One card without its lines."""

    version = serializers.IntegerField(source="version.number")

    class Meta:
        model = Card
        fields = (
            "id",
            "scorecard",
            "subject_type",
            "subject_id",
            "subject_name",
            "period",
            "version",
            "revision",
            "revises_id",
            "state",
            "score",
            "grade",
            "mark_by_on",
            "confirmed_at",
            "published_at",
            "objection_until",
            "final_at",
        )
        read_only_fields = fields


class LineAnswer(serializers.Serializer[Any]):
    """One criterion of a card with what its points came from."""

    key = serializers.CharField()
    title = serializers.CharField()
    weight = serializers.DecimalField(max_digits=5, decimal_places=2)
    metric = serializers.CharField()
    value = serializers.DecimalField(max_digits=20, decimal_places=6, allow_null=True)
    points = serializers.DecimalField(max_digits=5, decimal_places=2, allow_null=True)
    comment = serializers.CharField()
    evidence = serializers.CharField()


class ObjectionAnswer(serializers.ModelSerializer[Objection]):
    """The objection to a card."""

    class Meta:
        model = Objection
        fields = (
            "state",
            "reason",
            "on_behalf_of",
            "filed_at",
            "finding",
            "decided_at",
        )
        read_only_fields = fields


class MarkQuestion(StrictSerializer):
    """A mark: points from 0 to 100, why, and what shows it."""

    criterion = CodeField(max_length=40)
    points = MoneyField()
    comment = StrictCharField(max_length=500, lines=True)
    evidence = StrictCharField(max_length=200, required=False, allow_blank=True)


class CommentQuestion(StrictSerializer):
    """A confirmation with an optional comment."""

    comment = StrictCharField(max_length=500, required=False, allow_blank=True, lines=True)


class NoQuestion(StrictSerializer):
    """No input at all."""


class ObjectionQuestion(StrictSerializer):
    """An objection, one's own or for an outside party."""

    reason = StrictCharField(max_length=1000, lines=True)
    on_behalf_of = StrictCharField(max_length=200, required=False, allow_blank=True)


class DecisionQuestion(StrictSerializer):
    """The decision of an objection."""

    is_upheld = FlagField()
    finding = StrictCharField(max_length=1000, lines=True)


class CardViewSet(PolicyViewSet):
    """Cards; each scorecard's own area, scope and roles are judged by selectors and services."""

    serializer_class = CardAnswer
    filters = {
        "scorecard": exact("scorecard"),
        "period": exact("period"),
        "state": exact("state"),
        "grade": exact("grade"),
        "subject_id": number("subject_id"),
    }
    policies = dict.fromkeys(
        ("list", "retrieve", "mark", "confirm", "publish", "object_to", "decide"), SIGNED_IN
    )

    def get_queryset(self) -> QuerySet[Card]:
        """Return the cards the caller may see."""
        return selectors.cards(actor=self.actor).select_related("version")

    def list(self, request: Request) -> Response:
        """List cards, newest first."""
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(CardAnswer(rows, many=True).data)

    def retrieve(self, request: Request, pk: str) -> Response:
        """Return one card with its lines and its objection."""
        return Response(self._shown(int(pk)))

    @extend_schema(request=MarkQuestion, responses={201: CardAnswer})
    @action(detail=True, methods=["post"])
    def mark(self, request: Request, pk: str) -> Response:
        """Mark one criterion."""
        sent = _read(MarkQuestion, request)
        draft = MarkDraft(
            sent["criterion"], sent["points"], sent["comment"], sent.get("evidence", "")
        )
        services.mark(card_id=int(pk), draft=draft, actor=self.actor, at=timezone.now())
        return Response(self._shown(int(pk)), status=201)

    @extend_schema(request=CommentQuestion, responses=CardAnswer)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, pk: str) -> Response:
        """Confirm a marked card."""
        comment = _read(CommentQuestion, request).get("comment", "")
        services.confirm(card_id=int(pk), comment=comment, actor=self.actor, at=timezone.now())
        return Response(self._shown(int(pk)))

    @extend_schema(request=NoQuestion, responses=CardAnswer)
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: str) -> Response:
        """Publish a confirmed card."""
        _read(NoQuestion, request)
        services.publish(card_id=int(pk), actor=self.actor, at=timezone.now())
        return Response(self._shown(int(pk)))

    @extend_schema(request=ObjectionQuestion, responses={201: CardAnswer})
    @action(detail=True, methods=["post"], url_path="object")
    def object_to(self, request: Request, pk: str) -> Response:
        """Object to a published result."""
        sent = _read(ObjectionQuestion, request)
        services.object_to(card_id=int(pk), **sent, actor=self.actor, at=timezone.now())
        return Response(self._shown(int(pk)), status=201)

    @extend_schema(request=DecisionQuestion, responses=CardAnswer)
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: str) -> Response:
        """Decide an objection; upheld, the answer is the revision that replaces the card."""
        sent = _read(DecisionQuestion, request)
        found = services.decide(card_id=int(pk), **sent, actor=self.actor, at=timezone.now())
        return Response(self._shown(found.id))

    def _shown(self, card_id: int) -> dict[str, Any]:
        card = selectors.card(card_id=card_id, actor=self.actor)
        filed = Objection.objects.filter(card=card).first()
        return {
            **CardAnswer(card).data,
            "lines": LineAnswer(selectors.lines_of(card), many=True).data,
            "objection": ObjectionAnswer(filed).data if filed else None,
        }


def _read(kind: type[StrictSerializer], request: Request) -> dict[str, Any]:
    sent = kind(data=request.data)
    sent.is_valid(raise_exception=True)
    return dict(sent.validated_data)
