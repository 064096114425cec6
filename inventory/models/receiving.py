"""Goods at the door: counted blind, compared with their note, decided, posted (SCM-2.2-02, -03)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from inventory.choices import (
    DiscrepancyState,
    Mismatch,
    MismatchTreatment,
    ReceiptLineState,
    ReceiptState,
    RefusalChoice,
)
from inventory.models.places import Location, Lot, Warehouse
from inventory.models.purchasing import PurchaseLine, PurchaseOrder


class Receipt(models.Model):
    """One delivery against one purchase order, under its delivery note."""

    number = models.CharField(_("number"), max_length=32, unique=True)
    purchase = models.ForeignKey(
        PurchaseOrder, models.PROTECT, related_name="receipts", verbose_name=_("purchase order")
    )
    ordered_by = models.BigIntegerField(_("ordered by"))
    warehouse = models.ForeignKey(
        Warehouse, models.PROTECT, related_name="receipts", verbose_name=_("warehouse")
    )
    delivery_note = models.CharField(_("delivery note"), max_length=64)
    quality_paper = models.CharField(_("quality certificate"), max_length=64, blank=True)
    state = models.CharField(
        _("state"), max_length=8, choices=ReceiptState, default=ReceiptState.COUNTING
    )
    opened_at = models.DateTimeField(_("opened at"))
    opened_by = models.BigIntegerField(_("opened by"), null=True, blank=True)
    counted_at = models.DateTimeField(_("counted at"), null=True, blank=True)
    counted_by = models.BigIntegerField(_("counted by"), null=True, blank=True)
    posted_on = models.DateField(_("posted on"), null=True, blank=True)

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                name="receipt_state_known", condition=Q(state__in=ReceiptState.values)
            ),
            models.CheckConstraint(name="receipt_has_note", condition=~Q(delivery_note="")),
            models.UniqueConstraint(
                name="receipt_note_once_per_order", fields=["purchase", "delivery_note"]
            ),
            models.CheckConstraint(
                name="receipt_checked_was_counted",
                condition=Q(state__in=["counting", "refused"]) | Q(counted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="receipt_posted_has_its_day",
                condition=~Q(state="posted") | Q(posted_on__isnull=False),
            ),
            models.CheckConstraint(
                name="receipt_not_counted_by_its_buyer",
                condition=Q(counted_by__isnull=True) | ~Q(counted_by=F("ordered_by")),
            ),
        ]
        indexes = [models.Index(name="receipt_at_work", fields=["warehouse", "state", "id"])]

    def __str__(self) -> str:
        return self.number


class ReceiptDiscrepancy(models.Model):
    """The report on goods that differ from their note, and who decided what."""

    number = models.CharField(_("number"), max_length=32, unique=True)
    receipt = models.ForeignKey(
        Receipt, models.PROTECT, related_name="discrepancies", verbose_name=_("receipt")
    )
    choice = models.CharField(_("choice of the keeper"), max_length=12, choices=RefusalChoice)
    treatment = models.CharField(_("proposed treatment"), max_length=8, choices=MismatchTreatment)
    reason = models.CharField(_("reason"), max_length=200)
    value = models.DecimalField(_("value"), max_digits=20, decimal_places=2)
    state = models.CharField(
        _("state"), max_length=10, choices=DiscrepancyState, default=DiscrepancyState.SUBMITTED
    )
    reported_by = models.BigIntegerField(_("reported by"))
    reported_at = models.DateTimeField(_("reported at"))
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    approval = models.ForeignKey(
        "approvals.Request",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("approval"),
    )

    class Meta:
        verbose_name = _("receipt discrepancy")
        verbose_name_plural = _("receipt discrepancies")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                name="receiptdiscrepancy_one_open",
                fields=["receipt"],
                condition=Q(state="submitted"),
            ),
            models.CheckConstraint(name="receiptdiscrepancy_has_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="receiptdiscrepancy_state_known",
                condition=Q(state__in=DiscrepancyState.values),
            ),
            models.CheckConstraint(
                name="receiptdiscrepancy_decided_has_its_time",
                condition=~Q(state="decided") | Q(decided_at__isnull=False, approval__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.number


class ReceiptLine(models.Model):
    """One SKU of a delivery: what was ordered, noted and found, and what was posted of it.

    `noted` is typed from the note by somebody else than the keeper and never shown while counting.
    """

    receipt = models.ForeignKey(
        Receipt, models.PROTECT, related_name="lines", verbose_name=_("receipt")
    )
    line_no = models.IntegerField(_("line"))
    purchase_line = models.ForeignKey(
        PurchaseLine,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("line of the purchase order"),
    )
    sku = models.ForeignKey("catalog.Sku", models.PROTECT, related_name="+", verbose_name=_("SKU"))
    lot = models.ForeignKey(
        Lot, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("lot")
    )
    location = models.ForeignKey(
        Location,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("location"),
    )
    unit_cost = models.DecimalField(
        _("unit cost"), max_digits=20, decimal_places=6, null=True, blank=True
    )
    expected = models.BigIntegerField(_("ordered and still open"), default=0)
    noted = models.BigIntegerField(_("on the note"), default=0)
    counted = models.BigIntegerField(_("counted"), null=True, blank=True)
    good = models.BigIntegerField(_("good"), null=True, blank=True)
    is_as_named = models.BooleanField(_("name and specification are right"), default=True)
    finding = models.CharField(_("finding"), max_length=200, blank=True)
    mismatch = models.CharField(
        _("difference"), max_length=8, choices=Mismatch, default=Mismatch.NONE
    )
    state = models.CharField(
        _("state"), max_length=8, choices=ReceiptLineState, default=ReceiptLineState.OPEN
    )
    to_bin = models.BigIntegerField(_("posted to storage"), default=0)
    to_quarantine = models.BigIntegerField(_("posted to quarantine"), default=0)
    discrepancy = models.ForeignKey(
        ReceiptDiscrepancy,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="lines",
        verbose_name=_("discrepancy report"),
    )
    approval = models.ForeignKey(
        "approvals.Request",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("approval"),
    )

    class Meta:
        verbose_name = _("line of a receipt")
        verbose_name_plural = _("lines of receipts")
        ordering = ("receipt", "line_no")
        constraints = [
            models.UniqueConstraint(name="receiptline_once", fields=["receipt", "line_no"]),
            models.UniqueConstraint(
                name="receiptline_sku_once",
                fields=["receipt", "sku", "lot"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="receiptline_figures_sane",
                condition=Q(expected__gte=0, noted__gte=0)
                & (
                    Q(counted__isnull=True, good__isnull=True)
                    | Q(counted__gte=0, good__gte=0, good__lte=F("counted"))
                ),
            ),
            # What may be posted without a decision is what the figures say, not what a word says.
            models.CheckConstraint(
                name="receiptline_difference_as_counted",
                condition=Q(counted__isnull=True, mismatch="none")
                | Q(mismatch="none", is_as_named=True, counted=F("noted"), good=F("counted"))
                | Q(mismatch="short", is_as_named=True, counted__lt=F("noted"), good=F("counted"))
                | Q(counted__isnull=False, mismatch__in=["over", "damaged", "wrong"]),
            ),
            models.CheckConstraint(
                name="receiptline_posts_what_came",
                condition=Q(state="posted", to_bin__gte=0, to_quarantine__gte=0)
                & Q(counted__isnull=False)
                & Q(to_bin__lte=F("good"))
                & Q(counted__gte=F("to_bin") + F("to_quarantine"))
                | ~Q(state="posted") & Q(to_bin=0, to_quarantine=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.receipt_id}/{self.line_no}"
