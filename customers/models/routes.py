"""Which warehouse serves a channel, and how long it may take (SCM-2.4-11, SCM-2.4-04)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ChannelRoute(models.Model):
    """How orders of a channel are served unless the order says otherwise."""

    channel = models.OneToOneField(
        "catalog.Channel", models.PROTECT, related_name="+", verbose_name=_("channel")
    )
    warehouse = models.ForeignKey(
        "inventory.Warehouse", models.PROTECT, related_name="+", verbose_name=_("warehouse")
    )
    ship_within_hours = models.PositiveSmallIntegerField(_("ship within hours"), default=48)

    class Meta:
        verbose_name = _("channel route")
        verbose_name_plural = _("channel routes")
        constraints = [
            models.CheckConstraint(
                name="channelroute_hours_positive", condition=Q(ship_within_hours__gt=0)
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel_id} > {self.warehouse_id}"
