"""Stored facts of sales: sums by day and by month, rebuilt whole from the order book."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from marketing.choices import Scope

# PostgreSQL's NaN is greater than every number, so an upper bound keeps it out.
_BOUND = Decimal(10) ** 14


class SalesDay(models.Model):
    """Sums of one business day, channel, country and scope, exact in the channel's currency.

    PII: none.
    """

    day = models.DateField(_("day"))
    channel = models.ForeignKey(
        "catalog.Channel", models.PROTECT, related_name="+", verbose_name=_("channel")
    )
    country = models.CharField(_("country or region"), max_length=60, blank=True)
    scope = models.CharField(_("scope"), max_length=5, choices=Scope)
    lines = models.BigIntegerField(_("lines"))
    orders = models.BigIntegerField(_("orders"))
    cancel_docs = models.BigIntegerField(_("return documents"))
    units = models.BigIntegerField(_("units"))
    gmv = models.DecimalField(_("GMV"), max_digits=20, decimal_places=6)
    returns = models.DecimalField(_("returned amount"), max_digits=20, decimal_places=6)

    class Meta:
        verbose_name = _("sales of a day")
        verbose_name_plural = _("sales by day")
        constraints = [
            models.UniqueConstraint(
                name="salesday_once", fields=["day", "channel", "scope", "country"]
            ),
            models.CheckConstraint(
                name="salesday_scope_known", condition=Q(scope__in=Scope.values)
            ),
            models.CheckConstraint(
                name="salesday_counts_not_negative",
                condition=Q(lines__gte=0, orders__gte=0, cancel_docs__gte=0, units__gte=0),
            ),
            models.CheckConstraint(
                name="salesday_amounts_finite",
                condition=Q(gmv__gt=-_BOUND, gmv__lt=_BOUND)
                & Q(returns__gt=-_BOUND, returns__lt=_BOUND),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.channel_id} {self.country} {self.scope}"


class SalesMonth(models.Model):
    """Distinct customers of one month, channel (none: all channels) and scope. PII: none."""

    month = models.DateField(_("month"))
    channel = models.ForeignKey(
        "catalog.Channel",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("channel"),
    )
    scope = models.CharField(_("scope"), max_length=5, choices=Scope)
    customers = models.BigIntegerField(_("customers"))
    repeat_in_month = models.BigIntegerField(_("customers with two or more orders"))
    returners = models.BigIntegerField(_("returning customers"))

    class Meta:
        verbose_name = _("customers of a month")
        verbose_name_plural = _("customers by month")
        constraints = [
            models.UniqueConstraint(
                name="salesmonth_once",
                fields=["month", "channel", "scope"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="salesmonth_scope_known", condition=Q(scope__in=Scope.values)
            ),
            models.CheckConstraint(
                name="salesmonth_parts_of_customers",
                condition=Q(repeat_in_month__gte=0, returners__gte=0)
                & Q(customers__gte=F("repeat_in_month"))
                & Q(customers__gte=F("returners")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.channel_id or ''} {self.scope}"


class ChangedDay(models.Model):
    """A business day whose orders changed since its sums were built. PII: none."""

    day = models.DateField(_("day"), unique=True)
    noted_at = models.DateTimeField(_("noted at"))
    is_built = models.BooleanField(_("day built, month waits"), default=False)

    class Meta:
        verbose_name = _("day to be rebuilt")
        verbose_name_plural = _("days to be rebuilt")

    def __str__(self) -> str:
        return str(self.day)


class DaySheet(models.Model):
    """The analyst's word on the daily sheet: confirmed, or corrected with a note.

    PII: who said so, kept with the trail.
    """

    day = models.DateField(_("day"), unique=True)
    person = models.ForeignKey(
        "identity.Person", models.PROTECT, related_name="+", verbose_name=_("confirmed by")
    )
    note = models.TextField(_("note"), blank=True)
    digest = models.CharField(_("hash of the figures confirmed"), max_length=64)
    at = models.DateTimeField(_("confirmed at"))

    class Meta:
        verbose_name = _("confirmed daily sheet")
        verbose_name_plural = _("confirmed daily sheets")

    def __str__(self) -> str:
        return str(self.day)
