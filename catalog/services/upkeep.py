"""Upkeep of listings: the nightly and weekly looks, and the tasks they open (CAT-4.3-01, -09).

Listings are judged some thousands at a time by the same pure rules that judge a submission; what
was found is written back in one statement a batch.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction

from catalog.choices.listings import TaskKind, TaskOutcome
from catalog.errors import listings as errors
from catalog.models import Listing, ListingTask
from catalog.rules.listing import judging
from catalog.rules.listing.completeness import Completeness
from catalog.rules.listing.content import SECTIONS, STOP, Content, kept
from catalog.selectors import listing_grounds as grounds
from catalog.services.listings import KIND, SUBJECT, locked
from catalog.types.listings import Grounds, ScanReport
from ops.engines.audit import services as audit
from ops.engines.clocks import services as clocks
from ops.engines.clocks.types import Subject
from ops.engines.identity.choices import Role
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.arrays import array
from ops.engines.revisions import selectors as versions

UPKEEP: Final = "listing_upkeep"
TASK: Final = "catalog.listingtask"
BATCH: Final = 5_000
Progress = Callable[[int, int, str], None]

_ON_SHELF: Final = """
SELECT l.id FROM catalog_listing l
JOIN catalog_listingshelf f ON f.listing_id = l.id AND f.during @> %(at)s::timestamptz
ORDER BY l.id
"""
_UNDER: Final = """
SELECT l.id FROM catalog_listing l
JOIN catalog_product p ON p.id = l.product_id
JOIN catalog_category c ON c.id = p.category_id
JOIN catalog_listingshelf f ON f.listing_id = l.id AND f.during @> %(at)s::timestamptz
WHERE EXISTS (SELECT FROM catalog_category m WHERE m.id = ANY(%(categories)s::bigint[])
              AND starts_with(c.path || '.', m.path || '.'))
ORDER BY l.id
"""
_KEEP: Final = """
UPDATE catalog_listing l
   SET percent = g.percent, missing = g.missing::jsonb, checked_at = %(at)s
  FROM unnest(%(ids)s::bigint[], %(percents)s::int[], %(missing)s::text[])
       AS g(id, percent, missing)
 WHERE l.id = g.id
"""
_OPEN: Final = """
INSERT INTO catalog_listingtask (listing_id, kind, details, opened_at, outcome, note)
SELECT g.id, g.kind, g.details::jsonb, %(at)s, '', ''
  FROM unnest(%(ids)s::bigint[], %(kinds)s::text[], %(details)s::text[]) AS g(id, kind, details)
 ORDER BY g.id
