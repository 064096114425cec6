"""Stored figures and their targets; every figure can be computed again from the facts below."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ops.engines.metrics.choices import LIVE, AnomalyState, LimitKind

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
                name="metricvalue_once",
                fields=["metric", "dimension", "member", "day", "version"],
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


class Anomaly(models.Model):
    """A figure out of range and what was done about it (HR-1.2-18). PII: who worked on it."""

    metric = models.CharField(_("metric"), max_length=60)
    dimension = models.CharField(_("dimension"), max_length=30, blank=True, default="")
    member = models.CharField(_("member"), max_length=64, blank=True, default="")
    day = models.DateField(_("day"))
    rule = models.CharField(_("found by"), max_length=10, choices=LimitKind)
    value = models.DecimalField(_("value"), max_digits=20, decimal_places=6)
    expected = models.DecimalField(
        _("expected"), max_digits=20, decimal_places=6, null=True, blank=True
    )
    bound = models.DecimalField(_("limit"), max_digits=20, decimal_places=6, null=True, blank=True)
    is_over = models.BooleanField(_("over the limit"), default=False)
    state = models.CharField(
        _("state"), max_length=10, choices=AnomalyState, default=AnomalyState.OPEN
    )
    note = models.CharField(_("what was seen"), max_length=500, blank=True, default="")
    found_by = models.BigIntegerField(_("found by"), null=True, blank=True)
    found_at = models.DateTimeField(_("found at"))
    cause = models.CharField(_("cause"), max_length=500, blank=True, default="")
    proposal = models.CharField(_("proposal"), max_length=500, blank=True, default="")
    owner = models.ForeignKey(
        "identity.Person",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("owner"),
    )
    explained_at = models.DateTimeField(_("explained at"), null=True, blank=True)
    ended_by = models.BigIntegerField(_("closed by"), null=True, blank=True)
    ended_at = models.DateTimeField(_("end of the case"), null=True, blank=True)
    closing_reason = models.CharField(_("reason"), max_length=500, blank=True, default="")

    class Meta:
        verbose_name = _("figure out of range")
        verbose_name_plural = _("figures out of range")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                name="anomaly_once", fields=["metric", "dimension", "member", "day", "rule"]
            ),
            models.CheckConstraint(
                name="anomaly_state_known", condition=Q(state__in=AnomalyState.values)
            ),
            models.CheckConstraint(
                name="anomaly_explained_in_full",
                condition=~Q(state="explained")
                | ~Q(cause="") & ~Q(proposal="") & Q(owner__isnull=False),
            ),
            models.CheckConstraint(
                name="anomaly_closed_with_reason",
                condition=~Q(state="closed") | Q(ended_by__isnull=False) & ~Q(closing_reason=""),
            ),
            models.CheckConstraint(
                name="anomaly_ended_has_its_time",
                condition=Q(state__in=LIVE, ended_at__isnull=True)
                | ~Q(state__in=LIVE) & Q(ended_at__isnull=False),
            ),
            models.CheckConstraint(
                name="anomaly_value_finite", condition=Q(value__gt=-BOUND) & Q(value__lt=BOUND)
            ),
        ]
        indexes = [
            models.Index(name="anomaly_live", fields=["state", "id"]),
            models.Index(name="anomaly_of_metric", fields=["metric", "dimension", "day"]),
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.day} {self.dimension} {self.member}".strip()
