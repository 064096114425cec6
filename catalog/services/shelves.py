"""What follows when a version of a listing lives: its goods stand on the shelf (CAT-4.3-07)."""

from __future__ import annotations

from datetime import datetime

from catalog.choices.listings import ShelfHow, TaskOutcome
from catalog.models import Listing, ListingShelf, ListingText
from catalog.rules.listing.content import PARTS
from catalog.rules.listing.goods import MAY_SHARE, fingerprint
from catalog.selectors import bans
from catalog.selectors import listings as selectors
from catalog.services import upkeep
from ops.engines.audit import services as audit
from ops.engines.kernel.actor import Actor
from ops.engines.revisions import selectors as versions
from ops.engines.revisions.choices import How
from ops.engines.revisions.types import LiveChange

SUBJECT = "catalog.listing"


def follow(change: LiveChange, actor: Actor, at: datetime) -> None:
    """Remember the texts that live now, and put reviewed goods on the shelf from their day on.

    Runs inside the transaction that made the version live. Goods stay where they are when a mere
    edit lives, and a version that is brought back puts nothing on the shelf. Raises GoodsBanned.
    """
    if change.revision_id is None:
        ListingText.objects.filter(listing_id=change.subject_id).delete()
        return
    version = versions.info_of(revision_id=change.revision_id)
    _remember(change.subject_id, version.content["sections"])
    Listing.objects.filter(pk=change.subject_id).update(
        verified_at=at, verified_by=version.drafted_by
    )
    upkeep.finish(
        listing_id=change.subject_id, outcome=TaskOutcome.CHANGED, note="", actor=actor, at=at
    )
    is_whole = set(PARTS) <= set(version.parts)
    if change.how != How.PUBLISHED or not is_whole:
        return
    listing = Listing.objects.get(pk=change.subject_id)
    if selectors.is_on_shelf(listing.pk, at=change.at):
        return
    bans.refuse_banned(listing.product_id)
    ListingShelf.objects.create(
        listing=listing,
        product_id=listing.product_id,
        channel_id=listing.channel_id,
        approval_id=version.approval_id or 0,
        how=ShelfHow.LISTED,
        during=(change.at, None),
    )
    audit.record(
        actor=actor,
        at=at,
        action="catalog.listed",
        obj=(SUBJECT, listing.pk),
        body={"number": listing.number, "version": version.no, "from": change.at},
    )


def _remember(listing_id: int, sections: dict[str, str]) -> None:
    ListingText.objects.filter(listing_id=listing_id).delete()
    ListingText.objects.bulk_create(
        [
            ListingText(listing_id=listing_id, section=name, fingerprint=fingerprint(text))
            for name, text in sections.items()
            if text and name not in MAY_SHARE
        ]
    )
