"""Tables app configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.declarations import load_declarations


class TablesConfig(AppConfig):
    name = "ops.engines.tables"
    label = "tables"
    verbose_name = _("Tables")

    def ready(self) -> None:
        load_declarations(self)
