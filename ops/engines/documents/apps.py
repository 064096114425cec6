"""Documents app configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.declarations import load_declarations


class DocumentsConfig(AppConfig):
    name = "ops.engines.documents"
    label = "documents"
    verbose_name = _("Documents")

    def ready(self) -> None:
        load_declarations(self)
