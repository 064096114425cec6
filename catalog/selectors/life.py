"""A product's life as the audit trail tells it: nothing is kept twice (HR-1.2-02).

What belongs to the product is named here: its SKUs, listings, price changes, promotions, content
tasks, range decisions and feedback; what happened to them is read from the trail.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from catalog.choices.feedback import LifeKind
from catalog.errors.goods import ThingMissing
from catalog.models import (
    Category,
    Channel,
    ContentTask,
    Delisting,
    Listing,
    ListingTask,
    PriceChangeLine,
    Product,
    ProductFeedback,
    Promotion,
    PromotionRun,
    RangeDropLine,
    RangeReviewRow,
    Sku,
)
from catalog.rules import feedback as rules
from catalog.selectors.promotion_overlaps import reaches
from catalog.selectors.promotion_rules import rule_of
from catalog.types.feedback import LifeThing
from ops.engines.audit import selectors as audit
from ops.engines.audit.models import Fact
from ops.engines.kernel.actor import Actor
from ops.engines.revisions import selectors as versions

Things = Mapping[tuple[str, str], LifeThing]
_Add = Callable[[str, object, str, str], None]
_KIND: Final = "catalog.listing"


def products(*, actor: Actor) -> QuerySet[Product]:
    """Return the products of the actor's categories; people without categories see all of them."""
    found = Product.objects.select_related("category")
    mine = actor.scope_ids("category", "catalog")
    return found.filter(category_id__in=mine) if mine else found


def product(*, product_id: int, actor: Actor) -> Product:
    """Return one product; raises ThingMissing."""
    found = products(actor=actor).filter(pk=product_id).first()
    if found is None:
        raise ThingMissing("product", product_id)
    return found


def things(*, of: Product, actor: Actor) -> Things:
    """Return what belongs to the life of a product, as far as the actor's channels reach."""
    skus = dict(Sku.objects.filter(product=of).values_list("pk", "code"))
    allowed = actor.scope_ids("channel", "catalog")
    mine = Q() if allowed is None else Q(channel_id__in=allowed)
    found: dict[tuple[str, str], LifeThing] = {}

    def add(kind: str, key: object, number: str, href: str) -> None:
        found[kind, str(key)] = LifeThing(number=number, href=href)

    add("catalog.product", of.pk, of.code, f"/products/{of.pk}/")
    for pk, code in skus.items():
        add("catalog.sku", pk, code, f"/skus/{pk}/")
    channels = Channel.objects.all() if allowed is None else Channel.objects.filter(pk__in=allowed)
    for channel in channels.values_list("pk", flat=True):
        for pk, code in skus.items():
            add("catalog.offer", f"{channel}-{pk}", code, f"/skus/{pk}/")
    _add_listings(add, of, mine)
    changes = PriceChangeLine.objects.filter(sku_id__in=skus)
    if allowed is not None:
        changes = changes.filter(change__channel_id__in=allowed)
    for pk, number in changes.order_by().values_list("change_id", "change__number").distinct():
        add("catalog.pricechange", pk, number, f"/price-changes/{pk}/")
    for row in _promotions(of, skus, mine):
        add("catalog.promotion", row.pk, row.number, f"/promotions/{row.pk}/")
    _add_range(add, skus)
    for pk, number in ProductFeedback.objects.filter(mine, product=of).values_list("pk", "number"):
        add("catalog.productfeedback", pk, number, f"/product-feedback/{pk}/")
    return found


def facts(*, things: Things, of: Product, kind: str = "") -> QuerySet[Fact]:
    """Return what happened to a product and to what belongs to it, of one kind or of every kind."""
    codes = list(Sku.objects.filter(product=of).values_list("code", flat=True))
    found = audit.facts_about(objects=list(things), naming={"catalog.rangereview": ("skus", codes)})
    if kind not in LifeKind.values:
        return found
    own, objects, others = rules.actions_of(kind)
    begins = Q(pk__in=[])
    for each in own:
        begins |= Q(action__startswith=each)
    about = Q(object_type__in=objects)
    for each in others:
        about &= ~Q(action__startswith=each)
    return found.filter(begins | about)


def _add_listings(add: _Add, of: Product, mine: Q) -> None:
    rows = dict(Listing.objects.filter(mine, product=of).values_list("pk", "number"))
    for pk, number in rows.items():
        add("catalog.listing", pk, number, f"/listings/{pk}/")
    for listing, piece in versions.piece_ids(kind=_KIND, subject_ids=rows).items():
        add("revisions.piece", piece, rows[listing], f"/listings/{listing}/")
    asked = Delisting.objects.filter(listing_id__in=rows)
    for pk, number, listing in asked.values_list("pk", "number", "listing_id"):
        add("catalog.delisting", pk, number, f"/listings/{listing}/")
    upkeep = ListingTask.objects.filter(listing_id__in=rows)
    for pk, listing in upkeep.values_list("pk", "listing_id"):
        add("catalog.listingtask", pk, rows[listing], f"/listings/{listing}/")
    tasks = ContentTask.objects.filter(listing_id__in=rows)
    for pk, number in tasks.values_list("pk", "number"):
        add("catalog.contenttask", pk, number, f"/content-tasks/{pk}/")


def _promotions(of: Product, skus: Mapping[int, str], mine: Q) -> Sequence[Promotion]:
    """Return the promotions that ran and reached one of the SKUs."""
    path = Category.objects.values_list("path", flat=True).get(pk=of.category_id)
    runs = PromotionRun.objects.filter(promotion=OuterRef("pk"))
    ran = Promotion.objects.filter(mine, Exists(runs))
    return [
        row
        for row in ran.only("pk", "number", "title", "rule")
        if any(
            reaches(rule_of(row.rule, promotion_id=row.pk, number=row.number), sku, path)
            for sku in skus
        )
    ]


def _add_range(add: _Add, skus: Mapping[int, str]) -> None:
    decided = RangeReviewRow.objects.filter(sku_id__in=skus).exclude(decision="")
    for pk, row, month in decided.values_list("review_id", "pk", "review__month"):
        add("catalog.rangereview", pk, f"{month:%Y-%m}", f"/range-reviews/rows/{row}/")
    drops = RangeDropLine.objects.filter(sku_id__in=skus)
    for pk, number, row in drops.values_list("drop_id", "drop__number", "row_id"):
        add("catalog.rangedrop", pk, number, f"/range-reviews/rows/{row}/")
