"""A product's life in words: what the trail says, who did it, where they worked (HR-1.2-02)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from catalog.choices.feedback import Finding, LifeKind
from catalog.rules import feedback as rules
from catalog.selectors.life import Things
from ops.engines.audit.models import Fact
from ops.engines.desk.histories import word_of
from ops.engines.identity import selectors as identity
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.classified import known_to
from ops.engines.kernel.parse import business_day

# What of a fact says more than its action, the telling ones first.
_TELLING: Final = (
    "finding",
    "reason",
    "why",
    "note",
    "reply",
    "led_to",
    "word",
    "standard",
    "name",
)
_MOST: Final = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeLine:
    """One line of a product's life; `href` leads to what it is about."""

    id: int
    at: datetime
    kind: LifeKind
    what: str
    detail: str
    who: str
    department: str
    number: str
    href: str


def lines(facts: Sequence[Fact], things: Things, *, actor: Actor) -> list[LifeLine]:
    """Return facts as lines, each with the department its person worked in on that day."""
    moments = {(row.person_id, business_day(row.at)) for row in facts if row.person_id is not None}
    worked = identity.departments_at(moments=moments)
    return [
        LifeLine(
            id=row.pk,
            at=row.at,
            kind=rules.kind_of(row.action, row.object_type),
            what=word_of(row.action),
            detail=_detail(known_to(json.loads(row.body), actor)),
            who=row.actor_name,
            department=worked.get((row.person_id or 0, business_day(row.at)), ""),
            number=things[row.object_type, row.object_id].number,
            href=things[row.object_type, row.object_id].href,
        )
        for row in facts
    ]


def _detail(body: Mapping[str, Any]) -> str:
    """Return what else a fact says: who owned and owns it, what was found, why."""
    said = []
    given = body.get("department")
    if isinstance(given, list) and len(given) == 2:
        said.append(f"{given[0] or '—'} → {given[1]}")
    for key in _TELLING:
        value = body.get(key)
        if not isinstance(value, str) or not value:
            continue
        said.append(str(Finding(value).label) if key == "finding" else value)
    text = " · ".join(dict.fromkeys(said))
    return text if len(text) <= _MOST else f"{text[:_MOST]}…"
