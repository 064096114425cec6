"""Days and months of the stock ledger that are over (SCM-2.3-02)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inventory.models.places import Warehouse


class DayClose(models.Model):
    """A business day of a warehouse is over: its totals and their hash; append-only."""

    warehouse = models.ForeignKey(
        Warehouse, models.PROTECT, related_name="day_closes", verbose_name=_("warehouse")
    )
    day = models.DateField(_("day"))
    moves = models.BigIntegerField(_("moves"))
    quantity_in = models.BigIntegerField(_("quantity in"))
    quantity_out = models.BigIntegerField(_("quantity out"))
    value_in = models.DecimalField(_("value in"), max_digits=20, decimal_places=2)
    value_out = models.DecimalField(_("value out"), max_digits=20, decimal_places=2)
    late_moves = models.BigIntegerField(_("late documents"), default=0)
    content_hash = models.CharField(_("content hash"), max_length=64)
    closed_at = models.DateTimeField(_("closed at"))

    class Meta:
        verbose_name = _("day close")
        verbose_name_plural = _("day closes")
        ordering = ("-day", "warehouse")
        constraints = [
            models.UniqueConstraint(name="dayclose_once", fields=["warehouse", "day"]),
            models.CheckConstraint(
                name="dayclose_figures_sane",
                condition=Q(moves__gte=0, quantity_in__gte=0, quantity_out__gte=0)
                & Q(value_in__gte=0, value_in__lt=10**17)
                & Q(value_out__gte=0, value_out__lt=10**17),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.warehouse_id} {self.day}"


class MonthClose(models.Model):
    """A month of the stock ledger is over; a month opened again and closed again is a revision."""

    month = models.DateField(_("month"))
    revision = models.PositiveSmallIntegerField(_("revision"), default=1)
    moves = models.BigIntegerField(_("moves"))
    quantity = models.BigIntegerField(_("closing quantity"))
    value = models.DecimalField(_("closing value"), max_digits=20, decimal_places=2)
    content_hash = models.CharField(_("content hash"), max_length=64)
    closed_at = models.DateTimeField(_("closed at"))

    class Meta:
        verbose_name = _("month close")
        verbose_name_plural = _("month closes")
        ordering = ("-month", "-revision")
        constraints = [
            models.UniqueConstraint(name="monthclose_once", fields=["month", "revision"]),
            models.CheckConstraint(name="monthclose_first_of_month", condition=Q(month__day=1)),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class MonthBalance(models.Model):
    """What a closed month ended with, by SKU and warehouse; append-only."""

    close = models.ForeignKey(
        MonthClose, models.PROTECT, related_name="balances", verbose_name=_("month close")
    )
    warehouse = models.ForeignKey(
        Warehouse, models.PROTECT, related_name="+", verbose_name=_("warehouse"), db_index=False
    )
    sku = models.ForeignKey(
        "catalog.Sku", models.PROTECT, related_name="+", verbose_name=_("SKU"), db_index=False
    )
    quantity = models.BigIntegerField(_("closing quantity"))
    value = models.DecimalField(_("closing value"), max_digits=20, decimal_places=2)

    class Meta:
        verbose_name = _("month balance")
        verbose_name_plural = _("month balances")
        ordering = ("close", "sku")
        constraints = [
            models.UniqueConstraint(name="monthbalance_once", fields=["close", "sku", "warehouse"]),
        ]

    def __str__(self) -> str:
        return f"{self.close_id}: {self.sku_id}"
