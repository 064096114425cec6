"""Record screens of controls: the evidence as it came in."""

from __future__ import annotations

from django.contrib import admin

from ops.engines.controls.models import ControlResult
from ops.engines.http.admin import ReadOnlyAdmin
from ops.engines.kernel.policy import may


@admin.register(ControlResult)
class ControlResultAdmin(ReadOnlyAdmin):
    """Evidence by clause, with the days it holds."""

    policy = may("compliance", "V")
    list_display = ("clause", "kind", "name", "effective_from", "effective_until", "received_at")
    list_filter = ("kind",)
    search_fields = ("clause", "name")
    ordering = ("-id",)
