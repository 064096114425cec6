"""Listings on their way to the shelf: open, write, hand in, upload, attest (CAT-4.3-07)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.choices.content_tasks import About, ContentKind
from catalog.choices.listings import Angle, Truth
from catalog.errors import listings as errors
from catalog.errors.goods import ThingMissing
from catalog.models import (
    Channel,
    ListedWord,
    Listing,
    ListingPicture,
    ListingProof,
    Product,
    TruthCheck,
)
from catalog.rules.listing import content as texts
from catalog.rules.listing import wording
from catalog.rules.listing.pictures import Picture, PictureRule, fits, judge
from catalog.selectors import bans, listing_grounds
from catalog.selectors import listings as selectors
from catalog.services import content_duty, owners
from catalog.types.listings import ListingInfo, PictureAdded
from ops.engines.audit import services as audit
from ops.engines.files import services as files
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput
from ops.engines.numbering import services as numbering
from ops.engines.revisions import selectors as versions
from ops.engines.revisions import services as revisions
from ops.engines.revisions.choices import RevisionState
from ops.engines.revisions.types import RevisionInfo
from ops.engines.tables import pictures
from ops.engines.tables.pictures import PictureInfo

KIND: Final = "catalog.listing"
SUBJECT: Final = "catalog.listing"
SHELVES: Final = Actor.system("catalog.listings")


def open_listing(*, product_id: int, channel_id: int, actor: Actor, at: datetime) -> ListingInfo:
    """Begin to list a product in one of the actor's channels (HR-1.2-15).

    Raises NotAssigned (editors and designers work on what is opened), NotOfDepartment, ThingMissing
    (also for a channel that is not the actor's), GoodsBanned, ListedAlready.
    """
    content_duty.refuse_bound(actor)
    with transaction.atomic():
        allowed = actor.scope_ids("channel", "catalog", "C")
        mine = allowed is None or channel_id in allowed
        channels = Channel.objects.select_for_update(of=("self",), no_key=True)
        if not mine or not channels.filter(pk=channel_id).exists():
            raise ThingMissing("channel", channel_id)
        if not Product.objects.filter(pk=product_id).exists():
            raise ThingMissing("product", product_id)
        owners.require(product_ids=[product_id], actor=actor, at=at)
        bans.refuse_banned(product_id)
        former = Listing.objects.filter(product_id=product_id, channel_id=channel_id).first()
        if former is not None:
            raise errors.ListedAlready(former.pk)
        made = Listing.objects.create(
            number=numbering.take_one("LS", at=at),
            product_id=product_id,
            channel_id=channel_id,
            opened_by=actor.person_id,
            opened_at=at,
        )
        _record("catalog.listing_opened", made, actor=actor, at=at, product=product_id)
        return selectors.info(made, at=at)


def write(
    *,
    listing_id: int,
    content: Mapping[str, Any],
    why: str,
    publish_at: datetime | None = None,
    seen: str = "",
    actor: Actor,
    at: datetime,
) -> RevisionInfo:
    """Draft the next version of a listing, or replace the draft there is; what is live stays.

    Goods that are off the shelf come back by a review of everything: what was live before is
    retired first, so that nothing counts as reviewed. Raises ListingMissing, ListingRetired, and
    what `revisions.draft` and `revisions.edit` raise.
    """
    with transaction.atomic():
        listing = written(listing_id, actor, at)
        open_one = versions.open_of(kind=KIND, subject_id=listing_id)
        if open_one is not None:
            return revisions.edit(
                revision_id=open_one.id,
                content=content,
                why=why,
                publish_at=publish_at,
                seen=seen,
                actor=actor,
                at=at,
            )
        is_off = not selectors.is_on_shelf(listing.pk, at=at)
        if is_off and versions.live(kind=KIND, subject_ids=[listing_id], at=at):
            revisions.retire(
                kind=KIND,
                subject_id=listing_id,
                why=_("Off the shelf: coming back repeats the reviews."),
                actor=SHELVES,
                at=at,
            )
        return revisions.draft(
            kind=KIND,
            subject_id=listing_id,
            content=content,
            why=why,
            publish_at=publish_at,
            actor=actor,
            at=at,
        )


def submit(*, listing_id: int, actor: Actor, at: datetime) -> RevisionInfo:
    """Hand the draft of a listing in: complete, free of stops, each part to its reviewer.

    Raises ListingMissing, ListingRetired, GoodsBanned, RevisionMissing (nothing drafted),
    FindingsStop.
    """
    content_duty.require(About.LISTING, listing_id, None, actor)
    with transaction.atomic():
        bans.refuse_banned(written(listing_id, actor, at).product_id)
        return revisions.submit(revision_id=_open_one(listing_id).id, actor=actor, at=at)


def withdraw(*, listing_id: int, actor: Actor, at: datetime) -> RevisionInfo:
    """Take what was handed in back, or drop a draft.

    Raises ListingMissing, RevisionMissing, and what the engines raise.
    """
    content_duty.require(About.LISTING, listing_id, None, actor)
    with transaction.atomic():
        written(listing_id, actor, at)
        open_one = _open_one(listing_id)
        if open_one.state == RevisionState.DRAFT:
            return revisions.discard(revision_id=open_one.id, actor=actor, at=at)
        return revisions.withdraw(revision_id=open_one.id, actor=actor, at=at)


def add_picture(
    *,
    listing_id: int,
    angle: str,
    name: str,
    data: bytes,
    original: tuple[str, bytes] | None = None,
    edit_note: str = "",
    seen: PictureInfo | None = None,
    actor: Actor,
    at: datetime,
) -> PictureAdded:
    """Take a picture in, looked at in a confined child; an edited one brings its original.

    Size and ratio are judged by the category's rule at once (CAT-4.3-03). `seen` is the look that
    was taken at just these bytes, where the caller holds locks by now. Designers bring pictures
    to listings they have a task for. Raises NotAssigned, ListingMissing, ListingRetired,
    PictureRefused, BadInput, TableRefused, and what the files engine refuses.
    """
    content_duty.require(About.LISTING, listing_id, ContentKind.DESIGN, actor)
    note = parse.text(edit_note, most=200).strip()
    if angle not in Angle.values:
        raise BadInput("catalog.angle", _("There is no such angle."), field="angle")
    if (original is None) != (not note):
        raise BadInput(
            "catalog.picture_original",
            _("An edited picture comes with its original and a word on what was edited."),
            field="edit_note",
        )
    files.require_size(len(data))
    seen = seen or pictures.look(data)
    with transaction.atomic():
        listing = written(listing_id, actor, at)
        on = listing_grounds.grounds(listing_ids=[listing_id], at=at)[listing_id]
        measured = Picture(id=0, width=seen.width, height=seen.height, dhash=seen.dhash)
        _refuse_misfit(measured, on.rule.pictures)
        kept = _store(listing, name, data, actor, at)
        former = ListingPicture.objects.filter(listing=listing, file_id=kept).first()
        if former is not None:
            return PictureAdded(
                id=former.pk, width=seen.width, height=seen.height, twin_of=former.pk
            )
        made = ListingPicture.objects.create(
            listing=listing,
            file_id=kept,
            original_id=None if original is None else _store(listing, *original, actor, at),
            edit_note=note,
            angle=angle,
            width=seen.width,
            height=seen.height,
            dhash=seen.dhash,
            added_by=actor.person_id,
            added_at=at,
        )
        _record("catalog.picture_added", made.listing, actor=actor, at=at, angle=angle, note=note)
        twins = [one.id for one in on.kept.values() if pictures.look_alike(one.dhash, seen.dhash)]
        return PictureAdded(
            id=made.pk,
            width=seen.width,
            height=seen.height,
            twin_of=twins[0] if twins else None,
        )


def add_proof(
    *,
    listing_id: int,
    word: str,
    name: str,
    data: bytes,
    note: str = "",
    actor: Actor,
    at: datetime,
) -> int:
    """Attach evidence for a word or a fact; it is only remarked from now on (CAT-4.3-02).

    A word is one of the list; a fact is named by its title on the fact sheet, a standard as the
    text cites it. Raises ListingMissing, ListingRetired, EntryMissing (nothing of these), what
    files refuse, NotAssigned for an editor without a task about the copy of this listing.
    """
    content_duty.require(About.LISTING, listing_id, ContentKind.COPY, actor)
    with transaction.atomic():
        listing = written(listing_id, actor, at)
        on = listing_grounds.grounds(listing_ids=[listing_id], at=at)[listing_id]
        facts = {one.title for one in on.demands.attributes}
        is_known = word in facts or wording.is_standard(word)
        if not is_known and not _is_listed(word):
            raise errors.EntryMissing
        made = ListingProof.objects.create(
            listing=listing,
            word=word,
            file_id=_store(listing, name, data, actor, at),
            note=parse.text(note, most=200).strip(),
            added_by=actor.person_id or 0,
            added_at=at,
        )
        _record("catalog.word_proven", listing, actor=actor, at=at, word=word, proof=made.pk)
        return made.pk


def _is_listed(word: str) -> bool:
    return ListedWord.objects.filter(text=word, until__isnull=True).exists()


def add_paper(
    *, listing_id: int, key: str, name: str, data: bytes, actor: Actor, at: datetime
) -> int:
    """Keep a mandatory document of the category for the product; returns the file's id.

    Raises NotAssigned (papers are nobody's task), ListingMissing, ListingRetired, ThingMissing (the
    category asks for no such document).
    """
    content_duty.refuse_bound(actor)
    with transaction.atomic():
        listing = written(listing_id, actor, at)
        on = listing_grounds.grounds(listing_ids=[listing_id], at=at)[listing_id]
        if key not in dict(on.demands.documents):
            raise ThingMissing("document", key)
        kept = files.store(
            object_type=listing_grounds.PAPERS,
            object_id=listing_grounds.paper_id(listing.product_id, key),
            name=name,
            data=data,
            actor=actor,
            at=at,
        )
        return kept.id


def attest(*, listing_id: int, ticks: Sequence[str], actor: Actor, at: datetime) -> None:
    """Attest the pictures of the version that waits, line by line (CAT-4.3-03).

    Who drafted it, or uploaded one of them, does not attest. Raises ListingMissing, ListingRetired,
    RevisionMissing, TruthIncomplete, OwnWork.
    """
    with transaction.atomic():
        listing = locked(listing_id, actor, "A")
        waiting = _open_one(listing_id)
        shown = waiting.content["pictures"]
        left = [one for one in Truth if one.value not in ticks]
        if left or not shown:
            words = _("Attest every line, or return the version with a reason.")
            raise errors.TruthIncomplete(words)
        ids = [one["id"] for one in shown]
        uploaders = set(
            ListingPicture.objects.filter(pk__in=ids).values_list("added_by", flat=True)
        )
        if actor.person_id in {waiting.drafted_by, *uploaders}:
            raise errors.OwnWork
        TruthCheck.objects.create(
            listing=listing,
            pictures=shown,
            ticks=[one.value for one in Truth],
            checked_by=actor.person_id or 0,
            checked_at=at,
        )
        _record("catalog.pictures_attested", listing, actor=actor, at=at, version=waiting.no)


def locked(listing_id: int, actor: Actor, right: str) -> Listing:
    """Lock one listing in the actor's channels; raises ListingMissing, ListingRetired."""
    rows = Listing.objects.select_for_update(of=("self",), no_key=True).filter(pk=listing_id)
    found = rows.first()
    allowed = actor.scope_ids("channel", "catalog", right)
    if found is None or (allowed is not None and found.channel_id not in allowed):
        raise errors.ListingMissing(listing_id)
    if found.retired_at is not None:
        raise errors.ListingRetired
    return found


def written(listing_id: int, actor: Actor, at: datetime) -> Listing:
    """Lock one listing that the actor may write: a member of the department that owns the product.

    Raises what `locked` raises, and NotOfDepartment (HR-1.2-02).
    """
    found = locked(listing_id, actor, "C")
    owners.require(product_ids=[found.product_id], actor=actor, at=at)
    return found


def _open_one(listing_id: int) -> RevisionInfo:
    found = versions.open_of(kind=KIND, subject_id=listing_id)
    if found is None:
        raise errors.NothingDrafted
    return found


def _refuse_misfit(picture: Picture, rule: PictureRule) -> None:
    if fits(picture, rule):
        return
    shown = texts.Content(
        title="", sections={}, pictures=(texts.Shown(id=picture.id, angle=Angle.FRONT),)
    )
    found = judge(shown, kept={picture.id: picture}, rule=rule)
    raise errors.PictureRefused(found[0].words)


def _store(listing: Listing, name: str, data: bytes, actor: Actor, at: datetime) -> int:
    return files.store(
        object_type=SUBJECT, object_id=listing.pk, name=name, data=data, actor=actor, at=at
    ).id


def _record(action: str, listing: Listing, *, actor: Actor, at: datetime, **more: object) -> None:
    audit.record(
        actor=actor,
        at=at,
        action=action,
        obj=(SUBJECT, listing.pk),
        body={"number": listing.number, "channel": listing.channel_id, **more},
    )
