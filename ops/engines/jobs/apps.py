"""Jobs app configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.declarations import load_declarations


class JobsConfig(AppConfig):
    name = "ops.engines.jobs"
    label = "jobs"
    verbose_name = _("Jobs")

    def ready(self) -> None:
        load_declarations(self)
