"""Listings as an actor may see them: where each stands, what is live, what waits (CAT-4.3-07)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, datetime
from typing import Any, Final

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL

from catalog import ports
from catalog.choices.listings import DelistingState
from catalog.errors import listings as errors
from catalog.errors.goods import ThingMissing
from catalog.models import (
    Delisting,
    ForbiddenGoods,
    ListedWord,
    Listing,
    ListingPicture,
    ListingProof,
    ListingRule,
    ListingShelf,
    ListingTask,
    Product,
    QualityReview,
    Sku,
    TruthCheck,
)
from catalog.types.listings import DelistingInfo, ListingInfo
from ops.engines.kernel.actor import Actor

# The step that an open request waits for; a version that was never handed in is a draft.
_REVIEW: Final = """
SELECT CASE r.steps -> r.step::int ->> 'role'
       WHEN 'web_editing_supervisor' THEN 'content_review'
       WHEN 'compliance_officer' THEN 'quality_review' ELSE 'final_review' END
FROM revisions_piece p
JOIN approvals_request r ON r.subject_type = 'revisions.piece' AND r.subject_id = p.id
     AND r.flow = 'listing' AND r.state = 'submitted'
WHERE p.kind_id = 'catalog.listing' AND p.subject_id = catalog_listing.id
"""
_WAITS: Final = f"coalesce(({_REVIEW}), '')"
_STAGE: Final = f"""CASE
WHEN catalog_listing.retired_at <= %s THEN 'retired'
WHEN EXISTS (SELECT FROM catalog_listingshelf f WHERE f.product_id = catalog_listing.product_id
             AND f.channel_id = catalog_listing.channel_id AND f.during @> %s) THEN 'on_shelf'
WHEN EXISTS (SELECT FROM catalog_listingshelf f WHERE f.listing_id = catalog_listing.id
             AND lower(f.during) > %s) THEN 'approved'
ELSE coalesce(({_REVIEW}), CASE
    WHEN EXISTS (SELECT FROM catalog_listingshelf f WHERE f.listing_id = catalog_listing.id)
    THEN 'off_shelf' ELSE 'draft' END) END
"""  # noqa: S608 - constants only


def listings(*, actor: Actor, at: datetime) -> QuerySet[Any]:
    """Return the listings of the actor's channels, each with `stage`, `review`, `has_task`.

    `review` is where an edit waits while the old version is live, empty when nothing does.
    """
    found: QuerySet[Any] = staged(
        Listing.objects.select_related("product", "channel"), at=at
    ).annotate(
        has_task=Exists(ListingTask.objects.filter(listing=OuterRef("pk"), done_at__isnull=True))
    )
    mine = actor.scope_ids("channel", "catalog")
    return found.all() if mine is None else found.filter(channel_id__in=mine)


def visible_ids(actor: Actor) -> QuerySet[Listing, int] | None:
    """Return the ids of the listings an actor may see; None: all."""
    mine = actor.scope_ids("channel", "catalog")
    if mine is None:
        return None
    return Listing.objects.filter(channel__in=mine).values_list("pk", flat=True)


def staged(rows: QuerySet[Listing], *, at: datetime) -> QuerySet[Any]:
    """Return listings with where they stand at a moment, and where an edit waits."""
    return rows.annotate(
        stage=RawSQL(_STAGE, [at, at, at], output_field=CharField()),  # noqa: S611 - constants only
        review=RawSQL(_WAITS, [], output_field=CharField()),  # noqa: S611 - constants only
    )


def listing(*, listing_id: int, actor: Actor, at: datetime) -> Any:
    """Return one listing in the actor's channels; raises ListingMissing."""
    found = listings(actor=actor, at=at).filter(pk=listing_id).first()
    if found is None:
        raise errors.ListingMissing(listing_id)
    return found


def info(row: Listing, *, at: datetime) -> ListingInfo:
    """Return the plain form of a listing."""
    stage = getattr(row, "stage", None)
    if stage is None:
        stage = staged(Listing.objects.filter(pk=row.pk), at=at).values_list("stage", flat=True)[0]
    return ListingInfo(
        id=row.pk,
        number=row.number,
        product_id=row.product_id,
        channel_id=row.channel_id,
        stage=str(stage),
        percent=row.percent,
        missing=row.missing,
        verified_at=row.verified_at,
        retired_at=row.retired_at,
    )


