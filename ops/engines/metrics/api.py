"""Metrics over HTTP: the dictionary, a metric's figures, cases of figures out of range."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import (
    OpenApiParameter,
    extend_schema,
    extend_schema_serializer,
)
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ops.engines.http.api import PolicyAPIView, PolicyViewSet
from ops.engines.http.filters import day, exact
from ops.engines.http.serializers import IdField, StrictCharField, StrictSerializer
from ops.engines.kernel import parse
from ops.engines.kernel.errors import BadInput
from ops.engines.kernel.policy import SIGNED_IN
from ops.engines.metrics import selectors, services
from ops.engines.metrics.choices import Step
from ops.engines.metrics.definitions import dictionary
from ops.engines.metrics.models import Anomaly

MOST_DAYS = 400


class MetricAnswer(serializers.Serializer[Any]):
    """One entry of the dictionary."""

    key = serializers.CharField()
    title = serializers.CharField()
    unit = serializers.CharField()
    formula = serializers.CharField()
    numerator = serializers.CharField()
    denominator = serializers.CharField()
    kind = serializers.CharField()
    direction = serializers.CharField()
    version = serializers.IntegerField()
    owner_role = serializers.CharField()
    dimensions = serializers.ListField(child=serializers.CharField())
    clauses = serializers.ListField(child=serializers.CharField())


class FigureAnswer(serializers.Serializer[Any]):
    """A metric over a step: its parts and their quotient."""

    start = serializers.DateField()
    member = serializers.CharField()
    numerator = serializers.DecimalField(max_digits=26, decimal_places=6)
    denominator = serializers.DecimalField(max_digits=26, decimal_places=6, allow_null=True)
    value = serializers.DecimalField(max_digits=26, decimal_places=6, allow_null=True)
    version = serializers.IntegerField()


@extend_schema_serializer(many=False)
class MetricListAnswer(serializers.Serializer[Any]):
    """The whole dictionary."""

    results = MetricAnswer(many=True)


@extend_schema_serializer(many=False)
class FigureListAnswer(serializers.Serializer[Any]):
    """The figures of the days asked for."""

    results = FigureAnswer(many=True)


class AnomalyAnswer(serializers.ModelSerializer[Anomaly]):
    """One case of a figure out of range."""

    class Meta:
        model = Anomaly
        fields = (
            "id",
            "metric",
            "dimension",
            "member",
            "day",
            "rule",
            "value",
            "expected",
            "bound",
            "is_over",
            "state",
            "note",
            "cause",
            "proposal",
            "owner_id",
            "closing_reason",
            "found_at",
            "ended_at",
        )
        read_only_fields = fields


class ExplainQuestion(StrictSerializer):
    """Cause, proposal and who sees to it."""

    cause = StrictCharField(max_length=500, lines=True)
    proposal = StrictCharField(max_length=500, lines=True)
    owner_id = IdField()


class CloseQuestion(StrictSerializer):
    """Why a case is closed although its figure has not recovered."""

    reason = StrictCharField(max_length=500, lines=True)


class Dictionary(PolicyAPIView):
    """The metrics the caller may see."""

    policies = {"get": SIGNED_IN}

    @extend_schema(operation_id="metrics_list", responses=MetricListAnswer)
    def get(self, request: Request) -> Response:
        """List the dictionary."""
        rows = [m for m in dictionary().values() if m.is_for(self.actor)]
        return Response({"results": MetricAnswer(rows, many=True).data})


class Figures(PolicyAPIView):
    """Figures of one metric, by step and by member of a dimension."""

    policies = {"get": SIGNED_IN}
    query_params = {"get": frozenset({"first", "last", "step", "dimension", "version"})}

    @extend_schema(
        operation_id="metrics_figures",
        responses=FigureListAnswer,
        parameters=[OpenApiParameter(name) for name in sorted(query_params["get"])],
    )
    def get(self, request: Request, key: str) -> Response:
        """Return the figures between two days, both inside."""
        asked = request.query_params
        step = asked.get("step", Step.DAY)
        if step not in set(Step):
            raise BadInput("input.step", _("One of day, week, month, quarter, year."), field="step")
        version = asked.get("version")
        first, last = parse.day(asked.get("first", "")), parse.day(asked.get("last", ""))
        if not 0 <= (last - first).days < MOST_DAYS:
            raise BadInput(
                "metrics.span", _("From the first to the last day are 1 to 400 days."), field="last"
            )
        found = selectors.series(
            key=key,
            first=first,
            last=last,
            actor=self.actor,
            step=Step(step),
            dimension=asked.get("dimension", ""),
            version=parse.quantity(version, least=1) if version else None,
        )
        return Response({"results": FigureAnswer(found, many=True).data})


class AnomalyViewSet(PolicyViewSet):
    """Cases of figures out of range; the metric's own policy is judged in the selector."""

    serializer_class = AnomalyAnswer
    filters = {"metric": exact("metric"), "state": exact("state"), "day": day("day")}
    policies = dict.fromkeys(("list", "retrieve", "explain", "close"), SIGNED_IN)

    def get_queryset(self) -> QuerySet[Anomaly]:
        """Return the cases the caller may see."""
        return selectors.anomalies(actor=self.actor)

    def list(self, request: Request) -> Response:
        """List cases, newest first."""
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(AnomalyAnswer(rows, many=True).data)

    def retrieve(self, request: Request, pk: str) -> Response:
        """Return one case."""
        return self._answer(int(pk))

    @extend_schema(request=ExplainQuestion, responses=AnomalyAnswer)
    @action(detail=True, methods=["post"])
    def explain(self, request: Request, pk: str) -> Response:
        """Write down cause, proposal and owner."""
        sent = _read(ExplainQuestion, request)
        services.explain(anomaly_id=int(pk), **sent, actor=self.actor, at=timezone.now())
        return self._answer(int(pk))

    @extend_schema(request=CloseQuestion, responses=AnomalyAnswer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str) -> Response:
        """Close a case with a reason; a supervisor's decision."""
        sent = _read(CloseQuestion, request)
        services.close(anomaly_id=int(pk), **sent, actor=self.actor, at=timezone.now())
        return self._answer(int(pk))

    def _answer(self, anomaly_id: int) -> Response:
        found = selectors.anomaly(anomaly_id=anomaly_id, actor=self.actor)
        return Response(AnomalyAnswer(found).data)


def _read(kind: type[StrictSerializer], request: Request) -> dict[str, Any]:
    sent = kind(data=request.data)
    sent.is_valid(raise_exception=True)
    return dict(sent.validated_data)
