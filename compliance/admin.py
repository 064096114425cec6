"""Record screens of compliance."""

from __future__ import annotations

from django.contrib import admin

from compliance.models import Attestation, Clause, ClauseStanding
from ops.engines.http.admin import ReadOnlyAdmin
from ops.engines.kernel.policy import may

_VIEW = may("compliance", "V")


@admin.register(Clause)
class ClauseAdmin(ReadOnlyAdmin):
    """Clauses of the register."""

    policy = _VIEW
    list_display = ("code", "title_zh", "kind", "app", "priority")
    search_fields = ("code", "title_zh", "title_en")
    ordering = ("position",)


@admin.register(ClauseStanding)
class ClauseStandingAdmin(ReadOnlyAdmin):
    """How clauses stood at the last scan."""

    policy = _VIEW
    list_display = ("clause", "state", "newest_at", "is_stale", "passed", "failed", "scanned_at")
    list_select_related = ("clause",)
    ordering = ("clause",)


@admin.register(Attestation)
class AttestationAdmin(ReadOnlyAdmin):
    """What people vouch for."""

    policy = _VIEW
    list_display = ("clause", "person", "attested_on", "valid_until")
    list_select_related = ("clause", "person")
    ordering = ("-id",)
