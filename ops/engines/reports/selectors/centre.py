"""The report centre: every report a person may see, theirs first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Q

from ops.engines.kernel.actor import Actor
from ops.engines.kernel.canonical import content_hash
from ops.engines.kernel.errors import Forbidden
from ops.engines.reports.asking import allows, plain_scopes, scopes_of
from ops.engines.reports.choices import Standing
from ops.engines.reports.declarations import Declared, catalogue
from ops.engines.reports.describing import describe, describe_edition
from ops.engines.reports.models import ReportConfirmation, ReportEdition, ReportRun
from ops.engines.reports.schedule import cadence_label, next_dues
from ops.engines.reports.selectors.readers import subscribed
from ops.engines.reports.types import EditionInfo, RunInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class CentreRow:
    """One report of the centre: whose it is, its newest figures, its newest run, what is next."""

    name: str
    title: str
    about: str
    cadence: str
    is_mine: bool
    is_pack: bool
    formats: tuple[str, ...]
    period_kinds: tuple[str, ...]
    clauses: tuple[str, ...]
    edition: EditionInfo | None
    run: RunInfo | None
    next_due_at: dt.datetime | None
    waits: bool
    is_subscribed: bool


def centre(*, actor: Actor, at: dt.datetime) -> list[CentreRow]:
    """Return the reports the actor may see, those addressed to their roles first.

    Final figures addressed to the actor wait until the actor confirms them. Four queries however
    many reports there are.
    """
    seen = _visible(actor)
    newest = ReportEdition.objects.filter(_mine(seen)).order_by("name", "-last_on", "-pk")
    editions = {row.name: row for row in newest.distinct("name")}
    last = ReportRun.objects.filter(_mine(seen)).order_by("name", "-pk")
    runs = {row.name: row for row in last.distinct("name").select_related("edition")}
    dues = next_dues(at=at)
    said = ReportConfirmation.objects.filter(person_id=actor.person_id or 0)
    confirmed = set(
        said.filter(edition__in=[row.pk for row in editions.values()]).values_list(
            "edition_id", flat=True
        )
    )
    wishes = subscribed(actor=actor)
    rows = [
        _row(
            declared,
            actor,
            describe_edition(editions[name]) if name in editions else None,
            describe(runs[name]) if name in runs else None,
            next_due_at=dues.get(name),
            confirmed=confirmed,
            wishes=wishes,
        )
        for name, declared in catalogue().items()
        if name in seen
    ]
    return sorted(rows, key=lambda row: (not row.is_mine, row.title))


def _visible(actor: Actor) -> dict[str, str]:
    """Return the scope key by name of every report the actor may see."""
    seen = {}
    for name, declared in catalogue().items():
        if not allows(declared, actor):
            continue
        try:
            seen[name] = content_hash(plain_scopes(scopes_of(declared, actor)))
        except Forbidden:
            continue
    return seen


def _mine(seen: Mapping[str, str]) -> Q:
    """Return the condition that a row belongs to a report seen and to exactly its scopes."""
    names: dict[str, list[str]] = {}
    for name, scope_key in seen.items():
        names.setdefault(scope_key, []).append(name)
    none: Q = Q(pk__in=[])
    return reduce(or_, (Q(scope_key=key, name__in=some) for key, some in names.items()), none)


def _row(
    declared: Declared,
    actor: Actor,
    edition: EditionInfo | None,
    run: RunInfo | None,
    *,
    next_due_at: dt.datetime | None,
    confirmed: Collection[int],
    wishes: Mapping[str, bool],
) -> CentreRow:
    is_mine = actor.holds(*declared.audience)
    is_final = edition is not None and edition.standing != Standing.PROVISIONAL
    return CentreRow(
        name=declared.name,
        title=str(declared.title),
        about=str(declared.about),
        cadence=cadence_label(declared),
        is_mine=is_mine,
        is_pack=declared.is_pack,
        formats=tuple(sorted(declared.formats)),
        period_kinds=tuple(sorted(declared.period_kinds)),
        clauses=declared.clauses,
        edition=edition,
        run=run,
        next_due_at=next_due_at,
        waits=is_mine and is_final and edition is not None and edition.id not in confirmed,
        is_subscribed=wishes.get(declared.name, is_mine),
    )
