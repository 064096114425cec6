"""Questions to the audit trail."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from itertools import groupby

from django.db.models import Max, QuerySet

from ops.engines.audit.models import Fact, FieldChange
from ops.engines.audit.types import FieldChangeInfo, TimelineEntry


def timeline(*, object_type: str, object_id: object, limit: int = 100) -> list[TimelineEntry]:
    """Return the facts and field changes of one object, newest first, at most `limit` lines.

    Field changes are those of the table `<app>_<model>` that `object_type` "app.model" names.
    """
    facts = Fact.objects.filter(object_type=object_type, object_id=str(object_id))
    changes = FieldChange.objects.filter(
        table_name=object_type.replace(".", "_"), row_id=str(object_id)
    )
    entries = [
        *(_from_fact(fact) for fact in facts.order_by("-id")[:limit]),
        *_from_changes(changes.order_by("-id")[: limit * 20]),
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


def newest_at(*, action: str) -> datetime | None:
    """Return when an action was last decided; None when never."""
    newest: datetime | None = Fact.objects.filter(action=action).aggregate(at=Max("at"))["at"]
    return newest


def _from_fact(fact: Fact) -> TimelineEntry:
    return TimelineEntry(
        recorded_at=fact.recorded_at,
        at=fact.at,
        actor_name=fact.actor_name,
        person_id=fact.person_id,
        action=fact.action,
        body=json.loads(fact.body),
        fact_id=fact.id,
    )


def _from_changes(changes: QuerySet[FieldChange]) -> Iterator[TimelineEntry]:
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
