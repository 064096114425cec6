"""Catalogue and prices app configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from ops.engines.identity.scopes import register_scope_kind
from ops.engines.kernel.declarations import load_declarations
from ops.engines.kernel.policy import confine


class CatalogConfig(AppConfig):
    name = "catalog"
    label = "catalog"
    verbose_name = _("Catalogue and prices")

    def ready(self) -> None:
        register_scope_kind("channel", "catalog.Channel")
        register_scope_kind("category", "catalog.Category")
        confine("catalog", "channel")
        load_declarations(self)
