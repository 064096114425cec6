"""Words of the marketing app."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Scope(models.TextChoices):
    """Which lines a figure counts."""

    ALL = "all", _("all lines")
    MERCH = "merch", _("goods kept in stock")
