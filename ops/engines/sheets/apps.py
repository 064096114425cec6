"""Sheets app configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SheetsConfig(AppConfig):
    name = "ops.engines.sheets"
    label = "sheets"
    verbose_name = _("Checks and forms")

    def ready(self) -> None:
        from ops.engines.files.holders import declare_holder
        from ops.engines.kernel.policy import SIGNED_IN
        from ops.engines.sheets import selectors

        declare_holder(selectors.SUBJECT, policy=SIGNED_IN, visible=selectors.is_visible)
