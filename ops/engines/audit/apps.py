"""Audit trail app configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.declarations import load_declarations


class AuditConfig(AppConfig):
    name = "ops.engines.audit"
    label = "audit"
    verbose_name = _("Audit trail")

    def ready(self) -> None:
        load_declarations(self)
