"""Finance app configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.declarations import load_declarations
from ops.engines.kernel.policy import confine


class FinanceConfig(AppConfig):
    name = "finance"
    label = "finance"
    verbose_name = _("Finance")

    def ready(self) -> None:
        confine("finance", "channel")
        load_declarations(self)
