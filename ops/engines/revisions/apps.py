"""Revisions app configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RevisionsConfig(AppConfig):
    name = "ops.engines.revisions"
    label = "revisions"
    verbose_name = _("Versioned content")
