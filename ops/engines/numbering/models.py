"""Counters of document numbers."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Counter(models.Model):
    """The last number given in one series and business month."""

    series = models.TextField(_("series"))
    period = models.TextField(_("month"))
    last = models.BigIntegerField(_("last number"))

    class Meta:
        verbose_name = _("number counter")
        verbose_name_plural = _("number counters")
        constraints = [
            models.UniqueConstraint(name="counter_once", fields=["series", "period"]),
            models.CheckConstraint(
                name="counter_series_reads_as_prefix",
                condition=Q(series__regex=r"^[A-Z][A-Z0-9]{0,11}$"),
            ),
            models.CheckConstraint(
                name="counter_period_is_month", condition=Q(period__regex=r"^\d{4}(0[1-9]|1[0-2])$")
            ),
            models.CheckConstraint(name="counter_begins_at_one", condition=Q(last__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.series}-{self.period}"
