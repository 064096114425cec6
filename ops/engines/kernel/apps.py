"""Kernel app configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.declarations import load_declarations


class KernelConfig(AppConfig):
    name = "ops.engines.kernel"
    label = "kernel"
    verbose_name = _("Kernel")

    def ready(self) -> None:
        load_declarations(self)
