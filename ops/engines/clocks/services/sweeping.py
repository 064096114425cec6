"""One sweep for every kind of clock: remind, breach, go one level up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from ops.engines.audit import services as audit
from ops.engines.clocks import selectors
from ops.engines.clocks.calendars import Calendar
from ops.engines.clocks.choices import EventKind
from ops.engines.clocks.events import ClockEscalated
from ops.engines.clocks.kinds import kind_named, kinds
from ops.engines.clocks.models import Clock
from ops.engines.clocks.services import running, telling, writing
from ops.engines.clocks.services.writing import Change
from ops.engines.clocks.standing import step_due
from ops.engines.clocks.types import SweepReport
from ops.engines.events.publishing import publish
from ops.engines.kernel.actor import Actor

BATCH = 1_000


def sweep(
    *, actor: Actor, at: datetime, progress: Callable[[int], None] | None = None
) -> SweepReport:
    """Take every step that is due by `at`, in batches that are transactions of their own.

    Any number of sweeps may run at once: a clock another one holds is left to it. A clock goes one
    level up per sweep, however long nobody swept.
    """
    report, seen = SweepReport(), 0
    while True:
        done, looked_at, last = _batch(actor=actor, at=at, above=seen)
        report += done
        if progress is not None:
            progress(report.total)
        if looked_at < BATCH:
            return report
        seen = last


def _batch(*, actor: Actor, at: datetime, above: int) -> tuple[SweepReport, int, int]:
    with transaction.atomic():
        clocks = list(
            Clock.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
            .filter(next_at__lte=at, kind__in=list(kinds()), pk__gt=above)
            .order_by("pk")[:BATCH]
        )
        if not clocks:
            return SweepReport(), 0, above
        calendar = selectors.calendar()
        steps: dict[EventKind, list[Change]] = {}
        idle = []
        for clock in clocks:
            kind = kind_named(clock.kind)
            event = step_due(
                selectors.standing_of(clock), kind, calendar, at=max(at, clock.changed_at)
            )
            if event is None:
                idle.append(clock)
            else:
                steps.setdefault(event.kind, []).append(Change(clock, event))
        if idle:
            writing.look_again(idle, calendar=calendar)
        report = _take(steps, calendar=calendar, actor=actor, at=at)
        if report.total:
            body = {
                "reminded": report.reminded,
                "breached": report.breached,
                "escalated": report.escalated,
            }
            audit.record(actor=actor, at=at, action="clocks.swept", body=body)
        return report, len(clocks), clocks[-1].pk


def _take(
    steps: Mapping[EventKind, Sequence[Change]], *, calendar: Calendar, actor: Actor, at: datetime
) -> SweepReport:
    reminded = writing.apply(steps.get(EventKind.REMINDED, ()), calendar=calendar, actor=actor)
    overdue = [change.clock for change in steps.get(EventKind.BREACHED, ())]
    breached = running.breach(overdue, calendar=calendar, actor=actor, at=at)
    escalated = writing.apply(steps.get(EventKind.ESCALATED, ()), calendar=calendar, actor=actor)
    publish(*(_escalated(clock) for clock in escalated))
    telling.tell(telling.REMIND, reminded, actor=actor, at=at)
    telling.tell(telling.BREACH, breached, actor=actor, at=at)
    telling.tell(telling.ESCALATE, escalated, actor=actor, at=at)
    return SweepReport(reminded=len(reminded), breached=len(breached), escalated=len(escalated))


def _escalated(clock: Clock) -> ClockEscalated:
    return ClockEscalated(
        clock_id=clock.pk,
        kind=clock.kind,
        subject_type=clock.subject_type,
        subject_id=clock.subject_id,
        level=clock.level,
        role=kind_named(clock.kind).escalate[clock.level - 1].role,
    )
