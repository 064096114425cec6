"""Bring products in by the thousand: one COPY, one statement per table, one audit fact."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection, transaction

from catalog.events import ProductsLoaded
from catalog.models import Category, Product
from catalog.selectors import selection
from catalog.services.categories import UNSORTED
from catalog.types.goods import LoadReport, ProductRow
from ops.engines.audit import services as audit
from ops.engines.events.publishing import publish
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.canonical import canonical_json
from ops.engines.numbering import services as numbering

# No code we read holds a control character, so a twin's key meets no other key.
TWIN_MARK = "\x1f"

_STAGE = """
DROP TABLE IF EXISTS catalog_product_stage;
CREATE TEMP TABLE catalog_product_stage (
    line bigint, code text, code_key text, name text, name_en text, category_id bigint,
    is_sorted boolean, brand text, weight_g integer, kind text, unit text, barcode text,
    tax_rate numeric(5, 4), product_code text, product_name text, attributes jsonb, state text
) ON COMMIT DROP
"""
# In CSV an empty field is NULL unless told otherwise; only the weight may be unknown.
_COPY = """
COPY catalog_product_stage FROM STDIN
WITH (FORMAT csv, FORCE_NOT_NULL (name_en, brand, barcode, product_code, product_name))
"""

# A SKU that is there stays under its product, whose own name a variant's row does not tell.
_PLACES = """
UPDATE catalog_product_stage s
SET product_code = coalesce(p.code, s.code),
    product_name = CASE WHEN p.code <> s.code THEN p.name ELSE s.name END
FROM catalog_product_stage t
LEFT JOIN catalog_sku k ON k.code = t.code
LEFT JOIN catalog_product p ON p.id = k.product_id
WHERE t.line = s.line AND s.product_code = ''
"""
# A row says nothing new about what it leaves empty; the first row of a product speaks for it.
_PRODUCTS = """
WITH given AS (
    SELECT DISTINCT ON (product_code) product_code AS code,
           coalesce(nullif(product_name, ''), name) AS name, name_en, is_sorted,
           category_id, brand, state, weight_g
    FROM catalog_product_stage ORDER BY product_code, line
)
INSERT INTO catalog_product AS p (code, name, name_en, category_id, brand, state, weight_g)
SELECT g.code, g.name, g.name_en,
       CASE WHEN g.is_sorted THEN g.category_id ELSE coalesce(o.category_id, g.category_id) END,
       g.brand, g.state, g.weight_g
FROM given g LEFT JOIN catalog_product o ON o.code = g.code ORDER BY g.code
ON CONFLICT (code) DO UPDATE
SET name = excluded.name,
    name_en = coalesce(nullif(excluded.name_en, ''), p.name_en),
    category_id = excluded.category_id,
    brand = coalesce(nullif(excluded.brand, ''), p.brand),
    weight_g = coalesce(excluded.weight_g, p.weight_g)
WHERE (p.name, p.category_id) IS DISTINCT FROM (excluded.name, excluded.category_id)
   OR (excluded.name_en <> '' AND excluded.name_en <> p.name_en)
   OR (excluded.brand <> '' AND excluded.brand <> p.brand)
   OR (excluded.weight_g IS NOT NULL AND excluded.weight_g IS DISTINCT FROM p.weight_g)
RETURNING code
"""
_TWINS = """
UPDATE catalog_product_stage s SET code_key = %(mark)s || s.code
FROM (
    SELECT t.line, k.code AS holder,
           row_number() OVER (PARTITION BY t.code_key ORDER BY t.line) AS place
    FROM catalog_product_stage t
    LEFT JOIN catalog_sku k ON k.code_key = t.code_key AND k.code <> t.code
) ranked
WHERE ranked.line = s.line AND (ranked.place > 1 OR ranked.holder IS NOT NULL)
RETURNING s.code
"""
_SKUS = """
INSERT INTO catalog_sku AS k
    (code, code_key, product_id, name, kind, unit, barcode, tax_rate, state, selection, attributes)
SELECT s.code, s.code_key, p.id, s.name, s.kind, s.unit, s.barcode, s.tax_rate, s.state,
       %(selection)s, s.attributes
FROM catalog_product_stage s JOIN catalog_product p ON p.code = s.product_code ORDER BY s.code
ON CONFLICT (code) DO UPDATE
SET name = excluded.name,
    attributes = CASE excluded.attributes WHEN '{}' THEN k.attributes ELSE excluded.attributes END
WHERE k.name <> excluded.name
   OR (excluded.attributes <> '{}' AND excluded.attributes <> k.attributes)
