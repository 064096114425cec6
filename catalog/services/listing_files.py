"""Listing texts by the thousand: drafts begun and replaced, never live by a file (CAT-4.3-07).

Each row is judged by the rules the form's version is judged by when it is handed in; what a row
must not say is refused at once. Statements do not grow with the rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.errors.bans import GoodsBanned
from catalog.errors.feedback import NotOfDepartment
from catalog.errors.listings import ListingRetired
from catalog.models import Channel, Listing, ListingShelf
from catalog.rules.listing import content as texts
from catalog.rules.listing import filing, judging
from catalog.rules.listing.goods import fingerprint
from catalog.selectors import bans, listing_grounds, owners
from catalog.services import content_duty
from catalog.services.listings import KIND, SHELVES, SUBJECT
from catalog.types.listing_files import ListingText, RefusedText, TakenTexts
from ops.engines.audit import services as audit
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput
from ops.engines.kernel.parse import business_day
from ops.engines.numbering import services as numbering
from ops.engines.revisions import selectors as versions
from ops.engines.revisions import services as revisions
from ops.engines.revisions.choices import RevisionState
from ops.engines.revisions.types import LiveInfo, RevisionInfo

SERIES: Final = "LS"
Goods = tuple[int, int]
Standing = tuple[LiveInfo | None, RevisionInfo | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """A row beside what stands there already."""

    row: ListingText
    listing: Listing | None
    base: Mapping[str, Any] | None
    content: Mapping[str, Any]
    is_in_review: bool = False
    is_live: bool = False

    @property
    def is_same(self) -> bool:
        """Say whether the row says what stands there already."""
        return self.content == self.base

    @property
    def goods(self) -> Goods:
        return self.row.product_id, self.row.channel_id


def take(
    *,
    rows: Sequence[ListingText],
    why: str,
    good_rows_only: bool = False,
    actor: Actor,
    at: datetime,
) -> TakenTexts:
    """Draft the texts of a file, one row a product in a channel, each pair once.

    Listings there are not yet are opened. Unless `good_rows_only`, one refused row changes nothing.
    The caller has found products and channels within the actor's scope. Goods of another
    department are refused by row. Raises NotAssigned (editors and designers write by tasks),
    Forbidden, ReasonMissing.
    """
    content_duty.refuse_bound(actor)
    with transaction.atomic():
        refused: list[RefusedText] = []
        wanted = _beside(rows, refused, at=at)
        same = [one for one in wanted if one.is_same]
        fresh = _judged(wanted, refused, actor=actor, at=at)
        if refused and not good_rows_only:
            return TakenTexts(refused=refused)
        opened = _open([one for one in fresh if one.listing is None], actor=actor, at=at)
        _leave_behind(fresh, at=at)
        ids = {one.listing.pk if one.listing else opened[one.goods]: one for one in fresh}
        made = revisions.draft_each(
            kind=KIND,
            contents={pk: one.content for pk, one in ids.items()},
            why=why,
            actor=actor,
            at=at,
        )
        return TakenTexts(
            opened=len(opened),
            drafted=[one.row.line for pk, one in ids.items() if pk in made.drafted],
            edited=[one.row.line for pk, one in ids.items() if pk in made.edited],
            unchanged=[one.row.line for one in same],
            refused=refused,
        )


def judge(*, rows: Sequence[ListingText], actor: Actor, at: datetime) -> list[RefusedText]:
    """Return what `take` would refuse of rows; nothing is written."""
    refused: list[RefusedText] = []
    with transaction.atomic():
        _judged(_beside(rows, refused, at=at), refused, actor=actor, at=at)
    return refused


def _beside(
    rows: Sequence[ListingText], refused: list[RefusedText], *, at: datetime
) -> list[_Wanted]:
    """Return the rows that can be read, each beside its listing; channels and listings locked."""
    channels = Channel.objects.select_for_update(of=("self",), no_key=True)
    list(channels.filter(pk__in={row.channel_id for row in rows}).order_by("pk"))
    found = Listing.objects.filter(
        channel_id__in={row.channel_id for row in rows},
        product_id__in={row.product_id for row in rows},
    )
    listed = {
        (row.product_id, row.channel_id): row
        for row in found.select_for_update(of=("self",), no_key=True).order_by("pk")
    }
    standing = versions.standings(kind=KIND, subject_ids=[row.pk for row in listed.values()], at=at)
    wanted = []
    for row in rows:
        listing = listed.get((row.product_id, row.channel_id))
        nothing: Standing = (None, None)
        live, waiting = standing.get(listing.pk, nothing) if listing else nothing
        try:
            wanted.append(_read(row, listing, live, waiting))
        except BadInput as error:
            field = str(error.context.get("field", ""))
            refused.append(_refused(row, field, error.code, str(error.message)))
    return wanted


def _read(
    row: ListingText,
    listing: Listing | None,
    live: LiveInfo | None,
    waiting: RevisionInfo | None,
) -> _Wanted:
    begun = waiting or live
    base = None if begun is None else begun.content
    return _Wanted(
        row=row,
        listing=listing,
        base=base,
        content=texts.as_mapping(texts.parse_content(filing.merged(base, row.told))),
        is_in_review=waiting is not None and waiting.state != RevisionState.DRAFT,
        is_live=live is not None and waiting is None,
    )


def _judged(
    rows: Sequence[_Wanted], refused: list[RefusedText], *, actor: Actor, at: datetime
) -> list[_Wanted]:
    """Return the rows that say something new and nothing they must not; else each reason why."""
    wanted = [one for one in rows if not one.is_same]
    day = business_day(at)
    grounds = listing_grounds.grounds_of(goods=[one.goods for one in wanted], at=at)
    read = [texts.kept(one.content) for one in wanted]
    holders = listing_grounds.holders(
        fingerprints={
            fingerprint(text) for content in read for text in content.sections.values() if text
        }
    )
    terms, forbidden = listing_grounds.terms(day=day), listing_grounds.bans(day=day)
    products = {one.row.product_id for one in wanted}
    banned = bans.standing(product_ids=products)
    foreign = owners.foreign_owners(product_ids=products, actor=actor, at=at)
    fresh = []
    for one, content in zip(wanted, read, strict=True):
        wrong = _closed(one, banned, foreign)
        if wrong is None:
            found = judging.judge_texts(
                content, grounds[one.goods], terms=terms, bans=forbidden, holders=holders, day=day
            )
            stops = [each for each in found if each.level == texts.STOP]
            refused += [_refused(one.row, each.field, each.code, each.words) for each in stops]
            if not stops:
                fresh.append(one)
        else:
            refused.append(_refused(one.row, "product", *wrong))
    return fresh


def _closed(
    one: _Wanted, banned: Mapping[int, str], foreign: Mapping[int, str]
) -> tuple[str, str] | None:
    """Return code and words of why a listing takes no draft now, None when it does."""
    if one.row.product_id in foreign:
        not_ours = NotOfDepartment(foreign[one.row.product_id])
        return not_ours.code, str(not_ours.message)
    if one.row.product_id in banned:
        refusal = GoodsBanned(banned[one.row.product_id])
        return refusal.code, str(refusal.message)
    if one.listing is not None and one.listing.retired_at is not None:
        retired = ListingRetired()
        return retired.code, str(retired.message)
    if one.is_in_review:
        return "catalog.listing_in_review", _("A version of it is in review: decide that first.")
    return None


def _open(wanted: Sequence[_Wanted], *, actor: Actor, at: datetime) -> dict[Goods, int]:
    """Begin the listings there are not yet; returns their ids by goods."""
    if not wanted:
        return {}
    numbers = numbering.take(SERIES, at=at, count=len(wanted))
    made = Listing.objects.bulk_create(
        [
            Listing(
                number=number,
                product_id=one.row.product_id,
                channel_id=one.row.channel_id,
                opened_by=actor.person_id,
                opened_at=at,
            )
            for number, one in zip(numbers, wanted, strict=True)
        ],
        batch_size=1000,
    )
    audit.record_each(
        actor=actor,
        at=at,
        action="catalog.listing_opened",
        object_type=SUBJECT,
        bodies={
            row.pk: {"number": row.number, "channel": row.channel_id, "product": row.product_id}
            for row in made
        },
    )
    return {(row.product_id, row.channel_id): row.pk for row in made}


def _leave_behind(wanted: Sequence[_Wanted], *, at: datetime) -> None:
    """Retire what was live of goods off the shelf: coming back repeats the reviews.

    One by one, as in `listings.write`: what leaves behind a live version is seldom many.
    """
    live = {one.listing.pk for one in wanted if one.listing is not None and one.is_live}
    rows = ListingShelf.objects.filter(listing_id__in=live, during__overlap=(at, None))
    for pk in sorted(live - set(rows.values_list("listing_id", flat=True))):
        revisions.retire(
            kind=KIND,
            subject_id=pk,
            why=_("Off the shelf: coming back repeats the reviews."),
            actor=SHELVES,
            at=at,
        )


def _refused(row: ListingText, field: str, code: str, words: str) -> RefusedText:
    return RefusedText(line=row.line, field=field, code=code, words=words)
