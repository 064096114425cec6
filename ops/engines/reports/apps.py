"""Reports app configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.declarations import load_declarations


class ReportsConfig(AppConfig):
    name = "ops.engines.reports"
    label = "reports"
    verbose_name = _("Reports")

    def ready(self) -> None:
        load_declarations(self)
