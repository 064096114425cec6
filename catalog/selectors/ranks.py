"""Search words of goods and pages as an actor may see them: ranks, traffic, edits (CAT-4.3-14)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from django.db import connection
from django.db.models import OuterRef, QuerySet, Subquery

from catalog.choices.pages import PageKind
from catalog.errors.goods import ThingMissing
from catalog.models import Listing, SearchKeyword, SearchRank
from catalog.rules import ranks as rules
from catalog.selectors import pages
from catalog.types.ranks import KeywordLine, SearchEdit, WeekOfRank
from ops.engines.identity import selectors as people
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.arrays import array
from ops.engines.kernel.parse import business_day
from ops.engines.revisions import selectors as revisions

LISTING: Final = "catalog.listing"
MOST_CORRECTIONS: Final = 50
# The newest figure, the one a week before it, and what its last seven days brought.
_STANDING: Final = """
SELECT k.id, n.rank, n.last_on, w.rank, coalesce(s.impressions, 0), coalesce(s.clicks, 0)
FROM unnest(%(ids)s::bigint[]) AS k(id)
LEFT JOIN LATERAL (
    SELECT rank, last_on FROM catalog_searchrank r
    WHERE r.keyword_id = k.id AND r.replaced_at IS NULL ORDER BY last_on DESC LIMIT 1) n ON true
LEFT JOIN LATERAL (
    SELECT rank FROM catalog_searchrank r
    WHERE r.keyword_id = k.id AND r.replaced_at IS NULL
      AND r.last_on <= n.last_on - 7 AND r.last_on > n.last_on - 14
    ORDER BY last_on DESC LIMIT 1) w ON true
LEFT JOIN LATERAL (
    SELECT sum(impressions)::bigint AS impressions, sum(clicks)::bigint AS clicks
    FROM catalog_searchrank r
    WHERE r.keyword_id = k.id AND r.replaced_at IS NULL AND r.last_on > n.last_on - 7) s ON true
"""
_WEEKS: Final = """
SELECT keyword_id, date_trunc('week', first_on)::date AS week_on,
       (array_agg(rank ORDER BY last_on DESC))[1], sum(impressions)::bigint, sum(clicks)::bigint
FROM catalog_searchrank
WHERE keyword_id = ANY(%(ids)s::bigint[]) AND replaced_at IS NULL AND last_on >= %(since)s
GROUP BY keyword_id, week_on
ORDER BY keyword_id, week_on
"""


class _Standing(NamedTuple):
    rank: int | None
    seen_on: date | None
    before: int | None
    impressions: int
    clicks: int


def keywords(*, actor: Actor) -> QuerySet[Any]:
    """Return the search words followed in the actor's channels, each with its newest rank."""
    mine = actor.scope_ids("channel", "catalog")
    rows = SearchKeyword.objects.select_related("channel", "product", "page")
    newest = SearchRank.objects.filter(keyword=OuterRef("pk"), replaced_at__isnull=True)
    listing = Listing.objects.filter(product=OuterRef("product"), channel=OuterRef("channel"))
    found = rows.annotate(
        newest_rank=Subquery(newest.order_by("-last_on").values("rank")[:1]),
        listing_id=Subquery(listing.values("pk")[:1]),
    )
    return found if mine is None else found.filter(channel__in=mine)


def keyword(*, keyword_id: int, actor: Actor) -> Any:
    """Return one search word in the actor's channels; raises ThingMissing."""
    found = keywords(actor=actor).filter(pk=keyword_id).first()
    if found is None:
        raise ThingMissing("search_keyword", keyword_id)
    return found


def lines(*, rows: Sequence[Any], at: datetime) -> list[KeywordLine]:
    """Return search words as the table shows them. Six queries, however many there are."""
    if not rows:
        return []
    ids = [row.pk for row in rows]
    standing, weeks = _standings(ids), _weeks(ids, at)
    newest = _newest(rows, at)
    return [
        KeywordLine(
            id=row.pk,
            word=row.word,
            channel=row.channel.name,
            channel_id=row.channel_id,
            product_id=row.product_id,
            page_id=row.page_id,
            listing_id=row.listing_id,
            goods=row.product.name if row.product else str(PageKind(row.page.kind).label),
            code=row.product.code if row.product else "",
            weeks=weeks.get(row.pk, ()),
            edit=newest.get(_about(row)),
            **standing[row.pk]._asdict(),
        )
        for row in rows
    ]


