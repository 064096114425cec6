"""What is left of goods that are out of the range, and how it goes (CAT-4.1-05)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inventory.choices import DisposalState, Treatment
from inventory.models.places import Warehouse


class StockDisposal(models.Model):
    """The rest of one SKU in one warehouse, opened by the document that took it out of the range.

    `pieces` and `value` are what lay there when it was opened; it ends when nothing is left.
    """

    number = models.CharField(_("number"), max_length=32, unique=True)
    sku = models.ForeignKey(
        "catalog.Sku", models.PROTECT, related_name="+", verbose_name=_("SKU"), db_index=False
    )
    warehouse = models.ForeignKey(
        Warehouse, models.PROTECT, related_name="+", verbose_name=_("warehouse")
    )
    source_type = models.CharField(_("document type"), max_length=40)
    source_id = models.BigIntegerField(_("document"))
    pieces = models.BigIntegerField(_("pieces"))
    value = models.DecimalField(_("value"), max_digits=20, decimal_places=2)
    state = models.CharField(
        _("state"), max_length=5, choices=DisposalState, default=DisposalState.OPEN
    )
    treatment = models.CharField(_("treatment"), max_length=16, choices=Treatment, blank=True)
    note = models.CharField(_("note"), max_length=400, blank=True)
    opened_at = models.DateTimeField(_("opened at"))
    filed_by = models.BigIntegerField(_("proposed by"), null=True, blank=True)
    filed_at = models.DateTimeField(_("proposed at"), null=True, blank=True)
    ended_by = models.BigIntegerField(_("ended by"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        verbose_name = _("stock disposal")
        verbose_name_plural = _("stock disposals")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                name="stockdisposal_once",
                fields=["source_type", "source_id", "sku", "warehouse"],
            ),
            models.UniqueConstraint(
                name="stockdisposal_one_running",
                fields=["sku", "warehouse"],
                condition=~Q(state=DisposalState.ENDED),
            ),
            models.CheckConstraint(
                name="stockdisposal_of_something", condition=Q(pieces__gt=0, value__gte=0)
            ),
            models.CheckConstraint(
                name="stockdisposal_words_known",
                condition=Q(state__in=DisposalState.values)
                & (Q(treatment="") | Q(treatment__in=Treatment.values)),
            ),
            models.CheckConstraint(
                name="stockdisposal_filed_whole",
                condition=Q(
                    state=DisposalState.OPEN,
                    treatment="",
                    filed_by__isnull=True,
                    filed_at__isnull=True,
                )
                | (
                    ~Q(state=DisposalState.OPEN)
                    & ~Q(treatment="")
                    & Q(filed_by__isnull=False, filed_at__isnull=False)
                ),
            ),
            models.CheckConstraint(
                name="stockdisposal_ended_whole",
                condition=Q(
                    state=DisposalState.ENDED, ended_by__isnull=False, ended_at__isnull=False
                )
                | (~Q(state=DisposalState.ENDED) & Q(ended_by__isnull=True, ended_at__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return self.number
