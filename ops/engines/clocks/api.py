"""Clocks over REST: what runs, what is overdue, and giving more time."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ops.engines.clocks import selectors, services
from ops.engines.clocks.models import Clock
from ops.engines.http import filters
from ops.engines.http.api import ReadViewSet
from ops.engines.http.serializers import (
    CodeField,
    IdField,
    MomentField,
    QuantityField,
    StrictCharField,
    StrictSerializer,
)
from ops.engines.kernel.policy import SIGNED_IN


class ClockAnswer(StrictSerializer):
    """One clock. `ended_at` is empty while it is open; a breached one stays open until done."""

    id = IdField()
    kind = CodeField()
    subject_type = CodeField()
    subject_id = IdField()
    number = StrictCharField(source="label")
    state = CodeField()
    role = CodeField()
    started_at = MomentField()
    due_at = MomentField()
    ended_at = MomentField(allow_null=True)
    level = QuantityField()


class EventAnswer(StrictSerializer):
    """One thing that happened to a clock."""

    seq = QuantityField()
    kind = CodeField()
    at = MomentField()
    due_at = MomentField()
    reason = StrictCharField()
    by = StrictCharField()


class ClockDetailAnswer(ClockAnswer):
    """One clock with everything that happened to it."""

    events = EventAnswer(many=True)


class ExtendQuestion(StrictSerializer):
    """More time: until when, and why."""

    until = MomentField()
    reason = StrictCharField(max_length=2000, lines=True)


class ClockViewSet(ReadViewSet):
    """The clocks of the caller's areas and scopes. Who may extend one is a matter of its kind."""

    policies = dict.fromkeys(("list", "retrieve", "extend"), SIGNED_IN)
    queryset = Clock.objects.none()
    serializer_class = ClockAnswer
    filters = {
        "kind": filters.exact("kind"),
        "state": filters.exact("state"),
        "subject_type": filters.exact("subject_type"),
        "subject_id": filters.number("subject_id"),
        "due_before": filters.moment("due_at__lt"),
        "due_from": filters.moment("due_at__gte"),
    }
    orderings = ("-id", "id", "due_at", "-due_at")

    def get_queryset(self) -> QuerySet[Any]:
        """Show what the caller may see."""
        return selectors.clocks(actor=self.actor)

    @extend_schema(responses=ClockDetailAnswer)
    def retrieve(self, request: Request, pk: int) -> Response:
        """Show a clock with its events."""
        return Response(self._detail(self.get_object()))

    @extend_schema(request=ExtendQuestion, responses=ClockDetailAnswer)
    @action(detail=True, methods=["post"])
    def extend(self, request: Request, pk: int) -> Response:
        """Give a running clock more time, with a reason."""
        question = ExtendQuestion(data=request.data)
        question.is_valid(raise_exception=True)
        services.extend(
            clock_ids=[self.get_object().pk],
            **question.validated_data,
            actor=self.actor,
            at=timezone.now(),
        )
        return Response(self._detail(self.get_object()))

    def _detail(self, clock: Clock) -> dict[str, Any]:
        told = [EventAnswer(event).data for event in selectors.events(clock_id=clock.pk)]
        return {**ClockAnswer(clock).data, "events": told}
