"""Record screens of the scorecards engine."""

from __future__ import annotations

from django.contrib import admin

from ops.engines.http.admin import ReadOnlyAdmin
from ops.engines.kernel.policy import may
from ops.engines.scorecards.models import Card, CardLine, Mark, Objection, ScorecardVersion

_AUDIT = may("compliance", "E")


@admin.register(Card)
class CardAdmin(ReadOnlyAdmin):
    """Cards."""

    policy = _AUDIT
    list_display = ("scorecard", "period", "subject_name", "revision", "state", "score", "grade")
    search_fields = ("scorecard", "subject_name", "period")
    ordering = ("-id",)


@admin.register(CardLine)
class CardLineAdmin(ReadOnlyAdmin):
    """Lines of cards."""

    policy = _AUDIT
    list_display = ("card", "criterion", "weight", "metric", "numerator", "denominator", "points")
    list_select_related = ("card",)
    search_fields = ("criterion",)
    ordering = ("-id",)


@admin.register(Mark)
class MarkAdmin(ReadOnlyAdmin):
    """Marks, every revision."""

    policy = _AUDIT
    list_display = ("card", "criterion", "revision", "points", "comment", "evidence", "marked_at")
    list_select_related = ("card",)
    search_fields = ("criterion",)
    ordering = ("-id",)


@admin.register(Objection)
class ObjectionAdmin(ReadOnlyAdmin):
    """Objections."""

    policy = _AUDIT
    list_display = ("card", "state", "filed_at", "decided_at", "finding")
    list_select_related = ("card",)
    search_fields = ("reason",)
    ordering = ("-id",)


@admin.register(ScorecardVersion)
class ScorecardVersionAdmin(ReadOnlyAdmin):
    """Versions of the rules."""

    policy = _AUDIT
    list_display = ("scorecard", "number", "first_on", "is_declared", "reason", "set_at")
    search_fields = ("scorecard",)
    ordering = ("-id",)
