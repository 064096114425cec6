"""Clauses over REST, read only."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from compliance.choices import ClauseState
from compliance.models import Clause
from compliance.selectors import clauses, judging
from ops.engines.http import filters
from ops.engines.http.api import ReadViewSet
from ops.engines.kernel.policy import may


class ClauseAnswer(serializers.Serializer[Any]):
    """One clause with how it stood at the last scan."""

    id = serializers.CharField(source="code")
    title_zh = serializers.CharField()
    title_en = serializers.CharField()
    chapter = serializers.CharField()
    kind = serializers.CharField()
    app = serializers.CharField()
    priority = serializers.IntegerField()
    state = serializers.SerializerMethodField()
    newest_evidence = serializers.SerializerMethodField()
    is_stale = serializers.SerializerMethodField()

    def get_state(self, clause: Clause) -> str:
        """Return the state; never scanned is missing."""
        standing = getattr(clause, "standing", None)
        return str(standing.state) if standing else ClauseState.MISSING.value

    def get_newest_evidence(self, clause: Clause) -> str | None:
        """Return when the clause last left evidence."""
        standing = getattr(clause, "standing", None)
        return standing.newest_at.isoformat() if standing and standing.newest_at else None

    def get_is_stale(self, clause: Clause) -> bool:
        """Say whether that is too long ago."""
        standing = getattr(clause, "standing", None)
        return bool(standing and standing.is_stale)


class ControlAnswer(serializers.Serializer[Any]):
    """What keeps a clause."""

    kind = serializers.CharField()
    name = serializers.CharField()
    newest_evidence = serializers.DateTimeField(source="newest", allow_null=True)


class TestAnswer(serializers.Serializer[Any]):
    """What proves a clause."""

    test = serializers.CharField()
    outcome = serializers.CharField()


class SourceAnswer(serializers.Serializer[Any]):
    """A passage behind a clause."""

    document = serializers.CharField()
    title = serializers.CharField()
    article = serializers.CharField()


class ClauseProof(ClauseAnswer):
    """One clause with its demand and its proof as of now."""

    requirement = serializers.CharField()
    behaviour = serializers.CharField()
    evidence = serializers.CharField()
    cadence = serializers.CharField()
    basis = serializers.CharField()
    actors = serializers.ListField(child=serializers.CharField())
    sources = SourceAnswer(many=True, source="sources.all")
    controls = serializers.SerializerMethodField()
    tests = serializers.SerializerMethodField()

    def get_state(self, clause: Clause) -> str:
        """Return the state as judged now."""
        return str(self.context["judged"].state)

    @extend_schema(responses=ControlAnswer(many=True))
    def get_controls(self, clause: Clause) -> list[Any]:
        """Return what keeps it."""
        return list(ControlAnswer(self.context["judged"].controls, many=True).data)

    def get_tests(self, clause: Clause) -> list[Any]:
        """Return what proves it."""
        return list(TestAnswer(self.context["judged"].tests, many=True).data)


class ClauseViewSet(ReadViewSet):
    """The register of clauses: nobody writes it here."""

    policies = {"list": may("compliance", "V"), "retrieve": may("compliance", "V")}
    queryset = Clause.objects.none()
    serializer_class = ClauseAnswer
    lookup_field = "code"
    lookup_value_regex = "[A-Z]{2,3}-[0-9]\\.[0-9]-[0-9]{2}"
    filters = {
        "chapter": filters.exact("chapter"),
        "state": filters.exact("standing__state"),
        "kind": filters.exact("kind"),
        "app": filters.exact("app"),
        "priority": filters.number("priority"),
        "is_stale": filters.flag("standing__is_stale"),
    }
    orderings = ("position", "-position")

    def get_queryset(self) -> QuerySet[Clause]:
        """Show every clause: the rules are nobody's secret."""
        return clauses.clauses()

    @extend_schema(responses=ClauseProof)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Show one clause with what keeps and what proves it, as of now."""
        clause = clauses.clause_named(kwargs["code"])
        (judged,) = judging.judge(at=timezone.now(), codes=[clause.code])
        answer = ClauseProof(clause, context={"judged": judged})
        return Response(answer.data)
