"""Metrics app configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.declarations import load_declarations


class MetricsConfig(AppConfig):
    name = "ops.engines.metrics"
    label = "metrics"
    verbose_name = _("Metrics")

    def ready(self) -> None:
        load_declarations(self)
