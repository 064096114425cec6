"""Document numbers app configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.declarations import load_declarations


class NumberingConfig(AppConfig):
    name = "ops.engines.numbering"
    label = "numbering"
    verbose_name = _("Document numbers")

    def ready(self) -> None:
        load_declarations(self)
