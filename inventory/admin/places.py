"""Record screens of places and lots."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from inventory.models import Location, Lot, ShelfLife, StockLevel, Warehouse
from inventory.selectors import levels, lots, places
from ops.engines.http.actors import actor_of
from ops.engines.http.admin import ReadOnlyAdmin
from ops.engines.kernel.policy import may

SEE = may("inventory", "V")


@admin.register(Warehouse)
class WarehouseAdmin(ReadOnlyAdmin):
    """Warehouses."""

    policy = SEE
    list_display = ("code", "name", "is_active")
    search_fields = ("code", "name")
    ordering = ("id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Show the actor's warehouses."""
        return places.warehouses(actor=actor_of(request))


@admin.register(Location)
class LocationAdmin(ReadOnlyAdmin):
    """Locations."""

    policy = SEE
    list_display = ("code", "warehouse", "kind", "is_default", "is_active")
    list_filter = ("kind",)
    search_fields = ("code", "name")
    ordering = ("id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Show the places of the actor's warehouses."""
        return places.locations(actor=actor_of(request))


@admin.register(Lot)
class LotAdmin(ReadOnlyAdmin):
    """Lots."""

    policy = SEE
    list_display = ("code", "sku", "made_on", "expires_on", "received_on", "supplier_code")
    search_fields = ("code", "sku__code", "supplier_code")
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Show lots with their SKUs."""
        return places.lots(actor=actor_of(request))


@admin.register(ShelfLife)
class ShelfLifeAdmin(ReadOnlyAdmin):
    """What categories demand of their goods."""

    policy = SEE
    list_display = ("category", "needs_expiry", "set_at")
    ordering = ("id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Show every category that says something."""
        return lots.shelf_lives()


@admin.register(StockLevel)
class StockLevelAdmin(ReadOnlyAdmin):
    """Levels of stock."""

    policy = SEE
    list_display = ("sku", "warehouse", "least", "most")
    search_fields = ("sku__code",)
    ordering = ("id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Show the levels of the actor's warehouses."""
        return levels.levels(actor=actor_of(request))
