"""Sources app configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.declarations import load_declarations


class SourcesConfig(AppConfig):
    name = "ops.engines.sources"
    label = "sources"
    verbose_name = _("Outside sources")

    def ready(self) -> None:
        load_declarations(self)
