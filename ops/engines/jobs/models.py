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
    """One period of one job. Unique, so that a period has one run whoever proposes it.

    A job that is sharded has one run per period that plans it (`shard` empty), and one per shard.
    """

    job = models.TextField(_("job"))
    period = models.TextField(_("period"))
    shard = models.TextField(_("shard"), default="", blank=True)
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
            models.UniqueConstraint(name="run_once_per_period", fields=["job", "period", "shard"]),
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


class CadenceChange(models.Model):
    """When a job runs, as staff changed it from a day on, with the reason. Append-only.

    The newest change that covers a day counts.
    """

    job = models.TextField(_("job"))
    first = models.DateField(_("from"))
    last = models.DateField(_("to"), null=True)
    is_off = models.BooleanField(_("does not run"), default=False)
    time = models.TimeField(_("time"), null=True)
    day = models.SmallIntegerField(_("day"), null=True)
    minutes = models.IntegerField(_("minutes"), null=True)
    reason = models.TextField(_("reason"))
    by_name = models.TextField(_("by"))
    by_person_id = models.BigIntegerField(_("by person"), null=True)
    at = models.DateTimeField(_("set at"))

    class Meta:
        db_table = "jobs_cadence_change"
        verbose_name = _("change of a cadence")
        verbose_name_plural = _("changes of cadences")
        indexes = [models.Index(name="cadencechange_of_job", fields=["job", "id"])]
        constraints = [
            models.CheckConstraint(name="cadencechange_reason_given", condition=~Q(reason="")),
            models.CheckConstraint(
                name="cadencechange_days_in_order",
                condition=Q(last__isnull=True) | Q(last__gte=models.F("first")),
            ),
            models.CheckConstraint(
                name="cadencechange_says_one_thing",
                condition=Q(time__isnull=True, day__isnull=True, minutes__isnull=True)
                | Q(is_off=False, time__isnull=False, minutes__isnull=True)
                | Q(is_off=False, time__isnull=True, day__isnull=True, minutes__gte=1),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.job} {self.first}"
