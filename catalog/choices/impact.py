"""Words of impact reports."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ImpactKind(models.TextChoices):
    """A forecast replays the past under a proposal; an outcome is what really happened after."""

    FORECAST = "forecast", _("Forecast")
    OUTCOME = "outcome", _("Outcome")


class ImpactSubject(models.TextChoices):
    """What can have an impact."""

    PRICE_CHANGE = "catalog.pricechange", _("Price change")
    PROMOTION = "catalog.promotion", _("Promotion")
