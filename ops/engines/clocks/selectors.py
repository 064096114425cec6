"""Questions to the clocks and to the calendar."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, datetime
from itertools import groupby
from typing import Final

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext

from ops.engines.clocks.calendars import Calendar, CalendarDay, shipped
from ops.engines.clocks.choices import ClockState, DaySource, EventKind
from ops.engines.clocks.kinds import kinds
from ops.engines.clocks.models import CalendarEntry, Clock, ClockEvent
from ops.engines.clocks.standing import Happening, OddEvent, Standing, replay
from ops.engines.clocks.types import ClockInfo, Difference, EventInfo
from ops.engines.identity.choices import AREAS, Role
from ops.engines.kernel.actor import Actor, Right
from ops.engines.kernel.parse import business_day
from ops.engines.kernel.policy import only

MANAGE_CALENDAR: Final = only(Role.HR_OFFICER, Role.OPERATIONS_MANAGER, Role.INFORMATION_SUPERVISOR)
CHUNK: Final = 1_000


def calendar() -> Calendar:
    """Return the calendar in force: the shipped days and what was entered since. One query."""
    entries = list(calendar_entries())
    changed = [CalendarDay(e.day, e.is_working, e.name_zh, e.name_en) for e in entries]
    years = {e.day.year for e in entries if e.source == DaySource.FILE}
    return shipped().with_days(changed, years=years) if entries else shipped()


def calendar_entries(*, year: int | None = None) -> QuerySet[CalendarEntry]:
    """Return the newest entry of each day that was entered, in order of the days."""
    found = CalendarEntry.objects.order_by("day", "-id").distinct("day")
    return found if year is None else found.filter(day__year=year)


def clocks(*, actor: Actor) -> QuerySet[Clock]:
    """Return the clocks this actor may see: by right and scope in their area, and one's own.

    Whose right holds inside scopes only sees a clock without scope only as its owner.
    """
    found = Clock.objects.select_related("person")
    return found if actor.is_machine else found.filter(_within(actor) | _own(actor))


def mine(*, actor: Actor) -> QuerySet[Clock]:
    """Return the open clocks that wait for this person, or for a position held, in scope."""
    found = Clock.objects.select_related("person")
    return found.filter(_own(actor), ended_at__isnull=True)


def of_subject(*, subject_type: str, subject_id: int, actor: Actor) -> list[ClockInfo]:
    """Return the clocks of one subject, open ones first. Two queries at most."""
    found = clocks(actor=actor).filter(subject_type=subject_type, subject_id=subject_id)
    return infos(sorted(found, key=lambda c: (c.ended_at is not None, c.due_at, c.pk)))


def clock(*, clock_id: int, actor: Actor) -> ClockInfo | None:
    """Return one clock, None when it is absent or out of sight."""
    found = clocks(actor=actor).filter(pk=clock_id).first()
    return None if found is None else infos([found])[0]


def described(*, clock_ids: Collection[int]) -> list[ClockInfo]:
    """Return clocks by id, for whoever was allowed to change them."""
    found = Clock.objects.select_related("person").filter(pk__in=clock_ids).order_by("pk")
    return infos(found)


def infos(rows: Collection[Clock] | QuerySet[Clock]) -> list[ClockInfo]:
    """Return rows as staff see them; one query more when there are any."""
    listed = list(rows)
    if not listed:
        return []
    known = calendar()
    return [_info(row, known) for row in listed]


def events(*, clock_id: int) -> list[EventInfo]:
    """Return what happened to one clock, in order."""
    return [
        EventInfo(
            seq=row.seq,
            kind=EventKind(row.kind),
            at=row.at,
            due_at=row.due_at,
            term=row.term,
            step=row.step,
            reason=row.reason,
            by=row.by_name,
        )
        for row in ClockEvent.objects.filter(clock_id=clock_id).order_by("seq")
    ]


def overdue_count(*, actor: Actor, at: datetime) -> int:
    """Count this actor's open clocks whose limit has passed."""
    return mine(actor=actor).filter(due_at__lt=at).count()


def tallies(*, actor: Actor) -> dict[str, int]:
    """Return how many clocks are in each state, of those this actor may see."""
    found = clocks(actor=actor).order_by().values_list("state").annotate(number=Count("pk"))
    return dict(found)


def differences() -> Iterator[Difference]:
    """Replay every clock from its events and yield those whose row says otherwise.

    Reads the clocks in chunks, two queries each.
    """
    after = 0
    while chunk := list(Clock.objects.filter(pk__gt=after).order_by("pk")[:CHUNK]):
        after = chunk[-1].pk
        rows = ClockEvent.objects.filter(clock_id__in=[each.pk for each in chunk])
        by_clock = {
            clock_id: list(group)
            for clock_id, group in groupby(
                rows.order_by("clock_id", "seq"), key=lambda row: row.clock_id
            )
        }
        for row in chunk:
            told = _replayed(by_clock.get(row.pk, []))
            stored = str(standing_of(row))
            if stored != told:
                yield Difference(clock_id=row.pk, stored=stored, replayed=told)


def standing_of(row: Clock) -> Standing:
    """Return where a row says its clock stands."""
    return Standing(
        seq=row.seq,
        state=ClockState(row.state),
        due_at=row.due_at,
        round_at=row.round_at,
        term=row.term,
        changed_at=row.changed_at,
        reminded=row.reminded,
        level=row.level,
        ended_at=row.ended_at,
    )


def is_assumed(first: datetime, last: datetime, known: Calendar) -> bool:
    """Say whether weekends were assumed for a year between two moments."""
    days: tuple[date, date] = (business_day(first), business_day(last))
    return not known.knows(*days)


def _within(actor: Actor) -> Q:
    """Return what the actor's rights reach, by area and scope."""
    seen = Q(pk__in=())
    for area in AREAS:
        if Right.VIEW in actor.rights.get(area, frozenset()):
            seen |= Q(area=area)
        elif actor.may(area, Right.VIEW):
            for kind, ids in actor.scopes.items():
                seen |= Q(area=area, scope_kind=kind, scope_id__in=ids)
    return seen


def _own(actor: Actor) -> Q:
    """Return what waits for the actor: by name, by position, or because a level named it."""
    by_role = Q(person__isnull=True, role__in=actor.roles)
    for kind in kinds().values():
        for level, step in enumerate(kind.escalate, start=1):
            if step.role in actor.roles:
                by_role |= Q(kind=kind.name, level__gte=level)
    own = by_role & (Q(scope_kind="") | _within(actor))
    return own | Q(person_id=actor.person_id) if actor.person_id is not None else own


def _replayed(rows: Collection[ClockEvent]) -> str:
    try:
        standing = replay(
            Happening(
                kind=EventKind(row.kind),
                at=row.at,
                due_at=row.due_at,
                term=row.term,
                step=row.step,
            )
            for row in rows
        )
    except OddEvent as error:
        return f"nothing: {error}"
    return str(standing)


def _info(row: Clock, known: Calendar) -> ClockInfo:
    kind = kinds().get(row.kind)
    return ClockInfo(
        id=row.pk,
        kind=row.kind,
        title=gettext(kind.title) if kind is not None else row.kind,
        subject_type=row.subject_type,
        subject_id=row.subject_id,
        label=row.label,
        link=row.link,
        state=ClockState(row.state),
        person=row.person.name if row.person is not None else "",
        role=row.role,
        started_at=row.started_at,
        due_at=row.due_at,
        ended_at=row.ended_at,
        level=row.level,
        is_open=row.ended_at is None,
        is_assumed=is_assumed(row.round_at, row.due_at, known),
    )
