"""Starting, stopping, extending and ending clocks: many subjects at a time, each once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from ops.engines.audit import services as audit
from ops.engines.clocks import rules, selectors
from ops.engines.clocks.calendars import Calendar
from ops.engines.clocks.choices import ClockState, EventKind
from ops.engines.clocks.errors import (
    ClockMissing,
    ClockOver,
    ClockStopped,
    NotLonger,
    ReasonMissing,
)
from ops.engines.clocks.events import ClockBreached
from ops.engines.clocks.kinds import ClockKind, kind_named
from ops.engines.clocks.limits import Limit, limit_of
from ops.engines.clocks.models import Clock
from ops.engines.clocks.services import writing
from ops.engines.clocks.services.writing import Change, happening
from ops.engines.clocks.standing import BY_HAND, Happening, after, next_at
from ops.engines.clocks.types import ClockInfo, Subject
from ops.engines.events.publishing import publish
from ops.engines.kernel.actor import Actor
from ops.engines.notices import services as notices

Key = tuple[str, int]


def start(
    *, kind: str, subjects: Collection[Subject], actor: Actor, at: datetime
) -> tuple[int, ...]:
    """Start a clock for each subject that has none of this kind running; return the new ids.

    Starting twice is starting once. Raises KeyError for a kind that is not declared.
    """
    declared = kind_named(kind)
    given = list({(each.type, each.id): each for each in subjects}.values())
    if not given:
        return ()
    with transaction.atomic():
        asked = [(each.started_at or at, each.limit or declared.limit) for each in given]
        known = _times(set(asked), declared)
        times = [known[one] for one in asked]
        ids = writing.insert(declared, given, times, actor=actor)
        if len(ids) == 1:
            writing.note("clocks.started", list(_some(ids)), actor=actor, at=at)
        elif ids:
            body = {"kind": kind, "count": len(ids), "first": ids[0], "last": ids[-1]}
            audit.record(actor=actor, at=at, action="clocks.started", body=body)
    return ids


def pause(
    *, kind: str, subjects: Collection[Key], reason: str, actor: Actor, at: datetime
) -> tuple[int, ...]:
    """Stop running clocks with a reason and return the ids stopped; what is left is kept.

    A clock whose limit has passed is breached instead. Raises ReasonMissing.
    """
    _need(reason)
    with transaction.atomic():
        calendar = selectors.calendar()
        clocks = _settled(kind, subjects, calendar=calendar, actor=actor, at=at)
        changes = [
            Change(
                clock,
                Happening(
                    kind=EventKind.PAUSED,
                    at=at,
                    due_at=clock.due_at,
                    term=_left(clock, calendar, at=at),
                ),
            )
            for clock in clocks
            if clock.state == ClockState.RUNNING
        ]
        return _write("clocks.paused", changes, calendar=calendar, actor=actor, at=at, why=reason)


def resume(*, kind: str, subjects: Collection[Key], actor: Actor, at: datetime) -> tuple[int, ...]:
    """Let stopped clocks go on with what was left and return the ids that go on."""
    with transaction.atomic():
        calendar = selectors.calendar()
        changes = [
            Change(
                clock,
                Happening(
                    kind=EventKind.RESUMED,
                    at=at,
                    due_at=rules.due(max(at, clock.changed_at), limit_of(clock.term), calendar),
                    term=clock.term,
                ),
            )
            for clock in _locked(kind, subjects)
            if clock.state == ClockState.PAUSED
        ]
        return _write("clocks.resumed", changes, calendar=calendar, actor=actor, at=at)


def meet(*, kind: str, subjects: Collection[Key], actor: Actor, at: datetime) -> tuple[int, ...]:
    """End the clocks of subjects that are done and return their ids.

    One that is done too late stays breached, and is told apart by its event.
    """
    return _end(EventKind.MET, "clocks.met", kind, subjects, reason="", actor=actor, at=at)


def cancel(
    *, kind: str, subjects: Collection[Key], reason: str, actor: Actor, at: datetime
) -> tuple[int, ...]:
    """End clocks that are no longer needed, with a reason. Raises ReasonMissing."""
    _need(reason)
    return _end(
        EventKind.CANCELLED, "clocks.cancelled", kind, subjects, reason=reason, actor=actor, at=at
    )


def extend(
    *, clock_ids: Collection[int], until: datetime, reason: str, actor: Actor, at: datetime
) -> list[ClockInfo]:
    """Give running clocks more time, until a moment, with a reason: all of them or none.

    Raises ReasonMissing, ClockMissing, Forbidden by the kind's policy, ClockOver, ClockStopped,
    NotLonger.
    """
    _need(reason)
    with transaction.atomic():
        calendar = selectors.calendar()
        visible = selectors.clocks(actor=actor).filter(pk__in=clock_ids).values("pk")
        clocks = list(
            Clock.objects.select_for_update(of=("self",), no_key=True)
            .filter(pk__in=visible)
            .order_by("pk")
        )
        missing = set(clock_ids) - {clock.pk for clock in clocks}
        if missing:
            raise ClockMissing(min(missing))
        for clock in clocks:
            kind_named(clock.kind).extend.require(actor)
            _check_extension(clock, until=until, at=at)
        changes = [
            Change(clock, Happening(kind=EventKind.EXTENDED, at=at, due_at=until, term=BY_HAND))
            for clock in clocks
        ]
        _write("clocks.extended", changes, calendar=calendar, actor=actor, at=at, why=reason)
    return selectors.described(clock_ids=clock_ids)


def breach(
    clocks: Sequence[Clock], *, calendar: Calendar, actor: Actor, at: datetime
) -> list[Clock]:
    """Mark locked running clocks as breached and announce it."""
    changes = [Change(c, happening(EventKind.BREACHED, c, at=at)) for c in clocks]
    changed = writing.apply(changes, calendar=calendar, actor=actor)
    publish(
        *(
            ClockBreached(
                clock_id=c.pk, kind=c.kind, subject_type=c.subject_type, subject_id=c.subject_id
            )
            for c in changed
        )
    )
    return changed


def notice_subject(clock: Clock) -> str:
    """Return what a notice about one clock is filed under."""
    return f"clocks.clock:{clock.pk}"


def _times(
    begun: Collection[tuple[datetime, Limit]], kind: ClockKind
) -> dict[tuple[datetime, Limit], tuple[datetime, datetime, datetime | None]]:
    """Return (started, due, next looked at) by the moment of a start and its limit."""
    calendar = selectors.calendar()
    found = {}
    for at, limit in begun:
        due_at = rules.due(at, limit, calendar)
        started = Happening(kind=EventKind.STARTED, at=at, due_at=due_at, term=limit.text)
        found[at, limit] = (at, due_at, next_at(after(None, started), kind, calendar))
    return found


def _end(
    event: EventKind,
    action: str,
    kind: str,
    subjects: Collection[Key],
    *,
    reason: str,
    actor: Actor,
    at: datetime,
) -> tuple[int, ...]:
    with transaction.atomic():
        calendar = selectors.calendar()
        clocks = _settled(kind, subjects, calendar=calendar, actor=actor, at=at)
        changes = [Change(clock, happening(event, clock, at=at)) for clock in clocks]
        notices.settle_all(subjects=[notice_subject(clock) for clock in clocks], at=at)
        return _write(action, changes, calendar=calendar, actor=actor, at=at, why=reason)


def _settled(
    kind: str, subjects: Collection[Key], *, calendar: Calendar, actor: Actor, at: datetime
) -> list[Clock]:
    """Lock the open clocks of subjects; those whose limit has passed unseen are breached first."""
    clocks = _locked(kind, subjects)
    unseen = [c for c in clocks if c.state == ClockState.RUNNING and at > c.due_at]
    breach(unseen, calendar=calendar, actor=actor, at=at)
    return clocks


def _locked(kind: str, subjects: Collection[Key]) -> list[Clock]:
    kind_named(kind)
    wanted = Q()
    for subject_type in {each[0] for each in subjects}:
        ids = [each[1] for each in subjects if each[0] == subject_type]
        wanted |= Q(subject_type=subject_type, subject_id__in=ids)
    if not wanted:
        return []
    return list(
        Clock.objects.select_for_update(of=("self",), no_key=True)
        .filter(wanted, kind=kind, ended_at__isnull=True)
        .order_by("pk")
    )


def _write(
    action: str,
    changes: Sequence[Change],
    *,
    calendar: Calendar,
    actor: Actor,
    at: datetime,
    why: str = "",
) -> tuple[int, ...]:
    changed = writing.apply(changes, calendar=calendar, actor=actor, reason=why)
    writing.note(action, changed, actor=actor, at=at, reason=why)
    return tuple(clock.pk for clock in changed)


def _check_extension(clock: Clock, *, until: datetime, at: datetime) -> None:
    if clock.state == ClockState.PAUSED:
        raise ClockStopped(clock.pk)
    if clock.state != ClockState.RUNNING or at > clock.due_at:
        raise ClockOver(clock.pk)
    if until <= max(clock.due_at, at):
        raise NotLonger(clock.pk)


def _left(clock: Clock, calendar: Calendar, *, at: datetime) -> str:
    limit = limit_of(clock.term) if clock.term != BY_HAND else None
    moment = max(at, clock.changed_at)
    return rules.remaining(moment, clock.due_at, limit, calendar).text


def _some(ids: Collection[int]) -> Sequence[Clock]:
    return list(Clock.objects.filter(pk__in=ids).order_by("pk"))


def _need(reason: str) -> None:
    if not reason.strip():
        raise ReasonMissing