def is_on_shelf(listing_id: int, *, at: datetime) -> bool:
    """Say whether goods are for sale now, or will be without another decision."""
    return ListingShelf.objects.filter(listing_id=listing_id, during__overlap=(at, None)).exists()


def shelf(*, listing_id: int) -> list[ListingShelf]:
    """Return when a listing was on the shelf, newest first, with what ended it."""
    rows = ListingShelf.objects.filter(listing_id=listing_id).select_related("delisting")
    return list(rows.order_by("-pk")[:50])


def delisting_effect(*, listing_id: int) -> tuple[int, int]:
    """Return pieces in open orders and sellable pieces of a listing's variants."""
    row = Listing.objects.values("product_id", "channel_id").get(pk=listing_id)
    ids = list(Sku.objects.filter(product_id=row["product_id"]).values_list("pk", flat=True))
    ordered = ports.open_pieces(sku_ids=ids, channel_id=row["channel_id"])
    sellable = ports.sellable_pieces(sku_ids=ids)
    return sum(ordered.values()), max(0, sum(sellable.values()))


def delistings(*, actor: Actor) -> QuerySet[Delisting]:
    """Return the delistings in the actor's channels, newest first."""
    found = Delisting.objects.select_related("listing__product", "listing__channel")
    mine = actor.scope_ids("channel", "catalog")
    found = found if mine is None else found.filter(listing__channel_id__in=mine)
    return found.order_by("-pk")


def delisting_info(row: Delisting) -> DelistingInfo:
    """Return the plain form of a delisting."""
    return DelistingInfo(
        id=row.pk,
        number=row.number,
        listing_id=row.listing_id,
        kind=row.kind,
        reason=row.reason,
        note=row.note,
        effective_at=row.effective_at,
        open_pieces=row.open_pieces,
        stock_pieces=row.stock_pieces,
        state=row.state,
        stated_at=row.stated_at,
    )


def tasks(*, actor: Actor) -> QuerySet[ListingTask]:
    """Return the upkeep tasks in the actor's channels, newest first."""
    found = ListingTask.objects.select_related("listing__product", "listing__channel")
    mine = actor.scope_ids("channel", "catalog")
    found = found if mine is None else found.filter(listing__channel_id__in=mine)
    return found.order_by("-pk")


def pictures(*, listing_id: int) -> list[ListingPicture]:
    """Return the pictures kept for a listing, oldest first, with their files."""
    rows = ListingPicture.objects.filter(listing_id=listing_id)
    return list(rows.select_related("file", "original").order_by("pk"))


def proofs(*, listing_id: int) -> list[ListingProof]:
    """Return the evidence kept for words of a listing."""
    rows = ListingProof.objects.filter(listing_id=listing_id).select_related("file")
    return list(rows.order_by("-pk"))


def attested(*, listing_id: int, pictures: object) -> TruthCheck | None:
    """Return who attested exactly these pictures, if anybody did."""
    return TruthCheck.objects.filter(listing_id=listing_id, pictures=pictures).first()


def reviews(*, product_id: int) -> list[QualityReview]:
    """Return the quality reviews of a product, newest first."""
    rows = QualityReview.objects.filter(product_id=product_id).select_related("paper")
    return list(rows.order_by("-pk")[:20])


def words() -> QuerySet[ListedWord]:
    """Return the listed words, newest first."""
    return ListedWord.objects.order_by("-pk")


def bans() -> QuerySet[ForbiddenGoods]:
    """Return the forbidden goods, newest first."""
    return ForbiddenGoods.objects.order_by("-pk")


def names(*, listing_ids: Collection[int]) -> dict[int, tuple[str, str, int]]:
    """Return number, product name and channel id by listing id. One query."""
    rows = Listing.objects.filter(pk__in=listing_ids)
    return {
        pk: (number, name, channel)
        for pk, number, name, channel in rows.values_list(
            "pk", "number", "product__name", "channel_id"
        )
    }


def newest_scan() -> datetime | None:
    """Return when a listing was last looked at by the scan: evidence of CAT-4.3-01."""
    rows = Listing.objects.filter(checked_at__isnull=False).order_by("-checked_at")
    return rows.values_list("checked_at", flat=True).first()


