"""Which periods of which job are to run, run, and have run."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ops.engines.jobs.choices import RunState


class Watch(models.Model):
    """How far the timetable of one job has been turned into runs."""

    job = models.TextField(_("job"), primary_key=True)
    since = models.DateTimeField(_("known since"))
    reached_at = models.DateTimeField(_("periods proposed until"))

    class Meta:
        verbose_name = _("job timetable")
        verbose_name_plural = _("job timetables")

    def __str__(self) -> str:
        return self.job


class JobRun(models.Model):
    """One period of one job. Unique, so that a period has one run whoever proposes it."""

    job = models.TextField(_("job"))
    period = models.TextField(_("period"))
    due_at = models.DateTimeField(_("due at"))
    state = models.TextField(_("state"), choices=RunState, default=RunState.WAITING)
    late = models.BooleanField(_("started late"), default=False)
    skipped = models.IntegerField(_("periods passed over before"), default=0)
    requested_by = models.TextField(_("started by hand by"), default="", blank=True)
    attempts = models.SmallIntegerField(_("attempts"), default=0)
    next_at = models.DateTimeField(_("next attempt at"))
    dispatched_at = models.DateTimeField(_("handed to a worker at"), null=True)
    lease = models.UUIDField(_("lease"), null=True)
    lease_until = models.DateTimeField(_("lease ends at"), null=True)
    started_at = models.DateTimeField(_("started at"), null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    progress_done = models.BigIntegerField(_("steps done"), default=0)
    progress_total = models.BigIntegerField(_("steps in all"), null=True)
    stage = models.TextField(_("stage"), default="", blank=True)
    result = models.JSONField(_("result"), null=True)
    error = models.TextField(_("last error"), default="", blank=True)

    class Meta:
        db_table = "jobs_run"
        verbose_name = _("job run")
        verbose_name_plural = _("job runs")
        constraints = [
            models.UniqueConstraint(name="run_once_per_period", fields=["job", "period"]),
            models.CheckConstraint(name="run_state_known", condition=Q(state__in=RunState.values)),
            models.CheckConstraint(name="run_attempts_counted", condition=Q(attempts__gte=0)),
            models.CheckConstraint(
                name="run_running_holds_a_lease",
                condition=Q(state="running", lease__isnull=False, lease_until__isnull=False)
                | (~Q(state="running") & Q(lease__isnull=True, lease_until__isnull=True)),
            ),
            models.CheckConstraint(
                name="run_finished_has_its_moment",
                condition=Q(state__in=["done", "failed"], finished_at__isnull=False)
                | (~Q(state__in=["done", "failed"]) & Q(finished_at__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(
                name="run_open",
                fields=["job", "due_at"],
                condition=Q(state__in=["waiting", "running"]),
            ),
            models.Index(name="run_newest", fields=["job", "-due_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.job} {self.period}"
