"""Record screens of shipments, returns, alerts and refusals."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from inventory.models import GoodsReturn, RefusedIssue, Shipment, StockAlert
from inventory.selectors import levels, shipments
from ops.engines.http.actors import actor_of
from ops.engines.http.admin import ReadOnlyAdmin
from ops.engines.kernel.policy import may

SEE = may("inventory", "V")


@admin.register(Shipment)
class ShipmentAdmin(ReadOnlyAdmin):
    """Shipments."""

    policy = SEE
    list_display = (
        "number",
        "warehouse",
        "state",
        "source_type",
        "source_id",
        "carrier",
        "tracking_no",
        "shipped_at",
    )
    list_filter = ("state",)
    search_fields = ("number", "tracking_no")
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Show the shipments of the actor's warehouses."""
        return shipments.shipments(actor=actor_of(request))


@admin.register(GoodsReturn)
class GoodsReturnAdmin(ReadOnlyAdmin):
    """Goods that came back."""

    policy = SEE
    list_display = ("key", "warehouse", "source_type", "source_id", "business_day")
    search_fields = ("key",)
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Show the returns to the actor's warehouses."""
        return shipments.goods_returns(actor=actor_of(request))


@admin.register(StockAlert)
class StockAlertAdmin(ReadOnlyAdmin):
    """Alerts."""

    policy = SEE
    list_display = (
        "sku",
        "warehouse",
        "kind",
        "available",
        "limit",
        "opened_at",
        "due_at",
        "taken_at",
        "closed_at",
    )
    list_filter = ("kind",)
    search_fields = ("sku__code",)
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Show the alerts of the actor's warehouses."""
        return levels.alerts(actor=actor_of(request))


@admin.register(RefusedIssue)
class RefusedIssueAdmin(ReadOnlyAdmin):
    """Refused issues."""

    policy = SEE
    list_display = ("at", "shipment", "step", "missing", "person_id")
    list_filter = ("step",)
    search_fields = ("shipment__number",)
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Show the refusals in the actor's warehouses."""
        return levels.refused_issues(actor=actor_of(request))
