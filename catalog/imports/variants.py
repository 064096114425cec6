"""What product files of every layout are checked for before they are loaded."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from catalog.models import Sku
from catalog.types.goods import ProductRow
from ops.engines.kernel.errors import BadInput
from ops.engines.tables.intake import Reject, Row

Placed = tuple[ProductRow, Row]
_ATTRIBUTE_MARKS = ";；"
_PLAIN: Mapping[str, str] = {}


def kept(
    placed: Iterable[Placed], rejects: list[Reject], *, titles: Mapping[str, str] = _PLAIN
) -> list[ProductRow]:
    """Return the rows that contradict neither the file nor the catalogue; others are rejected.

    A code twice, a barcode that names something else, a SKU that stands under another product, a
    second variant with the same values. `titles` are those of the file. Two queries for any number
    of rows.
    """
    bars = dict(Sku.objects.exclude(barcode="").values_list("barcode", "code"))
    products = dict(Sku.objects.values_list("code", "product__code"))
    lines: dict[str, int] = {}
    variants: dict[tuple[str, tuple[tuple[str, str], ...]], str] = {}
    found = []
    for made, row in placed:
        reason = _wrong(made, lines, bars, products, variants)
        if reason is not None:
            column, value, code, words = reason
            title = titles.get(column, column)
            rejects.append(Reject(row.line, title, value, code, str(words), row.cells))
            continue
        lines[made.code] = row.line
        found.append(made)
    return found


def named(rows: Iterable[ProductRow], *, fallback: Collection[str] = ()) -> list[ProductRow]:
    """Return rows of which those in `fallback` keep the name their SKU has, when it is there."""
    names = dict(Sku.objects.filter(code__in=fallback).values_list("code", "name"))
    return [replace(row, name=names.get(row.code, row.name)) for row in rows]


def read_attributes(text: str) -> dict[str, str]:
    """Read values of attributes as the export writes them: "颜色=黑; 尺码=M". Raises BadInput."""
    for mark in _ATTRIBUTE_MARKS[1:]:
        text = text.replace(mark, _ATTRIBUTE_MARKS[0])
    pairs = [part.partition("=") for part in text.split(_ATTRIBUTE_MARKS[0]) if part.strip()]
    if not all(mark and key.strip() and value.strip() for key, mark, value in pairs):
        raise BadInput(
            "input.attributes", _("Write attributes as name=value, separated by semicolons.")
        )
    return {key.strip(): value.strip() for key, _mark, value in pairs}


def _wrong(
    made: ProductRow,
    lines: dict[str, int],
    bars: dict[str, str],
    products: dict[str, str],
    variants: dict[tuple[str, tuple[tuple[str, str], ...]], str],
) -> tuple[str, str, str, object] | None:
    """Return column, value, code and words of what is wrong with a row, None when nothing is."""
    if made.code in lines:
        words = _("The code stands in line %(line)s already.") % {"line": lines[made.code]}
        return "code", made.code, "catalog.code_twice", words
    if made.barcode and bars.setdefault(made.barcode, made.code) != made.code:
        words = _("The barcode names another SKU: %(code)s.") % {"code": bars[made.barcode]}
        return "barcode", made.barcode, "catalog.barcode_taken", words
    stands = products.get(made.code, made.product_code)
    if made.product_code and stands != made.product_code:
        words = _("The SKU stands under another product: %(code)s.") % {"code": stands}
        return "product_code", made.product_code, "catalog.sku_elsewhere", words
    key = (made.product_code, tuple(sorted(made.attributes.items())))
    if made.product_code and made.attributes and variants.setdefault(key, made.code) != made.code:
        words = _("%(code)s is this variant already.") % {"code": variants[key]}
        return "attributes", made.code, "catalog.variant_twice", words
    return None
