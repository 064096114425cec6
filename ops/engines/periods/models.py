"""Which business days may still be posted, per module."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ops.engines.periods.choices import PeriodState


class Period(models.Model):
    """A range of business days of one module that share a state.

    Rows are split when part of them changes state, so days and not rows are what counts.
    """

    module = models.TextField(_("module"))
    days = DateRangeField(_("business days"))
    state = models.TextField(_("state"), choices=PeriodState, default=PeriodState.OPEN)
    closed_at = models.DateTimeField(_("closed at"), null=True)
    closed_by = models.TextField(_("closed by"), default="", blank=True)
    reason = models.TextField(_("reason of the last reopening or hold"), default="", blank=True)

    class Meta:
        verbose_name = _("period")
        verbose_name_plural = _("periods")
        constraints = [
            ExclusionConstraint(
                name="period_days_once",
                expressions=[("module", RangeOperators.EQUAL), ("days", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(
                name="period_state_known", condition=Q(state__in=PeriodState.values)
            ),
            models.CheckConstraint(
                name="period_has_days",
                condition=Q(days__isempty=False, days__lower_inf=False, days__upper_inf=False),
            ),
            models.CheckConstraint(
                name="period_closed_by_somebody",
                condition=Q(state="closed", closed_at__isnull=False) & ~Q(closed_by="")
                | ~Q(state="closed") & Q(closed_at__isnull=True, closed_by=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.module} {self.days} {self.state}"
