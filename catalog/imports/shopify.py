"""Product files of Shopify: one row a variant, what belongs to the product on its first row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from catalog.choices.goods import ProductState, SkuKind
from catalog.imports import variants
from catalog.imports.goods import barcode
from catalog.services import channels, loading
from catalog.types.goods import ProductRow
from ops.engines.identity.choices import Role
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput
from ops.engines.kernel.policy import may
from ops.engines.tables.intake import Intake, Reject, Row
from ops.engines.tables.profile import Column, Profile
from ops.engines.tables.registry import register_profile
from ops.engines.tables.types import BatchInfo, LoadResult

OPTIONS: Final = (1, 2, 3)
# What Shopify calls the only option of a product without variants, and its value.
NO_OPTION: Final = "Title"
NO_VALUE: Final = "Default Title"
_STATES: Final = {
    "active": ProductState.ACTIVE,
    "draft": ProductState.DRAFT,
    "archived": ProductState.RETIRED,
}
_TITLES: Final = {
    "code": "Variant SKU",
    "barcode": "Variant Barcode",
    "product_code": "Handle",
    "attributes": "Option1 Value",
}
_YES_NO: Final = {"true": True, "false": False}


def flag(text: str) -> bool:
    """Read TRUE or FALSE. Raises BadInput."""
    if text.casefold() not in _YES_NO:
        raise BadInput("input.flag", _("Neither TRUE nor FALSE."))
    return _YES_NO[text.casefold()]


def state(text: str) -> str:
    """Read active, draft or archived. Raises BadInput."""
    if text.casefold() not in _STATES:
        raise BadInput("input.shopify_status", _("Neither active, draft nor archived."))
    return _STATES[text.casefold()].value


def unquoted(text: str) -> str:
    """Return a code without the apostrophe a spreadsheet put before its digits."""
    return text.removeprefix("'")


def grams(text: str) -> int:
    """Read a weight in grams, also written as 350.0. Raises BadInput."""
    whole, _point, rest = text.partition(".")
    return parse.quantity(whole if not rest.strip("0") else text)


def _optional(key: str, *headers: str, read: Any) -> Column:
    return Column(key, headers=headers, parse=read, required=False)


SHOPIFY: Final = Profile(
    "shopify_products",
    _("Products of Shopify, one variant a row"),
    columns=(
        Column("handle", headers=("Handle", "URL handle"), parse=parse.code),
        _optional("title", "Title", read=partial(parse.text, most=200)),
        _optional("vendor", "Vendor", read=partial(parse.text, most=80)),
        _optional("category", "Product Category", read=partial(parse.text, most=400)),
        _optional("type", "Type", read=partial(parse.text, most=120)),
        *(
            _optional(
                f"option{n}_{part}", f"Option{n} {part.title()}", read=partial(parse.text, most=120)
            )
            for n in OPTIONS
            for part in ("name", "value")
        ),
        _optional("sku", "Variant SKU", "SKU", read=lambda text: parse.code(unquoted(text))),
        _optional("grams", "Variant Grams", "Weight value (grams)", read=grams),
        _optional("barcode", "Variant Barcode", "Barcode", read=lambda t: barcode(unquoted(t))),
        _optional("shipped", "Variant Requires Shipping", "Requires shipping", read=flag),
        _optional("image", "Image Src", "Product image URL", read=partial(parse.text, most=2000)),
        _optional("status", "Status", read=state),
    ),
    gz=True,
)


@dataclass(slots=True)
class _Reading:
    """What the first row of each product said, and the rows that are no variants."""

    first: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    pictures: int = 0


def load_shopify(
    batch: BatchInfo,
    intake: Intake,
    *,
    actor: Actor,
    at: dt.datetime,
    options: Mapping[str, Any],
) -> LoadResult:
    """Load products with their variants; with the option `channel` the codes are its names too.

    Prices in the file are not read: a price needs its approval. Rows that only bring another
    picture count as duplicates. A SKU that is there keeps its name.
    """
    rejects: list[Reject] = []
    reading = _Reading()
    rows = variants.kept(_placed(intake, reading, rejects), rejects, titles=_TITLES)
    channel_id = None
    if options.get("channel"):
        channel_id = channels.ensure_channel(code=str(options["channel"]), actor=actor, at=at).id
    report = loading.load_products(
        rows=variants.named(rows, fallback=[row.code for row in rows]),
        source=batch.number,
        channel_id=channel_id,
        actor=actor,
        at=at,
    )
    return LoadResult(
        accepted=report.created + report.updated,
        duplicate=report.unchanged + reading.pictures,
        rejects=rejects,
        totals={
            "created": report.created,
            "updated": report.updated,
            "unchanged": report.unchanged,
            "pictures": reading.pictures,
            "twin_codes": len(report.twins),
        },
    )


def _placed(intake: Intake, reading: _Reading, rejects: list[Reject]) -> Iterator[variants.Placed]:
    for row in intake.rows():
        values = row.values
        first = reading.first.setdefault(values["handle"], values)
        if not values["sku"] and values["image"] and not _option_values(values):
            reading.pictures += 1
        elif not values["sku"]:
            words = _("Every variant needs a SKU of its own.")
            rejects.append(_reject(row, "Variant SKU", "", "catalog.variant_without_sku", words))
        elif not first["title"]:
            words = _("The first row of a product names it.")
            rejects.append(
                _reject(row, "Title", values["handle"], "catalog.product_without_title", words)
            )
        else:
            yield _product_row(values, first), row


def _product_row(values: Mapping[str, Any], first: Mapping[str, Any]) -> ProductRow:
    shelf = first["category"] or first["type"] or ""
    attributes = {
        first[f"option{n}_name"]: values[f"option{n}_value"]
        for n in OPTIONS
        if first[f"option{n}_name"] not in (None, "", NO_OPTION) and values[f"option{n}_value"]
    }
    told = " ".join(attributes.values()) or _told(values)
    return ProductRow(
        code=values["sku"],
        name=f"{first['title']} {told}".strip()[:200],
        category=tuple(part.strip() for part in shelf.split(">") if part.strip()),
        brand=first["vendor"] or "",
        weight_g=first["grams"],
        kind=(SkuKind.SERVICE if values["shipped"] is False else SkuKind.GOODS).value,
        barcode=values["barcode"] or "",
        product_code=values["handle"],
        product_name=first["title"],
        attributes=attributes,
        state=first["status"] or ProductState.ACTIVE.value,
    )


def _told(values: Mapping[str, Any]) -> str:
    only = values["option1_value"] or ""
    return "" if only == NO_VALUE else only


def _option_values(values: Mapping[str, Any]) -> bool:
    return any(values[f"option{n}_value"] for n in OPTIONS)


def _reject(row: Row, column: str, value: str, code: str, words: Any) -> Reject:
    return Reject(row.line, column, value, code, str(words), row.cells)


register_profile(
    SHOPIFY,
    load=load_shopify,
    policy=may("catalog", "C", Role.OPERATIONS_SUPERVISOR, Role.WEB_EDITING_SUPERVISOR),
)
