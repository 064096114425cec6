"""Inventory app configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from ops.engines.identity.scopes import register_scope_kind
from ops.engines.kernel.declarations import load_declarations
from ops.engines.kernel.policy import confine


class InventoryConfig(AppConfig):
    name = "inventory"
    label = "inventory"
    verbose_name = _("Inventory")

    def ready(self) -> None:
        from catalog import ports
        from inventory.selectors import ranges, stock

        register_scope_kind("warehouse", "inventory.Warehouse")
        ports.unit_cost.fill(stock.unit_costs)
        ports.stock_cover.fill(stock.days_of_cover)
        ports.sellable_pieces.fill(stock.sellable_pieces)
        ports.moved_skus.fill(ranges.moved_skus)
        confine("inventory", "warehouse")
        load_declarations(self)
