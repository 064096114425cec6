"""Record screens of the reports engine: what was made, with which hash."""

from __future__ import annotations

from django.contrib import admin

from ops.engines.http.admin import ReadOnlyAdmin
from ops.engines.kernel.policy import may
from ops.engines.reports.models import ReportEdition, ReportRun, ReportSignature

_AUDIT = may("compliance", "E")  # across all reports: not narrowed by any report's own policy


@admin.register(ReportEdition)
class ReportEditionAdmin(ReadOnlyAdmin):
    """Versions of figures."""

    policy = _AUDIT
    list_display = ("name", "period", "version", "standing", "rows", "differences", "cut_off_at")
    list_filter = ("standing",)
    search_fields = ("name", "period", "digest")
    ordering = ("-id",)


@admin.register(ReportRun)
class ReportRunAdmin(ReadOnlyAdmin):
    """Files and how they were made."""

    policy = _AUDIT
    list_display = ("name", "period", "format", "state", "requested_name", "sha256", "sealed_at")
    list_filter = ("state", "format")
    search_fields = ("name", "period", "sha256")
    ordering = ("-id",)


@admin.register(ReportSignature)
class ReportSignatureAdmin(ReadOnlyAdmin):
    """Who signed which figures."""

    policy = _AUDIT
    list_display = ("edition", "kind", "person", "digest", "signed_at")
    list_filter = ("kind",)
    list_select_related = ("edition", "person")
    ordering = ("-id",)
