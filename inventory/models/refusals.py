"""Issues of goods that were refused because a paper was missing (SCM-2.2-04)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from inventory.models.shipments import Shipment


class RefusedIssue(models.Model):
    """Goods were to leave and were refused: what was missing, who tried; append-only."""

    shipment = models.ForeignKey(
        Shipment, models.PROTECT, related_name="refusals", verbose_name=_("shipment")
    )
    step = models.CharField(_("step"), max_length=8)
    missing = models.CharField(_("what was missing"), max_length=64)
    person_id = models.BigIntegerField(_("tried by"), null=True, blank=True)
    at = models.DateTimeField(_("moment"))

    class Meta:
        verbose_name = _("refused issue")
        verbose_name_plural = _("refused issues")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.shipment_id}: {self.missing}"
