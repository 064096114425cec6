"""Periods app configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.declarations import load_declarations


class PeriodsConfig(AppConfig):
    name = "ops.engines.periods"
    label = "periods"
    verbose_name = _("Periods")

    def ready(self) -> None:
        load_declarations(self)
