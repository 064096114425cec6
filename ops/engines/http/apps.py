"""Web interface app configuration."""

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.declarations import load_declarations


class HttpConfig(AppConfig):
    name = "ops.engines.http"
    label = "http"
    verbose_name = _("Web interface")

    def ready(self) -> None:
        from . import openapi  # noqa: F401 - registers the sign-in with the OpenAPI document
        from .checks import check_routes

        register(check_routes, Tags.urls)
        load_declarations(self)
