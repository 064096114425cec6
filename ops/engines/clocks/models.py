"""Clocks, what happened to them, and the days of the calendar."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ops.engines.clocks.choices import ClockState, DaySource, EventKind


class Clock(models.Model):
    """One time limit of one subject. The row is the newest standing; the events are the truth.

    A deferred trigger compares the row with its last event when the transaction commits. A breached
    clock stays open (`ended_at` empty) until what it waits for is done.
    """

    kind = models.TextField(_("kind"))
    subject_type = models.TextField(_("subject type"))
    subject_id = models.BigIntegerField(_("subject"))
    label = models.TextField(_("number"))
    link = models.TextField(_("address"), blank=True)
    area = models.TextField(_("area"))
    scope_kind = models.TextField(_("scope kind"), blank=True)
    scope_id = models.BigIntegerField(_("scope"), null=True)
    role = models.TextField(_("position"))
    person = models.ForeignKey(
        "identity.Person", models.PROTECT, null=True, related_name="+", verbose_name=_("person")
    )
    department = models.ForeignKey(
        "identity.Department",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("department"),
    )
    started_at = models.DateTimeField(_("started at"))
    seq = models.IntegerField(_("events so far"))
    state = models.TextField(_("state"), choices=ClockState)
    due_at = models.DateTimeField(_("due at"))
    round_at = models.DateTimeField(_("counted from"))
    term = models.TextField(_("time limit"), blank=True)
    reminded = models.SmallIntegerField(_("reminders"), default=0)
    level = models.SmallIntegerField(_("level"), default=0)
    changed_at = models.DateTimeField(_("changed at"))
    ended_at = models.DateTimeField(_("ended at"), null=True)
    next_at = models.DateTimeField(_("next looked at"), null=True)

    class Meta:
        verbose_name = _("time limit")
        verbose_name_plural = _("time limits")
        indexes = [
            models.Index(
                name="clock_to_look_at", fields=["next_at"], condition=Q(next_at__isnull=False)
            ),
            models.Index(name="clock_of_subject", fields=["subject_type", "subject_id"]),
            models.Index(name="clock_newest", fields=["due_at", "id"]),
            models.Index(
                name="clock_open", fields=["due_at", "id"], condition=Q(ended_at__isnull=True)
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                name="clock_one_open_per_subject",
                fields=["kind", "subject_type", "subject_id"],
                condition=Q(ended_at__isnull=True),
            ),
            models.CheckConstraint(
                name="clock_state_known", condition=Q(state__in=ClockState.values)
            ),
            models.CheckConstraint(
                name="clock_ends_when_done",
                condition=Q(state__in=["met", "cancelled"], ended_at__isnull=False)
                | Q(state__in=["running", "paused"], ended_at__isnull=True)
                | Q(state="breached"),
            ),
            models.CheckConstraint(
                name="clock_looked_at_while_it_runs",
                condition=Q(next_at__isnull=True)
                | Q(state__in=["running", "breached"], ended_at__isnull=True),
            ),
            models.CheckConstraint(
                name="clock_scope_whole",
                condition=Q(scope_kind="", scope_id__isnull=True)
                | ~Q(scope_kind="") & Q(scope_id__isnull=False),
            ),
            models.CheckConstraint(
                name="clock_owned", condition=~Q(role="") | Q(person__isnull=False)
            ),
            models.CheckConstraint(
                name="clock_link_stays_here", condition=Q(link="") | Q(link__regex="^/[^/]")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.label}"


class ClockEvent(models.Model):
    """One thing that happened to a clock, with where the clock stood afterwards. Append-only."""

    clock = models.ForeignKey(
        Clock,
        models.PROTECT,
        related_name="events",
        verbose_name=_("time limit"),
        db_index=False,  # the unique constraint leads with it
    )
    seq = models.IntegerField(_("place"))
    kind = models.TextField(_("what happened"), choices=EventKind)
    at = models.DateTimeField(_("at"))
    state = models.TextField(_("state"), choices=ClockState)
    due_at = models.DateTimeField(_("due at"))
    term = models.TextField(_("time limit"), blank=True)
    step = models.SmallIntegerField(_("step"), default=0)
    reason = models.TextField(_("reason"), blank=True)
    by_name = models.TextField(_("by"))
    by_person_id = models.BigIntegerField(_("by person"), null=True)

    class Meta:
        db_table = "clocks_event"
        verbose_name = _("event of a time limit")
        verbose_name_plural = _("events of time limits")
        constraints = [
            models.UniqueConstraint(name="clockevent_in_order", fields=["clock", "seq"]),
            models.UniqueConstraint(
                name="clockevent_breached_once", fields=["clock"], condition=Q(kind="breached")
            ),
            models.UniqueConstraint(
                name="clockevent_each_level_once",
                fields=["clock", "step"],
                condition=Q(kind="escalated"),
            ),
            models.CheckConstraint(
                name="clockevent_kind_known", condition=Q(kind__in=EventKind.values)
            ),
            models.CheckConstraint(name="clockevent_counted", condition=Q(seq__gte=1)),
            models.CheckConstraint(
                name="clockevent_starts_first",
                condition=Q(kind="started", seq=1) | ~Q(kind="started") & Q(seq__gt=1),
            ),
            models.CheckConstraint(
                name="clockevent_reason_given",
                condition=~Q(kind__in=["extended", "paused", "cancelled"]) | ~Q(reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.clock_id}/{self.seq} {self.kind}"


class CalendarEntry(models.Model):
    """One day set otherwise than the product brings it, with who, when and why. Append-only.

    The newest entry of a day counts.
    """

    day = models.DateField(_("day"))
    is_working = models.BooleanField(_("worked"))
    name_zh = models.TextField(_("name in Chinese"), blank=True)
    name_en = models.TextField(_("name in English"), blank=True)
    source = models.TextField(_("source"), choices=DaySource)
    reason = models.TextField(_("reason"))
    at = models.DateTimeField(_("set at"))
    by_name = models.TextField(_("by"))

    class Meta:
        db_table = "clocks_day"
        verbose_name = _("calendar day")
        verbose_name_plural = _("calendar days")
        indexes = [models.Index(name="calendarday_newest", fields=["day", "-id"])]
        constraints = [
            models.CheckConstraint(
                name="calendarday_source_known", condition=Q(source__in=DaySource.values)
            ),
            models.CheckConstraint(name="calendarday_reason_given", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.is_working}"
