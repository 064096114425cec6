"""Record screens of marketing."""

from __future__ import annotations

from django.contrib import admin

from marketing.models import DaySheet, SalesDay, SalesMonth
from ops.engines.http.admin import ReadOnlyAdmin
from ops.engines.kernel.policy import may

_EXPORT = may("marketing", "E")


@admin.register(SalesDay)
class SalesDayAdmin(ReadOnlyAdmin):
    """Stored sums by day."""

    policy = _EXPORT
    list_display = ("day", "channel", "country", "scope", "orders", "gmv", "returns")
    list_select_related = ("channel",)
    ordering = ("-id",)


@admin.register(SalesMonth)
class SalesMonthAdmin(ReadOnlyAdmin):
    """Customers by month."""

    policy = _EXPORT
    list_display = ("month", "channel", "scope", "customers", "repeat_in_month", "returners")
    list_select_related = ("channel",)
    ordering = ("-id",)


@admin.register(DaySheet)
class DaySheetAdmin(ReadOnlyAdmin):
    """Confirmed sheets."""

    policy = _EXPORT
    list_display = ("day", "person", "at", "note")
    list_select_related = ("person",)
    ordering = ("-id",)