def edits(*, kind: str, subject_ids: Collection[int], at: datetime) -> dict[int, list[SearchEdit]]:
    """Return when what subjects say to a search changed, oldest first. Two queries.

    Only what went live counts: a draft nobody published has helped nobody.
    """
    courses = revisions.courses(
        kind=kind, subject_ids=subject_ids, fields=rules.SEARCH_FIELDS, at=at
    )
    stands = [stand for course in courses.values() for stand in course]
    names = people.person_names([stand.drafted_by for stand in stands])
    found: dict[int, list[SearchEdit]] = {}
    for subject_id, course in courses.items():
        before: Mapping[str, Any] | None = None
        for stand in course:
            changed = rules.changed_fields(before, stand.fields)
            if changed:
                edit = SearchEdit(
                    subject_id=subject_id,
                    no=stand.no,
                    since=stand.since,
                    who=names.get(stand.drafted_by, ""),
                    why=stand.why,
                    changed=changed,
                    is_first=before is None,
                )
                found.setdefault(subject_id, []).append(edit)
            before = stand.fields
    return found


def edits_of(*, row: Any, at: datetime) -> list[SearchEdit]:
    """Return the edits of the listing or page a search word leads to, oldest first."""
    kind, subject_id = _about(row)
    if subject_id is None:
        return []
    return edits(kind=kind, subject_ids=[subject_id], at=at).get(subject_id, [])


def corrections(*, keyword_id: int) -> QuerySet[SearchRank]:
    """Return the figures of a word that were replaced, newest first."""
    rows = SearchRank.objects.filter(keyword=keyword_id, replaced_at__isnull=False)
    return rows.order_by("-replaced_at", "-pk").select_related("batch", "replaced_by")


def of_listing(
    *, product_id: int, channel_id: int, actor: Actor, at: datetime
) -> list[KeywordLine]:
    """Return the search words of goods in a channel, the best placed first."""
    found = keywords(actor=actor).filter(product=product_id, channel=channel_id)
    return lines(rows=list(found.order_by("newest_rank", "pk")), at=at)


def of_page(*, page_id: int, actor: Actor, at: datetime) -> list[KeywordLine]:
    """Return the search words of a page, the best placed first."""
    found = keywords(actor=actor).filter(page=page_id)
    return lines(rows=list(found.order_by("newest_rank", "pk")), at=at)


def newest_kept() -> datetime | None:
    """Return when a search rank was last taken over: the evidence of CAT-4.3-14."""
    return SearchRank.objects.order_by("-pk").values_list("kept_at", flat=True).first()


def _about(row: Any) -> tuple[str, int | None]:
    """Return which versioned content a search word leads to."""
    if row.page_id is not None:
        return pages.DESIGN, row.page_id
    return LISTING, row.listing_id


def _newest(rows: Sequence[Any], at: datetime) -> dict[tuple[str, int | None], SearchEdit]:
    wanted: dict[str, set[int]] = {}
    for kind, subject_id in map(_about, rows):
        if subject_id is not None:
            wanted.setdefault(kind, set()).add(subject_id)
    return {
        (kind, subject_id): course[-1]
        for kind, ids in wanted.items()
        for subject_id, course in edits(kind=kind, subject_ids=ids, at=at).items()
    }


def _standings(ids: Collection[int]) -> dict[int, _Standing]:
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, {"ids": array(ids)})
        return {pk: _Standing(*figures) for pk, *figures in cursor.fetchall()}


def _weeks(ids: Collection[int], at: datetime) -> dict[int, list[WeekOfRank]]:
    """Return the last twelve weeks of words, oldest first; a week without figures is not there."""
    since = rules.weeks_until(business_day(at))[0]
    found: dict[int, list[WeekOfRank]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_WEEKS, {"ids": array(ids), "since": since})
        for pk, week_on, rank, impressions, clicks in cursor.fetchall():
            week = WeekOfRank(week_on=week_on, rank=rank, impressions=impressions, clicks=clicks)
            found.setdefault(pk, []).append(week)
    return found
