"""Controls app configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.declarations import load_declarations


class ControlsConfig(AppConfig):
    name = "ops.engines.controls"
    label = "controls"
    verbose_name = _("Controls")

    def ready(self) -> None:
        load_declarations(self)
