"""Record screens of the documents engine: versions as they stand, and who read them."""

from __future__ import annotations

from django.contrib import admin

from ops.engines.documents.models import DocumentReading, DocumentVersion
from ops.engines.http.admin import ReadOnlyAdmin
from ops.engines.kernel.policy import may

_AUDIT = may("compliance", "E")


@admin.register(DocumentVersion)
class DocumentVersionAdmin(ReadOnlyAdmin):
    """Versions of rule documents."""

    policy = _AUDIT
    list_display = ("document", "number", "state", "effective_on", "ended_on", "digest")
    list_filter = ("state",)
    search_fields = ("document__code", "document__title", "digest")
    list_select_related = ("document",)
    ordering = ("-id",)


@admin.register(DocumentReading)
class DocumentReadingAdmin(ReadOnlyAdmin):
    """Who confirmed which words."""

    policy = _AUDIT
    list_display = ("version", "person", "digest", "at")
    list_select_related = ("version", "person")
    ordering = ("-id",)
