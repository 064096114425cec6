"""Words of the periods engine."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class PeriodState(models.TextChoices):
    """Whether days may be posted: a hold is a pause, a close is an end."""

    OPEN = "open", _("open")
    HOLD = "hold", _("on hold")
    CLOSED = "closed", _("closed")


class Module(models.TextChoices):
    """The books that open and close."""

    STOCK = "stock", _("stock")
    LEDGER = "ledger", _("ledger")
