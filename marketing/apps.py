"""Marketing app configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.declarations import load_declarations
from ops.engines.kernel.policy import confine


class MarketingConfig(AppConfig):
    name = "marketing"
    label = "marketing"
    verbose_name = _("Marketing")

    def ready(self) -> None:
        confine("marketing", "channel")
        load_declarations(self)
