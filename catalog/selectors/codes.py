"""From codes to SKUs."""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection

from catalog.models import Category, ExternalCode, Product, Sku
from ops.engines.kernel.arrays import array
from ops.engines.kernel.parse import code_key


def skus_by_code(*, codes: Collection[str]) -> dict[str, int]:
    """Return the SKU ids of our codes, exact text; unknown codes are absent. One query."""
    return dict(Sku.objects.filter(code__in=codes).values_list("code", "pk"))


def products_by_code(*, codes: Collection[str]) -> dict[str, int]:
    """Return the products of some codes, a product's own or that of a SKU of it. Two queries."""
    found = dict(Sku.objects.filter(code__in=codes).values_list("code", "product_id"))
    return found | dict(Product.objects.filter(code__in=codes).values_list("code", "pk"))


def skus_by_external(*, channel_id: int, codes: Collection[str]) -> dict[str, int]:
    """Return the SKU ids of a channel's codes, exact text; unknown codes are absent. One query."""
    return dict(
        ExternalCode.objects.filter(channel_id=channel_id, code__in=codes).values_list(
            "code", "sku_id"
        )
    )


def skus_by_barcode(*, barcodes: Collection[str]) -> dict[str, int]:
    """Return the SKU ids of barcodes, exact text; unknown ones are absent. One query."""
    return dict(Sku.objects.filter(barcode__in=barcodes).values_list("barcode", "pk"))


def category_ids(*, codes: Collection[str]) -> dict[str, int]:
    """Return the ids of categories by code, exact text; unknown ones are absent. One query."""
    return dict(Category.objects.filter(code__in=codes).values_list("code", "pk"))


def sku_names(*, sku_ids: Collection[int]) -> dict[int, tuple[str, str]]:
    """Return code and name by SKU id. One query."""
    return {
        pk: (code, name)
        for pk, code, name in Sku.objects.filter(pk__in=sku_ids).values_list("pk", "code", "name")
    }


def unknown_skus(*, sku_ids: Collection[int]) -> list[int]:
    """Return which of the ids are no SKU, in order. One query; only what is wrong comes back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT u.id FROM unnest(%s::bigint[]) AS u (id)"
            " WHERE NOT EXISTS (SELECT FROM catalog_sku s WHERE s.id = u.id) ORDER BY u.id",
            [array(sku_ids)],
        )
        return [sku_id for (sku_id,) in cursor.fetchall()]


def category_paths(*, codes: Collection[str]) -> dict[str, str]:
    """Return the paths of categories by code, exact text; unknown ones are absent. One query."""
    return dict(Category.objects.filter(code__in=codes).values_list("code", "path"))


def twins_of(*, codes: Collection[str]) -> dict[str, str]:
    """Return, by a code nobody has, our code that differs from it by case or width. One query."""
    keys = {code_key(code): code for code in codes}
    rows = Sku.objects.filter(code_key__in=keys).values_list("code_key", "code")
    found = dict(rows)
    return {code: found[key] for code in codes if (key := code_key(code)) in found}
