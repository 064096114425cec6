"""Products as rows of a file: our own layout, and that of Shopify; both come back by import."""

from __future__ import annotations

from typing import Final

GENERIC: Final = (
    "code",
    "name",
    "product_code",
    "product_title",
    "category",
    "name_en",
    "brand",
    "weight_g",
    "kind",
    "unit",
    "barcode",
    "tax_rate",
    "attributes",
)
SHOPIFY: Final = (
    "Handle",
    "Title",
    "Vendor",
    "Product Category",
    "Type",
    "Option1 Name",
    "Option1 Value",
    "Option2 Name",
    "Option2 Value",
    "Option3 Name",
    "Option3 Value",
    "Variant SKU",
    "Variant Grams",
    "Variant Barcode",
    "Variant Requires Shipping",
    "Status",
)

# Every category with the names from the root, as an import reads them.
_SHELVES: Final = """
RECURSIVE shelves AS (
    SELECT id, name::text AS path FROM catalog_category WHERE parent_id IS NULL
    UNION ALL
    SELECT c.id, s.path || ' > ' || c.name FROM shelves s
    JOIN catalog_category c ON c.parent_id = s.id
)"""
GENERIC_ROWS: Final = f"""
WITH {_SHELVES}
SELECT k.code, k.name, p.code, p.name, h.path, p.name_en, p.brand, p.weight_g::text, k.kind,
       k.unit, k.barcode, k.tax_rate::text,
       (SELECT string_agg(key || '=' || value, '; ' ORDER BY key)
        FROM jsonb_each_text(k.attributes))
FROM catalog_sku k
JOIN catalog_product p ON p.id = k.product_id
JOIN shelves h ON h.id = p.category_id
WHERE k.state <> 'retired'
ORDER BY p.code, k.code
"""  # noqa: S608 - constants only

# What belongs to the product stands on its first row; a product whose only SKU has no values has
# the one option and value that Shopify gives such products.
SHOPIFY_ROWS: Final = f"""
WITH {_SHELVES}, numbered AS (
    SELECT k.*, row_number() OVER (PARTITION BY k.product_id ORDER BY k.code) AS place,
           count(*) OVER (PARTITION BY k.product_id) AS several
    FROM catalog_sku k WHERE k.state <> 'retired'
)
SELECT p.code,
       CASE k.place WHEN 1 THEN p.name END,
       CASE k.place WHEN 1 THEN p.brand END,
       CASE k.place WHEN 1 THEN h.path END,
       CASE k.place WHEN 1 THEN c.name END,
       CASE k.place WHEN 1 THEN coalesce(v.keys[1], 'Title') END,
       coalesce(v.vals[1], CASE k.several WHEN 1 THEN 'Default Title' ELSE k.name END),
       CASE k.place WHEN 1 THEN v.keys[2] END, v.vals[2],
       CASE k.place WHEN 1 THEN v.keys[3] END, v.vals[3],
       k.code, p.weight_g::text, k.barcode, CASE k.kind WHEN 'goods' THEN 'TRUE' ELSE 'FALSE' END,
       CASE k.place WHEN 1 THEN k.state END
FROM numbered k
JOIN catalog_product p ON p.id = k.product_id
JOIN catalog_category c ON c.id = p.category_id
JOIN shelves h ON h.id = c.id
LEFT JOIN LATERAL (
    SELECT array_agg(key ORDER BY key) AS keys, array_agg(value ORDER BY key) AS vals
    FROM jsonb_each_text(k.attributes)
) v ON k.attributes <> '{{}}'
ORDER BY p.code, k.place
"""  # noqa: S608 - constants only
