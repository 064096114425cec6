"""Approvals app configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.declarations import load_declarations


class ApprovalsConfig(AppConfig):
    name = "ops.engines.approvals"
    label = "approvals"
    verbose_name = _("Approvals")

    def ready(self) -> None:
        load_declarations(self)
