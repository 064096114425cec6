"""The one place where clocks are written: events and rows in one statement each."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from ops.engines.audit import services as audit
from ops.engines.clocks.calendars import Calendar
from ops.engines.clocks.choices import EventKind
from ops.engines.clocks.kinds import ClockKind, kind_named
from ops.engines.clocks.models import Clock
from ops.engines.clocks.selectors import standing_of
from ops.engines.clocks.standing import Happening, Standing, after, next_at
from ops.engines.clocks.types import Subject
from ops.engines.kernel.actor import Actor

_START = """
WITH made AS (
    INSERT INTO clocks_clock
        (kind, subject_type, subject_id, label, link, area, scope_kind, scope_id, role, person_id,
         department_id, started_at, seq, state, due_at, round_at, term, reminded, level,
         changed_at, ended_at, next_at)
    SELECT %(kind)s, type, id, label, link, %(area)s, scope_kind, scope_id, role, person_id,
           department_id, started_at, 1, 'running', due_at, started_at, term, 0, 0,
           started_at, NULL, next_at
      FROM unnest(%(type)s::text[], %(id)s::bigint[], %(label)s::text[], %(link)s::text[],
                  %(scope_kind)s::text[], %(scope_id)s::bigint[], %(role)s::text[],
                  %(person_id)s::bigint[], %(department_id)s::bigint[],
                  %(started_at)s::timestamptz[], %(due_at)s::timestamptz[],
                  %(next_at)s::timestamptz[], %(term)s::text[])
        AS given(type, id, label, link, scope_kind, scope_id, role, person_id, department_id,
                 started_at, due_at, next_at, term)
    ON CONFLICT (kind, subject_type, subject_id) WHERE ended_at IS NULL DO NOTHING
    RETURNING id, started_at, due_at, term
), told AS (
    INSERT INTO clocks_event
        (clock_id, seq, kind, at, state, due_at, term, step, reason, by_name, by_person_id)
    SELECT id, 1, 'started', started_at, 'running', due_at, term, 0, '', %(by)s, %(person)s
      FROM made
)
SELECT id FROM made ORDER BY id
"""
_CHANGE = """
WITH given AS (
    SELECT * FROM unnest(%s::bigint[], %s::int[], %s::text[], %s::timestamptz[], %s::text[],
                         %s::timestamptz[], %s::text[], %s::int[], %s::timestamptz[], %s::int[],
                         %s::int[], %s::timestamptz[], %s::timestamptz[])
        AS given(id, seq, kind, at, state, due_at, term, step, round_at, reminded, level,
                 ended_at, next_at)
), told AS (
    INSERT INTO clocks_event
        (clock_id, seq, kind, at, state, due_at, term, step, reason, by_name, by_person_id)
    SELECT id, seq, kind, at, state, due_at, term, step, %s, %s, %s FROM given
)
UPDATE clocks_clock c
   SET seq = given.seq, state = given.state, due_at = given.due_at, term = given.term,
       round_at = given.round_at, reminded = given.reminded, level = given.level,
       changed_at = given.at, ended_at = given.ended_at, next_at = given.next_at
  FROM given WHERE c.id = given.id AND c.seq = given.seq - 1
"""
_LOOK_AT = """
UPDATE clocks_clock c SET next_at = given.next_at
  FROM unnest(%s::bigint[], %s::timestamptz[]) AS given(id, next_at)
 WHERE c.id = given.id AND c.next_at IS DISTINCT FROM given.next_at
