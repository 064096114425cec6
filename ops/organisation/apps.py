"""Organisation app configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.declarations import load_declarations


class OrganisationConfig(AppConfig):
    name = "ops.organisation"
    label = "organisation"
    verbose_name = _("Organisation")

    def ready(self) -> None:
        load_declarations(self)
