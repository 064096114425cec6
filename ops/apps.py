"""Project app configuration."""

from importlib import import_module

from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from ops import safety


class OpsConfig(AppConfig):
    name = "ops"
    verbose_name = _("Operations")

    def ready(self) -> None:
        # The Celery app must exist before a web process sends its first task.
        import_module("ops.celery")
        if settings.PRODUCTION and not settings.BUILDING:
            safety.refuse_unsafe_settings()
