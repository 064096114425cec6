"""Stored figures and their targets; every figure can be computed again from the facts below."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

# PostgreSQL's NaN is greater than every number, so an upper bound keeps it out.
BOUND = Decimal(10) ** 14


class MetricValue(models.Model):
    """The parts of one metric on one business day, for one member of one dimension.

    No dimension means the whole company. PII: none.
    """

    metric = models.CharField(_("metric"), max_length=60)
    dimension = models.CharField(_("dimension"), max_length=30, blank=True, default="")
    member = models.CharField(_("member"), max_length=64, blank=True, default="")
    day = models.DateField(_("day"))
    numerator = models.DecimalField(_("numerator"), max_digits=20, decimal_places=6)
    denominator = models.DecimalField(
        _("denominator"), max_digits=20, decimal_places=6, null=True, blank=True
    )
    version = models.PositiveSmallIntegerField(_("version of the definition"), default=1)
    stored_at = models.DateTimeField(_("stored at"))

    class Meta:
        verbose_name = _("metric value")
        verbose_name_plural = _("metric values")
        constraints = [
            models.UniqueConstraint(
                name="metricvalue_once", fields=["metric", "dimension", "member", "day"]
            ),
            models.CheckConstraint(
                name="metricvalue_numerator_finite",
                condition=Q(numerator__gt=-BOUND) & Q(numerator__lt=BOUND),
            ),
            models.CheckConstraint(
                name="metricvalue_denominator_not_negative",
                condition=Q(denominator__isnull=True)
                | (Q(denominator__gte=0) & Q(denominator__lt=BOUND)),
            ),
            models.CheckConstraint(
                name="metricvalue_member_needs_dimension",
                condition=Q(dimension="", member="") | (~Q(dimension="") & ~Q(member="")),
            ),
        ]
        indexes = [
            models.Index(name="metricvalue_by_day", fields=["metric", "dimension", "day"]),
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.day} {self.dimension} {self.member}".strip()


class MetricTarget(models.Model):
    """The value a metric should reach over a stretch of days. PII: none but who set it."""

    metric = models.CharField(_("metric"), max_length=60)
    dimension = models.CharField(_("dimension"), max_length=30, blank=True, default="")
    member = models.CharField(_("member"), max_length=64, blank=True, default="")
    first_on = models.DateField(_("first day"))
    last_on = models.DateField(_("last day"))
    value = models.DecimalField(_("value"), max_digits=20, decimal_places=6)
    set_by = models.ForeignKey(
        "identity.Person",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("set by"),
    )
    set_at = models.DateTimeField(_("set at"))

    class Meta:
        verbose_name = _("metric target")
        verbose_name_plural = _("metric targets")
        constraints = [
            models.UniqueConstraint(
                name="metrictarget_once",
                fields=["metric", "dimension", "member", "first_on", "last_on"],
            ),
            models.CheckConstraint(
                name="metrictarget_days_in_order", condition=Q(first_on__lte=F("last_on"))
            ),
            models.CheckConstraint(
                name="metrictarget_value_finite",
                condition=Q(value__gt=-BOUND) & Q(value__lt=BOUND),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.first_on}..{self.last_on}"
