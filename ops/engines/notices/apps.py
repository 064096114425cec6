"""Notices app configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.declarations import load_declarations


class NoticesConfig(AppConfig):
    name = "ops.engines.notices"
    label = "notices"
    verbose_name = _("Notices")

    def ready(self) -> None:
        load_declarations(self)
