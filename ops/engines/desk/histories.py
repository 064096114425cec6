"""One timeline of a record: facts, field changes, decisions, in words people read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise

from ops.engines.audit import selectors as audit
from ops.engines.audit.types import TimelineEntry
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.canonical import canonical_json
from ops.engines.kernel.classified import known_to, readable

_words: dict[str, str | Promise] = {}
SHOWN: Final = 50
LONGEST: Final = 240


def word_actions(words: Mapping[str, str | Promise]) -> None:
    """Say how audit actions read on screen: {"catalog.price_change_submitted": _("Handed in")}."""
    _words.update(words)


def word_of(action: str) -> str:
    """Return the words of an action; one without words shows its own code."""
    return str(_words.get(action, action))


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the timeline."""

    at: dt.datetime
    who: str
    what: str
    details: Sequence[tuple[str, str]]
    changes: Sequence[tuple[str, str, str]]
    is_machine: bool


def timeline(object_type: str, object_id: object, *, actor: Actor) -> list[Line]:
    """Return the newest lines of one object's history, without what the actor may not read."""
    found = audit.timeline(object_type=object_type, object_id=object_id, limit=SHOWN)
    return [_line(entry, actor) for entry in found]


def _line(entry: TimelineEntry, actor: Actor) -> Line:
    body = known_to(entry.body, actor)
    return Line(
        at=entry.at,
        who=entry.actor_name or entry.db_user,
        what=word_of(entry.action) if entry.action else "",
        details=[(key, _text(value)) for key, value in body.items() if not _is_pair(value)],
        changes=[
            *(
                (c.field, c.old or "", c.new or "")
                for c in entry.changes
                if readable(c.field, actor)
            ),
            *(
                (key, _text(value[0]), _text(value[1]))
                for key, value in body.items()
                if _is_pair(value)
            ),
        ],
        is_machine=entry.person_id is None,
    )


def _is_pair(value: Any) -> bool:
    """Say whether a body value is an old and a new one."""
    return isinstance(value, list) and len(value) == 2 and not isinstance(value[0], dict | list)


def _text(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else canonical_json(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
