"""Files app configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.declarations import load_declarations


class FilesConfig(AppConfig):
    name = "ops.engines.files"
    label = "files"
    verbose_name = _("Files")

    def ready(self) -> None:
        load_declarations(self)
