"""A product's life as the audit trail tells it: nothing is kept twice (HR-1.2-02).

What belongs to the product is named here: its SKUs, listings, price changes, promotions, content
tasks, range decisions and feedback; what happened to them is read from the trail.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from catalog.choices.feedback import LifeKind
from catalog.errors.goods import ThingMissing
from catalog.models import Product, Promotion, PromotionRun
from catalog.rules import feedback as rules
from catalog.selectors.promotion_overlaps import reaches
from catalog.selectors.promotion_rules import rule_of
from catalog.types.feedback import LifeThing
from ops.engines.audit import selectors as audit
from ops.engines.audit.models import Fact
from ops.engines.kernel.actor import Actor
from ops.engines.revisions import selectors as versions

Things = Mapping[tuple[str, str], LifeThing]
_LISTING: Final = "catalog.listing"
# Kind of the object, its id, the number people call it by, the id of its page.
_THINGS: Final = """
WITH skus AS (SELECT id, code FROM catalog_sku WHERE product_id = %(product)s),
mine AS (SELECT id FROM catalog_channel
          WHERE %(mine)s::bigint[] IS NULL OR id = ANY(%(mine)s::bigint[])),
listed AS (SELECT l.id, l.number FROM catalog_listing l JOIN mine ON mine.id = l.channel_id
            WHERE l.product_id = %(product)s)
SELECT 'catalog.product', id::text, code, id FROM catalog_product WHERE id = %(product)s
UNION ALL SELECT 'catalog.sku', id::text, code, id FROM skus
UNION ALL SELECT 'catalog.offer', mine.id || '-' || skus.id, code, skus.id
            FROM skus CROSS JOIN mine
UNION ALL SELECT 'catalog.listing', id::text, number, id FROM listed
UNION ALL SELECT 'catalog.delisting', d.id::text, d.number, d.listing_id
            FROM catalog_delisting d JOIN listed ON listed.id = d.listing_id
UNION ALL SELECT 'catalog.listingtask', t.id::text, listed.number, t.listing_id
            FROM catalog_listingtask t JOIN listed ON listed.id = t.listing_id
UNION ALL SELECT 'catalog.contenttask', t.id::text, t.number, t.id
            FROM catalog_contenttask t JOIN listed ON listed.id = t.listing_id
UNION ALL SELECT 'catalog.pricechange', c.id::text, c.number, c.id
            FROM catalog_pricechange c JOIN mine ON mine.id = c.channel_id
           WHERE c.id IN (SELECT change_id FROM catalog_pricechangeline
                           WHERE sku_id IN (SELECT id FROM skus))
UNION ALL SELECT 'catalog.rangereview', r.review_id::text, to_char(v.month, 'YYYY-MM'), r.id
            FROM catalog_rangereviewrow r JOIN catalog_rangereview v ON v.id = r.review_id
           WHERE r.sku_id IN (SELECT id FROM skus) AND r.decision <> ''
UNION ALL SELECT 'catalog.rangedrop', n.drop_id::text, d.number, n.row_id
            FROM catalog_rangedropline n JOIN catalog_rangedrop d ON d.id = n.drop_id
           WHERE n.sku_id IN (SELECT id FROM skus)
UNION ALL SELECT 'catalog.selectionproposal', id::text, number, id
            FROM catalog_selectionproposal WHERE product_id = %(product)s
UNION ALL SELECT 'catalog.productfeedback', f.id::text, f.number, f.id
            FROM catalog_productfeedback f JOIN mine ON mine.id = f.channel_id
           WHERE f.product_id = %(product)s
"""
# Objects that many products share, and which list of a fact's body names the SKUs it is about.
_SHARED: Final = {"catalog.rangereview": "skus"}
_PAGES: Final = {
    "catalog.product": "products",
    "catalog.sku": "skus",
    "catalog.offer": "skus",
    "catalog.listing": "listings",
    "catalog.delisting": "listings",
    "catalog.listingtask": "listings",
    "catalog.contenttask": "content-tasks",
    "catalog.pricechange": "price-changes",
    "catalog.rangereview": "range-reviews/rows",
    "catalog.rangedrop": "range-reviews/rows",
    "catalog.selectionproposal": "selection-proposals",
    "catalog.productfeedback": "product-feedback",
}


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
    """Return what belongs to the life of a product, as far as the actor's channels reach.

    Three queries.
    """
    allowed = actor.scope_ids("channel", "catalog")
    with connection.cursor() as cursor:
        cursor.execute(
            _THINGS, {"product": of.pk, "mine": None if allowed is None else list(allowed)}
        )
        rows: list[tuple[str, str, str, int]] = cursor.fetchall()
    found = {
        (kind, key): LifeThing(number=number, href=f"/{_PAGES[kind]}/{page}/")
        for kind, key, number, page in rows
    }
    listed = {page: number for kind, _key, number, page in rows if kind == _LISTING}
    for listing, piece in versions.piece_ids(kind=_LISTING, subject_ids=listed).items():
        found["revisions.piece", str(piece)] = LifeThing(
            number=listed[listing], href=f"/listings/{listing}/"
        )
    skus = [page for kind, _key, _number, page in rows if kind == "catalog.sku"]
    for row in _promotions(of, skus, allowed):
        found["catalog.promotion", str(row.pk)] = LifeThing(
            number=row.number, href=f"/promotions/{row.pk}/"
        )
    return found


def facts(*, things: Things, kind: str = "") -> QuerySet[Fact]:
    """Return what happened to a product and to what belongs to it, of one kind or of every kind."""
    codes = [one.number for (about, _key), one in things.items() if about == "catalog.sku"]
    found = audit.facts_about(objects=list(things), naming=_SHARED, ours=codes)
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


def _promotions(
    of: Product, skus: Sequence[int], allowed: Collection[int] | None
) -> Sequence[Promotion]:
    """Return the promotions that ran and reached one of the SKUs."""
    runs = PromotionRun.objects.filter(promotion=OuterRef("pk"))
    ran = Promotion.objects.filter(Exists(runs))
    if allowed is not None:
        ran = ran.filter(channel_id__in=allowed)
    return [
        row
        for row in ran.only("pk", "number", "title", "rule")
        if any(
            reaches(
                rule_of(row.rule, promotion_id=row.pk, number=row.number), sku, of.category.path
            )
            for sku in skus
        )
    ]
