"""Clocks app configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.declarations import load_declarations


class ClocksConfig(AppConfig):
    name = "ops.engines.clocks"
    label = "clocks"
    verbose_name = _("Time limits")

    def ready(self) -> None:
        load_declarations(self)