RETURNING code, (xmax = 0)
"""
_CODES = """
INSERT INTO catalog_externalcode (channel_id, code, sku_id)
SELECT %(channel)s, s.code, k.id
FROM catalog_product_stage s JOIN catalog_sku k ON k.code = s.code ORDER BY s.code
ON CONFLICT (channel_id, code) DO NOTHING
"""
_IDS = """
SELECT k.code, k.id, s.product_code
FROM catalog_product_stage s JOIN catalog_sku k ON k.code = s.code
"""


def load_products(
    *,
    rows: Iterable[ProductRow],
    source: str,
    channel_id: int | None = None,
    actor: Actor,
    at: datetime,
) -> LoadReport:
    """Create or update a SKU per row and its product, under the codes the rows bring.

    Codes are exact text: a code that differs from another only in case or width is kept as a twin
    and reported. The first of equal codes counts, later ones are duplicates. With a channel the
    codes are recorded as that channel's names too. Same rows again: no second effect. Statement
    count does not grow with the rows. Raises IntegrityError for a barcode used twice.
    """
    with transaction.atomic():
        audit.acting(actor)
        kept: dict[str, ProductRow] = {}
        total = 0
        for row in rows:
            total += 1
            kept.setdefault(row.code, row)
        categories = leaves(
            paths=sorted({row.category or (UNSORTED,) for row in kept.values()}),
            actor=actor,
            at=at,
        )
        text, digest = _copy_text(kept.values(), categories)
        with connection.cursor() as cursor:
            cursor.execute(_STAGE)
            cursor.copy_expert(_COPY, text)
            cursor.execute("ANALYZE catalog_product_stage")
            # A table that grows under a plan made for an empty one is read through once per row.
            cursor.execute("SET LOCAL enable_nestloop = off")
            cursor.execute(_PLACES)
            cursor.execute(_PRODUCTS)
            touched = {row[0] for row in cursor.fetchall()}
            cursor.execute(_TWINS, {"mark": TWIN_MARK})
            twins = tuple(sorted(row[0] for row in cursor.fetchall()))
            cursor.execute(_SKUS, {"selection": selection.basis_at(at)})
            written = dict(cursor.fetchall())
            if channel_id is not None:
                cursor.execute(_CODES, {"channel": channel_id})
            cursor.execute(_IDS)
            places = cursor.fetchall()
            cursor.execute("SET LOCAL enable_nestloop = on")
        created = sum(written.values())
        changed = sum(code in written or product in touched for code, _id, product in places)
        report = LoadReport(
            rows=total,
            created=created,
            updated=changed - created,
            unchanged=len(kept) - changed,
            duplicates=total - len(kept),
            twins=twins,
            sku_ids={code: pk for code, pk, _product in places},
        )
        audit.record(
            actor=actor,
            at=at,
            action="catalog.products_loaded",
            body={
                "source": source,
                "rows": total,
                "created": report.created,
                "updated": report.updated,
                "twins": twins[:50],
                "rows_sha256": digest,
            },
        )
        publish(ProductsLoaded(source=source, created=report.created, updated=report.updated))
        return report


def ensure_categories(
    *, paths: Sequence[tuple[str, ...]], actor: Actor, at: datetime
) -> dict[tuple[str, ...], int]:
    """Return the category of each path of names, made where missing: one insert per depth."""
    with transaction.atomic():
        known: dict[tuple[str, ...], Category] = {}
        for depth in range(1, max((len(path) for path in paths), default=0) + 1):
            wanted = sorted({path[:depth] for path in paths if len(path) >= depth})
            parents = {path: known.get(path[:-1]) for path in wanted}
            found = {
                (category.parent_id, category.name): category
                for category in Category.objects.filter(
                    parent_id__isnull=depth == 1, name__in={path[-1] for path in wanted}
                )
            }
            for path in wanted:
                parent = parents[path]
                here = found.get((parent.pk if parent else None, path[-1]))
                if here is not None:
                    known[path] = here
            absent = [path for path in wanted if path not in known]
            codes = numbering.take("CAT", at=at, count=len(absent)) if absent else []
            made = [
                Category(
                    code=code,
                    name=parse.text(path[-1], most=120, least=1),
                    parent=parents[path],
                    path=f"{parent.path}.{code}" if (parent := parents[path]) else code,
                    since=at,
                )
                for path, code in zip(absent, codes, strict=True)
            ]
            Category.objects.bulk_create(made)
            known.update(zip(absent, made, strict=True))
            if made:
                audit.record(
                    actor=actor,
                    at=at,
                    action="catalog.categories_created",
                    body={"codes": codes, "names": [category.name for category in made]},
                )
        return {path: known[path].pk for path in paths}


def leaves(
    *, paths: Sequence[tuple[str, ...]], actor: Actor, at: datetime
) -> dict[tuple[str, ...], int]:
    """Return the leaf in which products of each path of names stand, made where missing.

    A product stands in a leaf (CAT-4.1-02): one whose category has others below it goes to that
    category's shelf "not sorted yet", and so do those that stood there when the others came.
    """
    every = sorted({path[:depth] for path in paths for depth in range(1, len(path) + 1)})
    found = ensure_categories(paths=every, actor=actor, at=at)
    ids = set(found.values())
    above = set(Category.objects.filter(parent_id__in=ids).values_list("parent_id", flat=True))
    crowded = set(
        Product.objects.filter(category_id__in=above).values_list("category_id", flat=True)
    )
    wanted = set(paths)
    inner = [
        path for path, pk in found.items() if pk in above and (path in wanted or pk in crowded)
    ]
    if inner:
        below = ensure_categories(paths=[(*path, UNSORTED) for path in inner], actor=actor, at=at)
        for path in inner:
            leaf = below[(*path, UNSORTED)]
            Product.objects.filter(category_id=found[path]).update(category_id=leaf)
            found[path] = leaf
    return {path: found[path] for path in paths}


def _copy_text(
    rows: Iterable[ProductRow], categories: dict[tuple[str, ...], int]
) -> tuple[io.StringIO, str]:
    """Write rows for COPY; return them with the hash of what came."""
    text = io.StringIO()
    digest = hashlib.sha256()
    writer = csv.writer(text)
    for line, row in enumerate(rows):
        values = (
            row.code,
            parse.code_key(row.code),
            row.name,
            row.name_en,
            categories[row.category or (UNSORTED,)],
            bool(row.category),
            row.brand,
            row.weight_g,
            row.kind,
            row.unit,
            row.barcode,
            row.tax_rate,
            row.product_code,
            row.product_name,
            canonical_json(dict(row.attributes)),
            row.state,
        )
        digest.update(canonical_json(values).encode())
        writer.writerow([line, *values])
    text.seek(0)
    return text, digest.hexdigest()
