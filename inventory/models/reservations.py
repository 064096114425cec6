"""Goods held for a document line."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inventory.choices import ReservationState
from inventory.models.places import Warehouse


class Reservation(models.Model):
    """Pieces of a SKU in a warehouse held for one line of one document.

    Written by database functions alone, together with the counter they hold goods on.
    """

    source_type = models.CharField(_("document type"), max_length=40)
    source_id = models.BigIntegerField(_("document"))
    source_line = models.IntegerField(_("line"))
    sku = models.ForeignKey(
        "catalog.Sku",
        models.PROTECT,
        related_name="+",
        verbose_name=_("SKU"),
        db_constraint=False,  # the stock counter it was taken from carries the key
        db_index=False,
    )
    warehouse = models.ForeignKey(
        Warehouse,
        models.PROTECT,
        related_name="+",
        verbose_name=_("warehouse"),
        db_constraint=False,
        db_index=False,
    )
    quantity = models.BigIntegerField(_("quantity"))
    state = models.CharField(
        _("state"), max_length=8, choices=ReservationState, default=ReservationState.OPEN
    )
    reserved_at = models.DateTimeField(_("reserved at"))
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("reservation")
        verbose_name_plural = _("reservations")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                name="reservation_once_per_line",
                fields=["source_type", "source_id", "source_line"],
                condition=Q(state__in=["open", "consumed"]),
            ),
            models.CheckConstraint(
                name="reservation_quantity_positive", condition=Q(quantity__gt=0)
            ),
            models.CheckConstraint(
                name="reservation_closed_when_not_open",
                condition=Q(state="open", closed_at__isnull=True)
                | (~Q(state="open") & Q(closed_at__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(
                name="reservation_open_by_stock",
                fields=["sku", "warehouse", "id"],
                condition=Q(state="open"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_type} {self.source_id}/{self.source_line}"