ON CONFLICT (listing_id) WHERE done_at IS NULL DO NOTHING
RETURNING id, listing_id
"""
_STALE: Final = """
SELECT l.id, coalesce(l.verified_at, l.opened_at) FROM catalog_listing l
WHERE l.id = ANY(%(ids)s::bigint[])
"""


def scan_completeness(*, actor: Actor, at: datetime, progress: Progress) -> ScanReport:
    """Look at everything on a shelf: percentage and gaps; reopen what fell below (CAT-4.3-01).

    Goods taken over without a written version have a percentage too, and are not reopened: nothing
    of theirs was ever complete. Each batch commits for itself.
    """
    ids = _ids(_ON_SHELF, {"at": at})
    return _look_at(ids, actor=actor, at=at, progress=progress)


def recheck_categories(*, category_ids: Collection[int], actor: Actor, at: datetime) -> ScanReport:
    """Look again at the listings below categories, whose rules may now be others (CAT-4.1-02)."""
    ids = _ids(_UNDER, {"at": at, "categories": array(category_ids)})
    return _look_at(ids, actor=actor, at=at, progress=_silent)


def scan_freshness(*, actor: Actor, at: datetime, progress: Progress) -> ScanReport:
    """Open upkeep for listings not verified for long, or that contradict what is (CAT-4.3-09).

    Contradictions are with price, stock and the fact sheet. Each batch commits for itself.
    """
    ids = _ids(_ON_SHELF, {"at": at})
    stale = contradicting = tasks = 0
    for batch in _batches(ids, progress):
        with transaction.atomic():
            found = _judged(batch, at)
            verified = _verified(batch)
            wanted: list[tuple[int, str, list[dict[str, str]]]] = []
            for pk, (content, on) in found.items():
                wrong = [] if content is None else _contradictions(content, on)
                if wrong:
                    wanted.append((pk, TaskKind.CONTRADICTS, wrong))
                    contradicting += 1
                elif verified[pk] < at - timedelta(days=on.rule.verify_days):
                    wanted.append((pk, TaskKind.STALE, []))
                    stale += 1
            tasks += _open(wanted, actor=actor, at=at)
    return ScanReport(looked_at=len(ids), stale=stale, contradicting=contradicting, tasks=tasks)


def verify(*, listing_id: int, note: str, actor: Actor, at: datetime) -> None:
    """Record that a listing was looked at and is right as it is; its task is done (CAT-4.3-09).

    Raises ListingMissing, ListingRetired, StillWrong (it is incomplete or contradicts the facts).
    """
    words = parse.text(note, most=200).strip()
    with transaction.atomic():
        listing = locked(listing_id, actor, "C")
        content, on = _judged([listing_id], at)[listing_id]
        if content is not None:
            left = judging.complete(content, on)
            if not left.is_complete or _contradictions(content, on):
                raise errors.StillWrong
        listing.verified_at, listing.verified_by = at, actor.person_id
        listing.save(update_fields=["verified_at", "verified_by"])
        finish(listing_id=listing_id, outcome=TaskOutcome.VERIFIED, note=words, actor=actor, at=at)
        audit.record(
            actor=actor,
            at=at,
            action="catalog.listing_verified",
            obj=(SUBJECT, listing_id),
            body={"number": listing.number, "note": words},
        )


def finish(*, listing_id: int, outcome: str, note: str, actor: Actor, at: datetime) -> None:
    """Close the open task of a listing, if there is one; its clock is met."""
    rows = ListingTask.objects.select_for_update(of=("self",), no_key=True)
    task = rows.filter(listing_id=listing_id, done_at__isnull=True).first()
    if task is None:
        return
    task.outcome, task.note = outcome, note
    task.done_by, task.done_at = actor.person_id, at
    task.save(update_fields=["outcome", "note", "done_by", "done_at"])
    clocks.meet(kind=UPKEEP, subjects=[(TASK, task.pk)], actor=actor, at=at)


def _look_at(ids: Sequence[int], *, actor: Actor, at: datetime, progress: Progress) -> ScanReport:
    incomplete = tasks = 0
    for batch in _batches(ids, progress):
        with transaction.atomic():
            rows = []
            wanted: list[tuple[int, str, list[dict[str, str]]]] = []
            for pk, (content, on) in _judged(batch, at).items():
                found = judging.complete(content or _unwritten(on), on)
                rows.append((pk, found))
                if not found.is_complete:
                    incomplete += 1
                    if content is not None:
                        wanted.append((pk, TaskKind.INCOMPLETE, judging.gaps(found)))
            _keep(rows, at)
            tasks += _open(wanted, actor=actor, at=at)
    return ScanReport(looked_at=len(ids), incomplete=incomplete, reopened=tasks, tasks=tasks)


def _judged(ids: Collection[int], at: datetime) -> dict[int, tuple[Content | None, Grounds]]:
    """Return the live content of listings, None where none was written, with their grounds."""
    on = grounds.grounds(listing_ids=ids, at=at)
    # The words alone: a hundred thousand versions are not made into objects.
    rows = versions.live_rows(kind=KIND, at=at).filter(piece__subject_id__in=ids)
    live = dict(rows.values_list("piece__subject_id", "revision__content"))
    return {pk: (kept(live[pk]) if pk in live else None, each) for pk, each in on.items()}


def _contradictions(content: Content, on: Grounds) -> list[dict[str, str]]:
    found = [
        {"field": one.field, "words": one.words}
        for one in judging.contradictions(content, on)
        if one.level == STOP
    ]
    if words := judging.standard_differs(on):
        found.append({"field": "quality", "words": words})
    found += [{"field": "price", "words": ""}] if not on.has_price else []
    found += [{"field": "stock", "words": ""}] if not on.has_stock else []
    return found


def _unwritten(on: Grounds) -> Content:
    return Content(title=on.product_name, sections=dict.fromkeys(SECTIONS, ""))


def _keep(rows: Sequence[tuple[int, Completeness]], at: datetime) -> None:
    values: dict[str, Any] = {
        "ids": [pk for pk, _found in rows],
        "percents": [found.percent for _pk, found in rows],
        "missing": [json.dumps(judging.gaps(found)) for _pk, found in rows],
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, values)


def _open(
    wanted: Sequence[tuple[int, str, list[dict[str, str]]]], *, actor: Actor, at: datetime
) -> int:
    """Open one task for each listing that has none, and start its clock; returns how many."""
    if not wanted:
        return 0
    values: dict[str, Any] = {
        "ids": [pk for pk, _kind, _details in wanted],
        "kinds": [kind for _pk, kind, _details in wanted],
        "details": [json.dumps(details) for _pk, _kind, details in wanted],
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, values)
        made = cursor.fetchall()
    rows = {
        pk: (number, channel, owner)
        for pk, number, channel, owner in Listing.objects.filter(
            pk__in=[listing for _task, listing in made]
        ).values_list("pk", "number", "channel_id", "opened_by")
    }
    clocks.start(
        kind=UPKEEP,
        subjects=[
            Subject(
                type=TASK,
                id=task,
                label=rows[listing][0],
                link=f"/listings/{listing}/",
                person_id=rows[listing][2] or None,
                role=Role.OPERATIONS_SPECIALIST,
                scope=("channel", rows[listing][1]),
            )
            for task, listing in made
        ],
        actor=actor,
        at=at,
    )
    if made:
        audit.record(
            actor=actor,
            at=at,
            action="catalog.upkeep_opened",
            obj=(TASK, made[0][0]),
            body={"tasks": len(made), "listings": [listing for _task, listing in made][:200]},
        )
    return len(made)


def _verified(ids: Collection[int]) -> dict[int, datetime]:
    with connection.cursor() as cursor:
        cursor.execute(_STALE, {"ids": array(ids)})
        return dict(cursor.fetchall())


def _ids(sql: str, values: Mapping[str, Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [pk for (pk,) in cursor.fetchall()]


def _batches(ids: Sequence[int], progress: Progress) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]
        progress(min(start + BATCH, len(ids)), len(ids), "listings")


def _silent(_done: int, _total: int, _stage: str) -> None:
    """Say nothing about progress."""
