"""What listings are judged on, for one of them or some thousands: nine queries whatever the number.

Rules of categories are read along the path, the nearer word winning.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

from django.db import connection
from django.db.models import Q

from catalog import ports
from catalog.choices.listings import ReviewResult
from catalog.models import (
    Category,
    ForbiddenGoods,
    ListedWord,
    ListingPicture,
    ListingProof,
    ListingRule,
    ListingText,
    QualityReview,
)
from catalog.rules.categories import Demands
from catalog.rules.listing.completeness import ListingRule as Rule
from catalog.rules.listing.goods import Ban
from catalog.rules.listing.pictures import Picture
from catalog.rules.listing.reading import from_content
from catalog.rules.listing.wording import Term
from catalog.selectors import categories
from catalog.types.listings import Grounds
from ops.engines.files import selectors as files
from ops.engines.kernel.arrays import array
from ops.engines.kernel.parse import business_day

PAPERS: Final = "catalog.paper"
_NO_REVIEW: Final[tuple[int | None, str]] = (None, "")
_LISTED: Final = """
SELECT id, product_id, channel_id FROM catalog_listing WHERE id = ANY(%(listings)s::bigint[])
"""
# Goods that may not be listed yet; then the listing is 0.
_WANTED: Final = """
SELECT coalesce(f.id, 0) AS id, w.product_id, w.channel_id
FROM unnest(%(products)s::bigint[], %(channels)s::bigint[]) AS w(product_id, channel_id)
LEFT JOIN catalog_listing f ON f.product_id = w.product_id AND f.channel_id = w.channel_id
"""
# One row a listing: its goods, and what their variants agree on.
_GOODS: Final = """
SELECT l.id, l.product_id, l.channel_id, p.name, p.brand, p.category_id, p.attributes,
       coalesce(s.ids, '{}'), coalesce(s.facts, '[]'), coalesce(s.is_priced, false)
FROM (/*listings*/) l
JOIN catalog_product p ON p.id = l.product_id
LEFT JOIN LATERAL (
    SELECT array_agg(k.id ORDER BY k.id) AS ids, jsonb_agg(k.attributes) AS facts,
           bool_and(EXISTS (
               SELECT 1 FROM catalog_pricerange r
               WHERE r.sku_id = k.id AND r.channel_id = l.channel_id AND r.tier = ''
                 AND r.valid @> %(at)s::timestamptz)) AS is_priced
    FROM catalog_sku k
    WHERE k.product_id = p.id AND k.kind = 'goods' AND k.state = 'active') s ON true
ORDER BY l.id, l.product_id, l.channel_id
"""


def grounds(*, listing_ids: Collection[int], at: datetime) -> dict[int, Grounds]:
    """Return what each listing is judged on at a moment, by id; unknown ids are absent."""
    found = _grounds(_LISTED, {"listings": array(listing_ids)}, at=at)
    return {one.listing_id: one for one in found}


def grounds_of(
    *, goods: Collection[tuple[int, int]], at: datetime
) -> dict[tuple[int, int], Grounds]:
    """Return what goods are judged on in a channel, by (product, channel), listed yet or not."""
    values = {
        "products": array([product for product, _channel in goods]),
        "channels": array([channel for _product, channel in goods]),
    }
    found = _grounds(_WANTED, values, at=at)
    return {(one.product_id, one.channel_id): one for one in found}


def _grounds(listings: str, values: Mapping[str, Any], *, at: datetime) -> list[Grounds]:
    day = business_day(at)
    with connection.cursor() as cursor:
        cursor.execute(_GOODS.replace("/*listings*/", listings), {**values, "at": at})
        rows = cursor.fetchall()
    listing_ids = [row[0] for row in rows if row[0]]
    shelves = {row[5] for row in rows}
    products = {row[1] for row in rows}
    asked = categories.demands(category_ids=shelves, day=day)
    paths = dict(Category.objects.filter(pk__in=shelves).values_list("pk", "path"))
    rules = rules_of(paths, day=day)
    stocked = ports.sellable_pieces(sku_ids=[pk for row in rows for pk in row[7]])
    kept, proven = _pictures(listing_ids), _proofs(listing_ids)
    reviews = _reviews(products, day)
    papers = _papers({row[1]: asked[row[5]] for row in rows})
    return [
        Grounds(
            listing_id=row[0],
            product_id=row[1],
            channel_id=row[2],
            product_name=row[3],
            brand=row[4],
            path=paths[row[5]],
            demands=asked[row[5]],
            rule=rules[row[5]],
            values=_facts(json.loads(row[6]), json.loads(row[8])),
            papers=papers[row[1]],
            kept=kept.get(row[0], {}),
            has_price=row[9],
            has_stock=bool(row[7]) and all(pk in stocked for pk in row[7]),
            review_id=reviews.get(row[1], _NO_REVIEW)[0],
            standard=reviews.get(row[1], _NO_REVIEW)[1],
            proven=frozenset(proven.get(row[0], ())),
        )
        for row in rows
    ]


def rules_of(paths: Mapping[int, str], *, day: date) -> dict[int, Rule]:
    """Return the rule that holds for listings of each category: the nearest upwards, or none's."""
    codes = {code for path in paths.values() for code in path.split(".")}
    rows = (
        ListingRule.objects.filter(category__code__in=codes, starts_on__lte=day)
        .order_by("category_id", "-version")
        .distinct("category_id")
        .values_list("category__code", "content")
    )
    own = dict(rows)
    found = {}
    for pk, path in paths.items():
        nearest = next((own[code] for code in reversed(path.split(".")) if code in own), None)
        found[pk] = Rule(titles={}) if nearest is None else from_content(nearest)
    return found


