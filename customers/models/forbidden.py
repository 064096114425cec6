"""Forbidden goods that were sold: the case, the buyers who are told, and measures (CAT-4.3-05)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.choices import CaseState, ForbiddenKind, PenaltyMeasure

from .orders import Order


class ForbiddenSale(models.Model):
    """A confirmed sale of goods that may not be sold, from confirmation to its end."""

    number = models.CharField(_("number"), max_length=32, unique=True)
    product = models.ForeignKey(
        "catalog.Product", models.PROTECT, related_name="+", verbose_name=_("product")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=ForbiddenKind)
    facts = models.CharField(_("what was established"), max_length=400)
    delisted = models.PositiveIntegerField(_("listings taken off"))
    blocked = models.PositiveBigIntegerField(_("pieces blocked"))
    state = models.CharField(_("state"), max_length=8, choices=CaseState, default=CaseState.OPEN)
    confirmed_by = models.BigIntegerField(_("confirmed by"))
    confirmed_at = models.DateTimeField(_("confirmed at"))
    outcome = models.CharField(_("outcome of the case"), max_length=400, blank=True)
    closed_by = models.BigIntegerField(_("closed by"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("sale of forbidden goods")
        verbose_name_plural = _("sales of forbidden goods")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                name="forbiddensale_one_open",
                fields=["product"],
                condition=Q(state=CaseState.OPEN),
            ),
            models.CheckConstraint(
                name="forbiddensale_words_known",
                condition=Q(kind__in=ForbiddenKind.values, state__in=CaseState.values)
                & ~Q(facts=""),
            ),
            models.CheckConstraint(
                name="forbiddensale_closed_says_how",
                condition=Q(state=CaseState.OPEN, closed_at__isnull=True, outcome="")
                | (Q(state=CaseState.CLOSED, closed_at__isnull=False, closed_by__isnull=False)
                   & ~Q(outcome="")),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.number


class RecallLine(models.Model):
    """An order by which goods of a case reached a buyer, and when the buyer was told."""

    case = models.ForeignKey(
        ForbiddenSale,
        models.PROTECT,
        related_name="recalls",
        verbose_name=_("case of forbidden goods"),
    )
    order = models.ForeignKey(Order, models.PROTECT, related_name="+", verbose_name=_("order"))
    sku = models.ForeignKey("catalog.Sku", models.PROTECT, related_name="+", verbose_name=_("SKU"))
    quantity = models.PositiveBigIntegerField(_("quantity"))
    told_at = models.DateTimeField(_("buyer told at"), null=True, blank=True)
    told_by = models.BigIntegerField(_("told by"), null=True, blank=True)
    how = models.CharField(_("how and what"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("line of a recall")
        verbose_name_plural = _("lines of recalls")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(name="recallline_once", fields=["case", "order", "sku"]),
            models.CheckConstraint(
                name="recallline_told_says_how",
                condition=Q(told_at__isnull=True, told_by__isnull=True, how="")
                | (Q(told_at__isnull=False, told_by__isnull=False) & ~Q(how="")),
            ),
            models.CheckConstraint(name="recallline_some_pieces", condition=Q(quantity__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.order_id}"


class SalePenalty(models.Model):
    """What was decided against who supplied or sold forbidden goods; rows only grow."""

    case = models.ForeignKey(
        ForbiddenSale,
        models.PROTECT,
        related_name="penalties",
        verbose_name=_("case of forbidden goods"),
    )
    supplier = models.ForeignKey(
        "inventory.Supplier",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("supplier"),
    )
    seller = models.CharField(_("seller"), max_length=120, blank=True)
    measure = models.CharField(_("measure"), max_length=12, choices=PenaltyMeasure)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2, default=0)
    reason = models.CharField(_("reason"), max_length=400)
    decided_by = models.BigIntegerField(_("decided by"))
    decided_at = models.DateTimeField(_("decided at"))

    class Meta:
        verbose_name = _("penalty of a forbidden sale")
        verbose_name_plural = _("penalties of forbidden sales")
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(
                name="salepenalty_of_somebody",
                condition=Q(supplier__isnull=False, seller="")
                | (Q(supplier__isnull=True) & ~Q(seller="")),
            ),
            models.CheckConstraint(
                name="salepenalty_measure_whole",
                condition=~Q(reason="")
                & (
                    Q(measure=PenaltyMeasure.FINE, amount__gt=0)
                    | Q(measure__in=[PenaltyMeasure.WARNING, PenaltyMeasure.SUSPENSION], amount=0)
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.measure}"
