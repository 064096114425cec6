"""Where a clock stands: the fold of its events, and nothing else.

Services and replay use the same fold, so a row that differs from its events was changed by
somebody else.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any, Final

from ops.engines.clocks.calendars import Calendar
from ops.engines.clocks.choices import ClockState, EventKind
from ops.engines.clocks.kinds import ClockKind

_MOMENT: Final = dt.timedelta(microseconds=1)
BY_HAND: Final = ""  # the term of a round whose due moment somebody set


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One event as the fold sees it; `term` is what the round that begins (or stops) counts."""

    kind: EventKind
    at: dt.datetime
    due_at: dt.datetime
    term: str = BY_HAND
    step: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a clock stands after `seq` events."""

    seq: int
    state: ClockState
    due_at: dt.datetime
    round_at: dt.datetime
    term: str
    changed_at: dt.datetime
    reminded: int = 0
    level: int = 0
    ended_at: dt.datetime | None = None


class OddEvent(ValueError):
    """An event that cannot happen to a clock that stands like this."""


_FROM: Final = {
    EventKind.PAUSED: {ClockState.RUNNING},
    EventKind.RESUMED: {ClockState.PAUSED},
    EventKind.EXTENDED: {ClockState.RUNNING},
    EventKind.MOVED: {ClockState.RUNNING},
    EventKind.REMINDED: {ClockState.RUNNING},
    EventKind.BREACHED: {ClockState.RUNNING},
    EventKind.ESCALATED: {ClockState.BREACHED},
    EventKind.MET: {ClockState.RUNNING, ClockState.PAUSED, ClockState.BREACHED},
    EventKind.CANCELLED: {ClockState.RUNNING, ClockState.PAUSED, ClockState.BREACHED},
}


def after(standing: Standing | None, event: Happening) -> Standing:
    """Return where a clock stands after one more event. Raises OddEvent."""
    if standing is None:
        return _begun(event)
    if standing.ended_at is not None or standing.state not in _FROM.get(event.kind, ()):
        raise OddEvent(f"{event.kind} after {standing.state}")
    # A clock of a machine that was set back never makes a later event an earlier one.
    at = max(event.at, standing.changed_at)
    return replace(standing, seq=standing.seq + 1, changed_at=at, **_changes(standing, event, at))


def replay(events: Iterable[Happening]) -> Standing:
    """Return where a clock stands after all its events, in order. Raises OddEvent."""
    standing = reduce(after, events, _NOTHING)
    if standing is None:
        raise OddEvent("no event at all")
    return standing


def step_due(
    standing: Standing, kind: ClockKind, calendar: Calendar, *, at: dt.datetime
) -> Happening | None:
    """Return the one thing the sweep has to do to a clock at a moment, None for nothing.

    A limit that has passed is breached whatever reminders were missed; of missed reminders only
    the last is sent; and a clock goes up one level at a time.
    """
    if standing.ended_at is not None:
        return None
    if standing.state is ClockState.BREACHED:
        level = standing.level + 1
        if level <= len(kind.escalate) and kind.level_at(level, standing.due_at, calendar) <= at:
            return _step(EventKind.ESCALATED, standing, at=at, step=level)
        return None
    if standing.state is not ClockState.RUNNING:
        return None
    if at > standing.due_at:
        return _step(EventKind.BREACHED, standing, at=at)
    passed = [
        step
        for step in range(standing.reminded + 1, len(kind.remind) + 1)
        if kind.reminder_at(step, standing.round_at, standing.due_at) <= at
    ]
    return _step(EventKind.REMINDED, standing, at=at, step=passed[-1]) if passed else None


def next_at(standing: Standing, kind: ClockKind, calendar: Calendar) -> dt.datetime | None:
    """Return when the sweep has to look at a clock next, None for never."""
    if standing.ended_at is not None or standing.state is ClockState.PAUSED:
        return None
    if standing.state is ClockState.BREACHED:
        level = standing.level + 1
        more = level <= len(kind.escalate)
        return kind.level_at(level, standing.due_at, calendar) if more else None
    if standing.reminded < len(kind.remind):
        return kind.reminder_at(standing.reminded + 1, standing.round_at, standing.due_at)
    return standing.due_at + _MOMENT


_NOTHING: Standing | None = None


def _begun(event: Happening) -> Standing:
    if event.kind is not EventKind.STARTED:
        raise OddEvent(f"{event.kind} before the start")
    return Standing(
        seq=1,
        state=ClockState.RUNNING,
        due_at=event.due_at,
        round_at=event.at,
        term=event.term,
        changed_at=event.at,
    )


def _changes(standing: Standing, event: Happening, at: dt.datetime) -> dict[str, Any]:
    begins: dict[str, Any] = {"due_at": event.due_at, "reminded": 0}
    late = standing.state is ClockState.BREACHED
    changes: dict[EventKind, dict[str, Any]] = {
        EventKind.PAUSED: {"state": ClockState.PAUSED, "term": event.term},
        EventKind.RESUMED: {
            "state": ClockState.RUNNING,
            "term": event.term,
            "round_at": at,
            **begins,
        },
        EventKind.EXTENDED: {"term": BY_HAND, **begins},
        EventKind.MOVED: {"due_at": event.due_at},
        EventKind.REMINDED: {"reminded": event.step},
        EventKind.BREACHED: {"state": ClockState.BREACHED},
        EventKind.ESCALATED: {"level": event.step},
        EventKind.MET: {"ended_at": at} if late else {"state": ClockState.MET, "ended_at": at},
        EventKind.CANCELLED: {"state": ClockState.CANCELLED, "ended_at": at},
    }
    return changes[event.kind]


def _step(kind: EventKind, standing: Standing, *, at: dt.datetime, step: int = 0) -> Happening:
    return Happening(kind=kind, at=at, due_at=standing.due_at, term=standing.term, step=step)