def terms(*, day: date) -> list[Term]:
    """Return the listed words in force on a day."""
    rows = ListedWord.objects.filter(_in_force(day)).order_by("pk")
    return [Term(text=row.text, kind=row.kind, since=row.since, until=row.until) for row in rows]


def bans(*, day: date) -> list[Ban]:
    """Return the forbidden goods in force on a day."""
    rows = ForbiddenGoods.objects.filter(_in_force(day)).order_by("pk")
    return [
        Ban(
            kind=row.kind,
            value=row.value,
            is_hard=row.is_hard,
            since=row.since,
            until=row.until,
            note=row.note,
        )
        for row in rows
    ]


def holders(*, fingerprints: Collection[str]) -> dict[str, set[int]]:
    """Return the products whose listings show a section with one of these fingerprints."""
    found: dict[str, set[int]] = defaultdict(set)
    rows = ListingText.objects.filter(fingerprint__in=fingerprints)
    for fingerprint, product in rows.values_list("fingerprint", "listing__product_id"):
        found[fingerprint].add(product)
    return found


def _in_force(day: date) -> Q:
    return Q(since__lte=day) & (Q(until__isnull=True) | Q(until__gt=day))


def _pictures(listing_ids: Collection[int]) -> dict[int, dict[int, Picture]]:
    found: dict[int, dict[int, Picture]] = defaultdict(dict)
    rows = ListingPicture.objects.filter(listing_id__in=listing_ids)
    for listing, pk, width, height, dhash in rows.values_list(
        "listing_id", "pk", "width", "height", "dhash"
    ):
        found[listing][pk] = Picture(id=pk, width=width, height=height, dhash=dhash)
    return found


def _proofs(listing_ids: Collection[int]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    rows = ListingProof.objects.filter(listing_id__in=listing_ids)
    for listing, word in rows.values_list("listing_id", "word"):
        found[listing].add(word)
    return found


def paper_id(product_id: int, key: str) -> str:
    """Return the record that the files of a mandatory document of a product hang on."""
    return f"{product_id}:{key}"


def _papers(asked: Mapping[int, Demands]) -> dict[int, frozenset[str]]:
    wanted = [
        paper_id(product, key)
        for product, demands in asked.items()
        for key, _t in demands.documents
    ]
    there = files.counts(object_type=PAPERS, object_ids=wanted) if wanted else {}
    return {
        product: frozenset(key for key, _t in demands.documents if there[paper_id(product, key)])
        for product, demands in asked.items()
    }


def _reviews(products: Iterable[int], day: date) -> dict[int, tuple[int | None, str]]:
    rows = (
        QualityReview.objects.filter(product_id__in=products)
        .order_by("product_id", "-pk")
        .distinct("product_id")
    )
    return {
        row.product_id: (row.pk, row.standard)
        for row in rows
        if row.result == ReviewResult.PASS and row.expires_on > day
    }


def _facts(product: Mapping[str, str], variants: Iterable[Mapping[str, str]]) -> dict[str, Any]:
    """Return facts by key: the product's own, and of its variants those all of them have.

    A value in which variants differ counts as there, but as no number a text could contradict.
    """
    rows = list(variants)
    shared = set.intersection(*(set(row) for row in rows)) if rows else set()
    found = {key: rows[0][key] if len({row[key] for row in rows}) == 1 else "*" for key in shared}
    return {**found, **product}
