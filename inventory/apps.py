"""Inventory app configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.declarations import load_declarations


class InventoryConfig(AppConfig):
    name = "inventory"
    label = "inventory"
    verbose_name = _("Inventory")

    def ready(self) -> None:
        load_declarations(self)
