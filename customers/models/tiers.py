"""Which tier of a channel's customers a buyer belongs to, and when (half open)."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.choices import TierSource

from .customers import Customer


class CustomerTier(models.Model):
    """A buyer's tier from one moment until another; what was recorded stays, only its end may come.

    Prices and promotions name tiers; an order keeps the one it was priced under. A record that
    ends before it began is empty.
    """

    customer = models.ForeignKey(
        Customer,
        models.PROTECT,
        related_name="tiers",
        verbose_name=_("customer"),
        db_index=False,
    )
    tier = models.CharField(_("tier"), max_length=40)
    valid = DateTimeRangeField(_("valid"), default_bounds="[)")
    reason = models.CharField(_("reason"), max_length=200)
    source = models.CharField(_("how it came"), max_length=8, choices=TierSource)
    batch_id = models.BigIntegerField(_("import batch"), null=True, blank=True)
    set_by = models.BigIntegerField(_("set by"), null=True, blank=True)
    set_at = models.DateTimeField(_("set at"))
    ended_by = models.BigIntegerField(_("ended by"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    end_reason = models.CharField(_("why it ended"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("tier of a customer")
        verbose_name_plural = _("tiers of customers")
        ordering = ("id",)
        constraints = [
            # Its index serves the look-up at a moment.
            ExclusionConstraint(
                name="customertier_never_two_at_once",
                expressions=[
                    ("customer", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                name="customertier_says_why", condition=~Q(tier="") & ~Q(reason="")
            ),
            models.CheckConstraint(
                name="customertier_source_known",
                condition=Q(source=TierSource.FILE, batch_id__isnull=False)
                | Q(
                    source__in=[TierSource.SCREEN, TierSource.API, TierSource.COMPUTED],
                    batch_id__isnull=True,
                ),
            ),
            models.CheckConstraint(
                name="customertier_begins",
                condition=Q(valid__isempty=True, ended_at__isnull=False)
                | Q(valid__isempty=False, valid__lower_inf=False),
            ),
            models.CheckConstraint(
                name="customertier_end_says_why",
                condition=Q(ended_at__isnull=True, ended_by__isnull=True, end_reason="")
                | (Q(ended_at__isnull=False) & ~Q(end_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.tier}"
