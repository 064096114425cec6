"""Record screens of closed days and months."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from inventory.models import DayClose, MonthClose
from inventory.selectors import closing
from ops.engines.http.actors import actor_of
from ops.engines.http.admin import ReadOnlyAdmin
from ops.engines.kernel.policy import may


@admin.register(DayClose)
class DayCloseAdmin(ReadOnlyAdmin):
    """Closed days."""

    policy = may("inventory", "V")
    list_display = (
        "day",
        "warehouse",
        "moves",
        "quantity_in",
        "quantity_out",
        "value_in",
        "value_out",
        "late_moves",
        "closed_at",
    )
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Show the closed days of the actor's warehouses."""
        return closing.day_closes(actor=actor_of(request))


@admin.register(MonthClose)
class MonthCloseAdmin(ReadOnlyAdmin):
    """Closed months of the whole house."""

    policy = may("inventory", "V")
    list_display = ("month", "revision", "moves", "quantity", "value", "content_hash", "closed_at")
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Show them to whom no warehouse is closed."""
        return closing.month_closes(actor=actor_of(request))
