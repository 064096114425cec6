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


class PeriodException(models.Model):
    """Leave to post into held or closed days, until a moment, with who gave it and why.

    The posting guard honours it. Over closed days it counts only when a second person has confirmed
    it, and never for the ledger: a closed ledger month is reopened by its own flow.
    """

    module = models.TextField(_("module"))
    days = DateRangeField(_("business days"))
    until = models.DateTimeField(_("until"))
    over_closed = models.BooleanField(_("over closed days"))
    reason = models.TextField(_("reason"))
    granted_at = models.DateTimeField(_("granted at"))
    granted_by = models.TextField(_("granted by"))
    granted_person_id = models.BigIntegerField(_("granted by person"), null=True)
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True)
    confirmed_by = models.TextField(_("confirmed by"), default="", blank=True)
    confirmed_person_id = models.BigIntegerField(_("confirmed by person"), null=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    ended_by = models.TextField(_("ended by"), default="", blank=True)

    class Meta:
        db_table = "periods_exception"
        verbose_name = _("exception from a period")
        verbose_name_plural = _("exceptions from periods")
        indexes = [models.Index(name="exception_of_module", fields=["module", "until"])]
        constraints = [
            models.CheckConstraint(name="exception_reason_given", condition=~Q(reason="")),
            models.CheckConstraint(
                name="exception_has_days",
                condition=Q(days__isempty=False, days__lower_inf=False, days__upper_inf=False),
            ),
            models.CheckConstraint(
                name="exception_ends_later", condition=Q(until__gt=models.F("granted_at"))
            ),
            models.CheckConstraint(
                name="exception_never_into_a_closed_ledger",
                condition=~Q(module="ledger", over_closed=True),
            ),
            models.CheckConstraint(
                name="exception_confirmed_by_another",
                condition=Q(confirmed_at__isnull=True, confirmed_person_id__isnull=True)
                | Q(confirmed_person_id__isnull=False, granted_person_id__isnull=False)
                & ~Q(confirmed_person_id=models.F("granted_person_id")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.module} {self.days} until {self.until}"
