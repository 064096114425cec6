"""Record screens of the metrics engine."""

from __future__ import annotations

from django.contrib import admin

from ops.engines.http.admin import ReadOnlyAdmin
from ops.engines.kernel.policy import may
from ops.engines.metrics.models import Anomaly, MetricTarget, MetricValue

_EXPORT = may("marketing", "E")


@admin.register(MetricValue)
class MetricValueAdmin(ReadOnlyAdmin):
    """Stored figures."""

    policy = _EXPORT
    list_display = ("metric", "day", "dimension", "member", "numerator", "denominator", "version")
    search_fields = ("metric",)
    ordering = ("-id",)


@admin.register(MetricTarget)
class MetricTargetAdmin(ReadOnlyAdmin):
    """Targets."""

    policy = _EXPORT
    list_display = ("metric", "dimension", "member", "first_on", "last_on", "value", "set_by")
    list_select_related = ("set_by",)
    search_fields = ("metric",)
    ordering = ("-id",)


@admin.register(Anomaly)
class AnomalyAdmin(ReadOnlyAdmin):
    """Cases of figures out of range."""

    policy = _EXPORT
    list_display = ("metric", "day", "dimension", "member", "rule", "value", "expected", "state")
    search_fields = ("metric",)
    ordering = ("-id",)
