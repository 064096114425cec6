"""Questions to the audit trail."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from pathlib import Path
from typing import Final

from django.db import connection
from django.db.models import Exists, Max, OuterRef, QuerySet
from django.db.models.expressions import RawSQL

from ops.engines.audit import places
from ops.engines.audit.leaves import content_of
from ops.engines.audit.models import Anchor, Fact, Leaf
from ops.engines.audit.types import (
    TRAIL_CHECKED,
    Checked,
    FieldChangeInfo,
    Standing,
    TimelineEntry,
)
from ops.engines.kernel.parse import BUSINESS_ZONE

_BLOCK: Final = 10_000
# A fact always has an action, a changed field never.
_TIMELINE: Final = """
(SELECT id, recorded_at, at, actor_name, person_id, action, body, '', NULL, NULL, ''
   FROM audit_fact WHERE object_type = %(type)s AND object_id = %(id)s
  ORDER BY id DESC LIMIT %(facts)s)
UNION ALL
(SELECT id, at, at, actor_name, person_id, '', '', field, old, new, db_user
   FROM audit_fieldchange WHERE table_name = %(table)s AND row_id = %(id)s
  ORDER BY id DESC LIMIT %(changes)s)
"""
_ABOUT: Final = """
SELECT f.id FROM unnest(%s::text[], %s::text[]) AS o(type, id)
  JOIN audit_fact f ON f.object_type = o.type AND f.object_id = o.id
 WHERE f.action !~ '^(clocks|files|notices)[.]'
   AND NOT EXISTS (SELECT 1 FROM unnest(%s::text[], %s::text[]) AS n(type, key)
                    WHERE n.type = f.object_type
                      AND NOT coalesce(
                          jsonb_exists_any(f.body::jsonb -> n.key, %s::text[]), false))
"""
# One row also where nothing was sealed or checked yet: every part hangs on a row of its own.
_STANDING: Final = """
SELECT a.id, a.sealed_at, a.tree_size, a.root, a.key_id, w.number, w.oldest, c.id, c.at, c.body
  FROM (VALUES (true)) AS always
  LEFT JOIN (SELECT id, sealed_at, tree_size, root, key_id, horizon
               FROM audit_anchor ORDER BY id DESC LIMIT 1) a ON true
  CROSS JOIN LATERAL (SELECT count(*) AS number, min(recorded_at) AS oldest FROM audit_fact
                       WHERE txid >= coalesce(a.horizon, '0')) w
  LEFT JOIN (SELECT id, at, body FROM audit_fact WHERE action = %(checked)s
              ORDER BY at DESC, id DESC LIMIT 1) c ON true