"""


@dataclass(frozen=True, slots=True)
class Change:
    """One event of one locked clock."""

    clock: Clock
    event: Happening


def insert(
    kind: ClockKind,
    subjects: Sequence[Subject],
    times: Sequence[tuple[datetime, datetime, datetime | None]],
    *,
    actor: Actor,
) -> tuple[int, ...]:
    """Start clocks at (started, due, next looked at) and return the ids of those that are new."""
    scopes = [each.scope or ("", None) for each in subjects]
    with connection.cursor() as cursor:
        cursor.execute(
            _START,
            {
                "kind": kind.name,
                "area": kind.area,
                "term": [(each.limit or kind.limit).text for each in subjects],
                "type": [each.type for each in subjects],
                "id": [each.id for each in subjects],
                "label": [each.label for each in subjects],
                "link": [each.link for each in subjects],
                "scope_kind": [scope[0] for scope in scopes],
                "scope_id": [scope[1] for scope in scopes],
                "role": [each.role or kind.role for each in subjects],
                "person_id": [each.person_id for each in subjects],
                "department_id": [each.department_id for each in subjects],
                "started_at": [time[0] for time in times],
                "due_at": [time[1] for time in times],
                "next_at": [time[2] for time in times],
                "by": actor.name,
                "person": actor.person_id,
            },
        )
        return tuple(row[0] for row in cursor.fetchall())


def apply(
    changes: Sequence[Change], *, calendar: Calendar, actor: Actor, reason: str = ""
) -> list[Clock]:
    """Write one event per locked clock, bring its row along, and return the clocks.

    Raises RuntimeError when a row was not locked by the caller, OddEvent for what cannot happen.
    """
    if not changes:
        return []
    rows = []
    for change in changes:
        clock = change.clock
        new = after(standing_of(clock), change.event)
        look = next_at(new, kind_named(clock.kind), calendar)
        rows.append(
            (
                clock.pk, new.seq, change.event.kind.value, new.changed_at, new.state.value,
                new.due_at, new.term, change.event.step, new.round_at, new.reminded, new.level,
                new.ended_at, look,
            )
        )  # fmt: skip
        _bring(clock, new, look)
    with connection.cursor() as cursor:
        columns = [list(column) for column in zip(*rows, strict=True)]
        cursor.execute(_CHANGE, [*columns, reason, actor.name, actor.person_id])
        if cursor.rowcount != len(rows):
            raise RuntimeError("a clock was changed without its lock")
    return [change.clock for change in changes]


def look_again(clocks: Collection[Clock], *, calendar: Calendar) -> None:
    """Set anew when the sweep looks at these locked clocks."""
    times = [next_at(standing_of(c), kind_named(c.kind), calendar) for c in clocks]
    with connection.cursor() as cursor:
        cursor.execute(_LOOK_AT, [[clock.pk for clock in clocks], times])


def note(
    action: str, clocks: Sequence[Clock], *, actor: Actor, at: datetime, reason: str = ""
) -> None:
    """Leave one audit fact: on the subject's own timeline when there is one subject."""
    if not clocks:
        return
    if len(clocks) == 1:
        clock = clocks[0]
        body = {"clock": clock.pk, "kind": clock.kind, "due_at": clock.due_at, "reason": reason}
        audit.record(
            actor=actor, at=at, action=action, obj=(clock.subject_type, clock.subject_id), body=body
        )
        return
    ids = ",".join(str(clock.pk) for clock in clocks)
    digest = hashlib.sha256(ids.encode()).hexdigest()
    body = {"kind": clocks[0].kind, "count": len(clocks), "rows_sha256": digest, "reason": reason}
    audit.record(actor=actor, at=at, action=action, body=body)


def happening(kind: EventKind, clock: Clock, *, at: datetime) -> Happening:
    """Return an event that leaves the due moment and the term as they are."""
    return Happening(kind=kind, at=at, due_at=clock.due_at, term=clock.term)


def _bring(clock: Clock, new: Standing, look: datetime | None) -> None:
    clock.seq, clock.state, clock.due_at, clock.term = new.seq, new.state, new.due_at, new.term
    clock.round_at, clock.reminded, clock.level = new.round_at, new.reminded, new.level
    clock.changed_at, clock.ended_at, clock.next_at = new.changed_at, new.ended_at, look
