"""Inventory app configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from ops.engines.identity.scopes import register_scope_kind
from ops.engines.kernel.declarations import load_declarations


class InventoryConfig(AppConfig):
    name = "inventory"
    label = "inventory"
    verbose_name = _("Inventory")

    def ready(self) -> None:
        register_scope_kind("warehouse", "inventory.Warehouse")
        load_declarations(self)