"""


@dataclass(frozen=True, slots=True)
class _Entered:
    """One fact or one changed field, as the statement of a timeline returns both."""

    id: int
    recorded_at: datetime
    at: datetime
    actor_name: str
    person_id: int | None
    action: str
    body: str
    field: str
    old: str | None
    new: str | None
    db_user: str


def timeline(*, object_type: str, object_id: object, limit: int = 100) -> list[TimelineEntry]:
    """Return the facts and field changes of one object, newest first, at most `limit` lines.

    Field changes are those of the table `<app>_<model>` that `object_type` "app.model" names.
    One statement.
    """
    asked: dict[str, str | int] = {
        "type": object_type,
        "table": object_type.replace(".", "_"),
        "id": str(object_id),
        "facts": limit,
        "changes": limit * 20,
    }
    with connection.cursor() as cursor:
        cursor.execute(_TIMELINE, asked)
        rows = [_Entered(*row) for row in cursor.fetchall()]
    rows.sort(key=lambda row: row.id, reverse=True)
    entries = [
        *(_from_fact(row) for row in rows if row.action),
        *_from_changes([row for row in rows if not row.action]),
    ]
    entries.sort(key=lambda entry: (entry.recorded_at, entry.fact_id or 0), reverse=True)
    return entries[:limit]


def facts(
    *, action: str = "", person_id: int | None = None, before_id: int | None = None
) -> QuerySet[Fact]:
    """Return facts, newest first; `before_id` is the keyset cursor."""
    found = Fact.objects.order_by("-id")
    if action:
        found = found.filter(action=action)
    if person_id is not None:
        found = found.filter(person_id=person_id)
    return found if before_id is None else found.filter(id__lt=before_id)


def facts_about(
    *, objects: Collection[tuple[str, str]], naming: Mapping[str, str], ours: Collection[str]
) -> QuerySet[Fact]:
    """Return the facts about any of many objects, to be filtered and paged further.

    Of an object that many things share, only what names one of `ours` is told: `naming` says by the
    type of the object which list of the body names them. Clocks and files are left out.
    """
    types, ids = ([pair[place] for pair in objects] for place in (0, 1))
    values = [types, ids, list(naming), list(naming.values()), list(ours)]
    return Fact.objects.filter(pk__in=RawSQL(_ABOUT, values))  # noqa: S611 no values in the text


def newest_at(*, action: str) -> datetime | None:
    """Return when an action was last decided; None when never."""
    newest: datetime | None = Fact.objects.filter(action=action).aggregate(at=Max("at"))["at"]
    return newest


@dataclass(frozen=True, slots=True)
class Placed:
    """What stands at one place of the sealed sequence; `content` is None when the fact is gone."""

    place: int
    fact_id: int
    leaf: bytes
    content: str | None
    own_leaf: bytes


def placed_facts(*, begin: int = 0, end: int | None = None) -> Iterator[list[Placed]]:
    """Yield the places from `begin` up to `end` in order, in blocks, as the rows stand now."""
    upto = Leaf.objects.aggregate(most=Max("id"))["most"]
    last = (-1 if upto is None else upto) + 1 if end is None else end
    for low in range(begin, last, _BLOCK):
        leaves = list(Leaf.objects.filter(id__gte=low, id__lt=min(low + _BLOCK, last)))
        leaves.sort(key=lambda leaf: leaf.id)
        rows = Fact.objects.in_bulk([leaf.fact_id for leaf in leaves])
        yield [_placed(leaf, rows.get(leaf.fact_id)) for leaf in leaves]


def _placed(leaf: Leaf, fact: Fact | None) -> Placed:
    return Placed(
        place=leaf.id,
        fact_id=leaf.fact_id,
        leaf=bytes(leaf.leaf),
        content=content_of(fact) if fact else None,
        own_leaf=bytes(fact.leaf) if fact else b"",
    )


def strays(*, horizon: int, most: int) -> QuerySet[Fact]:
    """Return facts of transactions before a sealed horizon that have no place: put in later."""
    sealed = Leaf.objects.filter(fact_id=OuterRef("id"))
    found = Fact.objects.filter(~Exists(sealed), txid__lt=horizon)
    return found.order_by("id")[:most]


def anchors(*, before_id: int | None = None) -> QuerySet[Anchor]:
    """Return anchors, newest first; `before_id` is the keyset cursor."""
    found = Anchor.objects.order_by("-id")
    return found if before_id is None else found.filter(id__lt=before_id)


def anchors_of(first: date, last: date) -> QuerySet[Anchor]:
    """Return the anchors sealed on business days, newest first."""
    begin = datetime.combine(first, time(), BUSINESS_ZONE)
    end = datetime.combine(last + timedelta(days=1), time(), BUSINESS_ZONE)
    return anchors().filter(sealed_at__gte=begin, sealed_at__lt=end)


def newest_anchor() -> Anchor | None:
    """Return the newest anchor, None before the first seal."""
    return anchors().first()


def anchor_over(*, fact_id: int) -> tuple[int, Anchor] | None:
    """Return a fact's place (from nought) and the anchor that sealed it; None while it waits."""
    place = Leaf.objects.filter(fact_id=fact_id).values_list("id", flat=True).first()
    if place is None:
        return None
    anchor = Anchor.objects.filter(tree_size__gt=place).order_by("id").first()
    return None if anchor is None else (place, anchor)


def standing() -> Standing:
    """Return how the seals stand now, in one statement.

    A place whose copy cannot be read counts as at nought.
    """
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, {"checked": TRAIL_CHECKED})
        number, sealed_at, facts, root, key_id, waiting, oldest, *checked = cursor.fetchone()
    return Standing(
        number=number or 0,
        sealed_at=sealed_at,
        facts=facts or 0,
        root=bytes(root or b"").hex(),
        key_id=key_id or "",
        waiting=waiting,
        oldest_waiting_at=oldest,
        copies=tuple((str(place), _copied_to(place)) for place in places.directories()),
        checked=_checked(*checked),
    )


def _checked(fact_id: int | None, at: datetime, body: str) -> Checked | None:
    if fact_id is None:
        return None
    return Checked(fact_id=fact_id, at=at, differences=json.loads(body)["differences"])


def _copied_to(place: Path) -> int:
    try:
        newest = places.newest(place)
    except (OSError, places.Unreadable):
        return 0
    return newest.number if newest else 0


def _from_fact(fact: _Entered) -> TimelineEntry:
    return TimelineEntry(
        recorded_at=fact.recorded_at,
        at=fact.at,
        actor_name=fact.actor_name,
        person_id=fact.person_id,
        action=fact.action,
        body=json.loads(fact.body),
        fact_id=fact.id,
    )


def _from_changes(changes: Iterable[_Entered]) -> Iterator[TimelineEntry]:
    # One UPDATE of one row writes all its changes with one moment: shown as one line.
    for (at, name, person_id, db_user), group in groupby(
        changes, key=lambda c: (c.at, c.actor_name, c.person_id, c.db_user)
    ):
        yield TimelineEntry(
            recorded_at=at,
            at=at,
            actor_name=name,
            person_id=person_id,
            action="",
            changes=tuple(
                FieldChangeInfo(field=c.field, old=c.old, new=c.new)
                for c in sorted(group, key=lambda c: c.id)
            ),
            db_user=db_user,
        )
