"""Events app configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.declarations import load_declarations


class EventsConfig(AppConfig):
    name = "ops.engines.events"
    label = "events"
    verbose_name = _("Events")

    def ready(self) -> None:
        load_declarations(self)
