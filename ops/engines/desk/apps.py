"""Work desk app configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.declarations import load_declarations


class DeskConfig(AppConfig):
    name = "ops.engines.desk"
    label = "desk"
    verbose_name = _("Work desk")

    def ready(self) -> None:
        load_declarations(self)
