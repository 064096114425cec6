"""How much stock is too little or too much, and the alerts when it is (SCM-2.3-01)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from inventory.choices import AlertKind
from inventory.models.places import Warehouse


class StockLevel(models.Model):
    """The least and the most pieces of a SKU that a warehouse should have free."""

    sku = models.ForeignKey(
        "catalog.Sku", models.PROTECT, related_name="+", verbose_name=_("SKU"), db_index=False
    )
    warehouse = models.ForeignKey(
        Warehouse, models.PROTECT, related_name="+", verbose_name=_("warehouse")
    )
    least = models.BigIntegerField(_("least"))
    most = models.BigIntegerField(_("most"), null=True, blank=True)

    class Meta:
        verbose_name = _("stock level")
        verbose_name_plural = _("stock levels")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(name="stocklevel_once", fields=["sku", "warehouse"]),
            models.CheckConstraint(
                name="stocklevel_least_below_most",
                condition=Q(least__gte=0) & (Q(most__isnull=True) | Q(most__gt=F("least"))),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sku_id}@{self.warehouse_id}: {self.least}"


class StockAlert(models.Model):
    """Stock left its levels: from when until when, what there was, and who reacted."""

    sku = models.ForeignKey(
        "catalog.Sku", models.PROTECT, related_name="+", verbose_name=_("SKU"), db_index=False
    )
    warehouse = models.ForeignKey(
        Warehouse, models.PROTECT, related_name="+", verbose_name=_("warehouse")
    )
    kind = models.CharField(_("kind"), max_length=4, choices=AlertKind)
    available = models.BigIntegerField(_("available"))
    limit = models.BigIntegerField(_("limit"))
    opened_at = models.DateTimeField(_("opened at"))
    due_at = models.DateTimeField(_("due at"))
    taken_by = models.BigIntegerField(_("taken by"), null=True, blank=True)
    taken_at = models.DateTimeField(_("taken at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("stock alert")
        verbose_name_plural = _("stock alerts")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                name="stockalert_one_open",
                fields=["sku", "warehouse", "kind"],
                condition=Q(closed_at__isnull=True),
            ),
            models.CheckConstraint(
                name="stockalert_taken_whole",
                condition=Q(taken_by__isnull=True, taken_at__isnull=True)
                | Q(taken_by__isnull=False, taken_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.sku_id}@{self.warehouse_id}"