def newest_review() -> datetime | None:
    """Return when goods were last reviewed: evidence of CAT-4.3-06."""
    rows = QualityReview.objects.order_by("-pk")
    return rows.values_list("reviewed_at", flat=True).first()


def newest_delisting() -> datetime | None:
    """Return when goods last left a shelf by decision: evidence of CAT-4.3-08."""
    decided = (DelistingState.APPROVED, DelistingState.AT_ONCE)
    rows = Delisting.objects.filter(state__in=decided).order_by("-pk")
    return rows.values_list("asked_at", flat=True).first()


def newest_upkeep() -> datetime | None:
    """Return when upkeep was last done: evidence of CAT-4.3-09."""
    rows = ListingTask.objects.filter(done_at__isnull=False).order_by("-done_at")
    return rows.values_list("done_at", flat=True).first()


def newest_ban() -> datetime | None:
    """Return when forbidden goods were last entered: evidence of CAT-4.3-05."""
    return ForbiddenGoods.objects.order_by("-pk").values_list("added_at", flat=True).first()


def newest_word() -> datetime | None:
    """Return when a word was last listed: evidence of CAT-4.3-02."""
    return ListedWord.objects.order_by("-pk").values_list("added_at", flat=True).first()


def newest_attestation() -> datetime | None:
    """Return when pictures were last attested: evidence of CAT-4.3-03."""
    return TruthCheck.objects.order_by("-pk").values_list("checked_at", flat=True).first()


def is_visible(actor: Actor, listing_id: str) -> bool:
    """Say whether files of a listing may be seen: whoever sees its channel."""
    mine = actor.scope_ids("channel", "catalog")
    rows = Listing.objects.filter(pk=int(listing_id)) if listing_id.isdigit() else None
    if rows is None:
        return False
    return (rows if mine is None else rows.filter(channel_id__in=mine)).exists()


def named(rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    """Return the listings whose number begins with a text, or whose product holds it."""
    return rows.filter(
        Q(number__istartswith=text)
        | Q(product__name__icontains=text)
        | Q(product__code__istartswith=text)
    )


def rules() -> QuerySet[ListingRule]:
    """Return every version of every category's rule for listings, newest first."""
    return ListingRule.objects.select_related("category").order_by("-pk")


def all_reviews() -> QuerySet[QualityReview]:
    """Return the quality reviews of all goods, newest first."""
    return QualityReview.objects.select_related("product").order_by("-pk")


def plain(*, actor: Actor) -> QuerySet[Listing]:
    """Return the listings of the actor's channels without asking where each stands."""
    found = Listing.objects.select_related("product", "channel").order_by("-pk")
    mine = actor.scope_ids("channel", "catalog")
    return found if mine is None else found.filter(channel_id__in=mine)


def on_shelf_numbers(
    channel_id: int | None, first: date, last: date, at: datetime
) -> Iterator[str]:
    """Yield the numbers of the listings on a channel's shelf at a moment: what a sample is of."""
    del first, last
    rows = Listing.objects.filter(channel_id=channel_id or 0, shelf__during__contains=at)
    yield from rows.order_by("pk").values_list("number", flat=True).iterator()


def on_shelf_of(*, product_id: int, at: datetime) -> list[int]:
    """Return the listings by which a product is for sale now or will be without more decisions."""
    rows = ListingShelf.objects.filter(product_id=product_id, during__overlap=(at, None))
    return sorted(set(rows.values_list("listing_id", flat=True)))


def sku_ids_of(*, product_id: int) -> list[int]:
    """Return the SKUs of a product; raises ThingMissing when there is no such product."""
    found = list(
        Sku.objects.filter(product_id=product_id).order_by("pk").values_list("pk", flat=True)
    )
    if not found and not Product.objects.filter(pk=product_id).exists():
        raise ThingMissing("product", product_id)
    return found


def product_named(*, text: str) -> int:
    """Return the product that has a SKU of this code; raises ThingMissing."""
    found = Sku.objects.filter(code=text).values_list("product_id", flat=True).first()
    if found is None:
        raise ThingMissing("sku", text)
    return found
