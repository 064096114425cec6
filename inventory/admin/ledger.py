"""Record screens of the stock ledger."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from inventory.models import Balance, Move, Reservation, Stock
from inventory.selectors import movements, stock
from ops.engines.http.actors import actor_of
from ops.engines.http.admin import ReadOnlyAdmin
from ops.engines.kernel.policy import may

SEE = may("inventory", "V")


@admin.register(Move)
class MoveAdmin(ReadOnlyAdmin):
    """Moves, newest first."""

    policy = SEE
    list_display = (
        "id",
        "business_day",
        "sku",
        "from_location",
        "to_location",
        "quantity",
        "unit_cost",
        "value",
        "reason",
        "source_type",
        "source_id",
    )
    list_filter = ("reason",)
    search_fields = ("sku__code",)
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Show the moves that touch the actor's warehouses."""
        return movements.moves(actor=actor_of(request))


@admin.register(Balance)
class BalanceAdmin(ReadOnlyAdmin):
    """What lies where."""

    policy = SEE
    list_display = ("sku", "location", "lot", "on_hand", "seq")
    search_fields = ("sku__code", "location__code")
    ordering = ("id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Show the balances of the actor's warehouses."""
        return stock.stock_balances(actor=actor_of(request))


@admin.register(Stock)
class StockAdmin(ReadOnlyAdmin):
    """Counters."""

    policy = SEE
    list_display = ("sku", "warehouse", "on_hand", "reserved", "owned", "avg_cost", "value")
    list_filter = ("is_costed",)
    search_fields = ("sku__code",)
    ordering = ("id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Show the counters of the actor's warehouses."""
        return stock.counters(actor=actor_of(request))


@admin.register(Reservation)
class ReservationAdmin(ReadOnlyAdmin):
    """What is held for whom."""

    policy = SEE
    list_display = (
        "source_type",
        "source_id",
        "source_line",
        "sku",
        "warehouse",
        "quantity",
        "state",
        "reserved_at",
    )
    list_filter = ("state",)
    search_fields = ("sku__code",)
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Show the reservations on the actor's warehouses."""
        return stock.reservations(actor=actor_of(request))
