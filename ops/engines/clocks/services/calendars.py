"""Changing the calendar: by hand with a reason, or a year at a time from its notice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from ops.engines.audit import services as audit
from ops.engines.clocks import rules, selectors
from ops.engines.clocks.calendars import Calendar, CalendarDay
from ops.engines.clocks.choices import ClockState, DaySource, EventKind
from ops.engines.clocks.errors import DayPast, OddYear, ReasonMissing
from ops.engines.clocks.kinds import kinds
from ops.engines.clocks.limits import limit_of
from ops.engines.clocks.models import CalendarEntry, Clock
from ops.engines.clocks.services import writing
from ops.engines.clocks.services.writing import Change
from ops.engines.clocks.standing import BY_HAND, Happening
from ops.engines.clocks.types import CalendarChange
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day


def set_day(
    *,
    day: date,
    is_working: bool,
    reason: str,
    name_zh: str = "",
    name_en: str = "",
    actor: Actor,
    at: datetime,
) -> CalendarChange:
    """Say that a coming day is worked, or free, with a reason; running clocks move along.

    The right to do so is MANAGE_CALENDAR. Raises Forbidden, ReasonMissing, DayPast.
    """
    selectors.MANAGE_CALENDAR.require(actor)
    if not reason.strip():
        raise ReasonMissing
    if day <= business_day(at):
        raise DayPast(day)
    changed = CalendarDay(day, is_working, name_zh, name_en)
    return _enter([changed], DaySource.HAND, reason=reason, actor=actor, at=at)


def import_year(
    *, days: Sequence[CalendarDay], source: str, actor: Actor, at: datetime
) -> CalendarChange:
    """Take the days of one year that differ from Monday to Friday, as its notice sets them.

    Days that have begun and days set by hand stay as they are; a coming day of an earlier file
    that this one no longer names is a plain weekday again. Raises Forbidden, OddYear,
    ReasonMissing without a source.
    """
    selectors.MANAGE_CALENDAR.require(actor)
    if not source.strip():
        raise ReasonMissing
    year = _year_of(days)
    with transaction.atomic():
        newest = {entry.day: entry for entry in selectors.calendar_entries(year=year)}
        named = {each.day for each in days}
        dropped = [
            CalendarDay(day, day.isoweekday() < 6)
            for day, entry in newest.items()
            if entry.source == DaySource.FILE and day not in named
        ]
        today = business_day(at)
        coming = [
            each
            for each in (*days, *dropped)
            if each.day > today
            and (each.day not in newest or newest[each.day].source != DaySource.HAND)
        ]
        return _enter(coming, DaySource.FILE, reason=source, actor=actor, at=at)


def _enter(
    days: Sequence[CalendarDay], source: DaySource, *, reason: str, actor: Actor, at: datetime
) -> CalendarChange:
    with transaction.atomic():
        old = selectors.calendar()
        CalendarEntry.objects.bulk_create(
            [
                CalendarEntry(
                    day=each.day,
                    is_working=each.is_working,
                    name_zh=each.name_zh,
                    name_en=each.name_en,
                    source=source,
                    reason=reason,
                    at=at,
                    by_name=actor.name,
                )
                for each in days
            ]
        )
        new = selectors.calendar()
        differing = tuple(each.day for each in days if old.is_working(each.day) != each.is_working)
        moved = _move(new, reason=reason, actor=actor, at=at) if differing else 0
        body = {"days": list(differing), "source": source.value, "reason": reason, "moved": moved}
        audit.record(actor=actor, at=at, action="clocks.calendar_changed", body=body)
    return CalendarChange(days=differing, moved=moved)


def _move(calendar: Calendar, *, reason: str, actor: Actor, at: datetime) -> int:
    """Count open clocks anew where they look at the calendar; return how many are due elsewhen."""
    open_ones = list(
        Clock.objects.select_for_update(of=("self",), no_key=True)
        .filter(
            state__in=[ClockState.RUNNING, ClockState.BREACHED],
            ended_at__isnull=True,
            kind__in=list(kinds()),
        )
        .order_by("pk")
    )
    changes, others = [], []
    for clock in open_ones:
        due_at = _due(clock, calendar)
        if clock.state == ClockState.RUNNING and due_at != clock.due_at:
            event = Happening(kind=EventKind.MOVED, at=at, due_at=due_at, term=clock.term)
            changes.append(Change(clock, event))
        else:
            others.append(clock)
    writing.apply(changes, calendar=calendar, actor=actor, reason=reason)
    if others:
        writing.look_again(others, calendar=calendar)
    return len(changes)


def _due(clock: Clock, calendar: Calendar) -> datetime:
    if clock.term == BY_HAND or not rules.depends_on_calendar(limit_of(clock.term)):
        return clock.due_at
    return rules.due(clock.round_at, limit_of(clock.term), calendar)


def _year_of(days: Iterable[CalendarDay]) -> int:
    listed = [each.day for each in days]
    years = {day.year for day in listed}
    if len(years) != 1:
        raise OddYear(_("the file names %(count)s years") % {"count": len(years)})
    if len(set(listed)) < len(listed):
        raise OddYear(_("a day is named twice"))
    worked = [each.day for each in days if each.is_working and each.day.isoweekday() < 6]
    if worked:
        raise OddYear(_("%(day)s is a weekday and worked anyway") % {"day": worked[0]})
    return years.pop()
