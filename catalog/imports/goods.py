"""Product files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _

from catalog.choices.goods import SkuKind
from catalog.imports import variants
from catalog.rules.coding import GTIN_LENGTHS, read_gtin
from catalog.services import channels, loading
from catalog.services.categories import UNSORTED
from catalog.types.goods import ProductRow
from ops.engines.identity.choices import Role
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput
from ops.engines.kernel.policy import may
from ops.engines.tables.intake import Intake, Reject
from ops.engines.tables.profile import Column, Profile
from ops.engines.tables.registry import register_profile
from ops.engines.tables.types import BatchInfo, LoadResult

_KINDS = {
    "goods": SkuKind.GOODS,
    "商品": SkuKind.GOODS,
    "service": SkuKind.SERVICE,
    "服务": SkuKind.SERVICE,
}


def barcode(text: str) -> str:
    """Read a barcode: as long as a GTIN it is one; a shorter mark of a house of its own stays.

    Raises BadInput.
    """
    read = parse.code(text, most=14)
    return read_gtin(read) if read.isdigit() and len(read) in GTIN_LENGTHS else read


def kind(text: str) -> str:
    """Read whether a SKU is kept in stock. Raises BadInput."""
    if text.casefold() not in _KINDS:
        raise BadInput("input.sku_kind", _("Neither goods nor service."))
    return _KINDS[text.casefold()].value


def rate(text: str) -> Decimal:
    """Read a tax rate, as a share (0.13) or in percent (13%). Raises BadInput."""
    share = (
        parse.money(text[:-1], places=2) / 100
        if text.endswith("%")
        else parse.money(text, places=4)
    )
    if share >= 1:
        raise BadInput("input.tax_rate", _("A tax rate is a share below one, or a percentage."))
    return share


PRODUCTS = Profile(
    "generic_products",
    _("Products, one SKU a row"),
    columns=(
        Column(
            "code",
            headers=(
                "code",
                "sku",
                "product_id",
                "sku_code",
                "商品编码",
                "编码",
                "货号",
                "商家编码",
            ),
            parse=parse.code,
        ),
        Column(
            "name",
            headers=("name", "title", "product_name", "商品名称", "名称", "标题"),
            parse=partial(parse.text, most=200, least=1),
            required=False,
        ),
        Column(
            "category",
            headers=("category", "product_category_name", "类目", "分类", "商品类目"),
            parse=partial(parse.text, most=400),
            required=False,
        ),
        Column(
            "name_en",
            headers=("name_en", "english_name", "英文名称"),
            parse=partial(parse.text, most=200),
            required=False,
        ),
        Column(
            "brand",
            headers=("brand", "vendor", "品牌"),
            parse=partial(parse.text, most=80),
            required=False,
        ),
        Column(
            "weight_g",
            headers=("weight_g", "product_weight_g", "重量(克)", "重量克"),
            parse=parse.quantity,
            required=False,
        ),
        Column("kind", headers=("kind", "种类", "商品种类"), parse=kind, required=False),
        Column(
            "unit",
            headers=("unit", "单位", "计量单位"),
            parse=partial(parse.code, most=16),
            required=False,
        ),
        Column(
            "barcode",
            headers=("barcode", "ean", "gtin", "条码", "商品条码"),
            parse=barcode,
            required=False,
        ),
        Column("tax_rate", headers=("tax_rate", "税率"), parse=rate, required=False),
        Column(
            "product_code",
            headers=("product_code", "款号", "产品编码"),
            parse=parse.code,
            required=False,
        ),
        Column(
            "product_title",
            headers=("product_title", "款名", "产品名称"),
            parse=partial(parse.text, most=200),
            required=False,
        ),
        Column(
            "attributes",
            headers=("attributes", "规格", "属性"),
            parse=variants.read_attributes,
            required=False,
        ),
    ),
    gz=True,
)


def load_products(
    batch: BatchInfo,
    intake: Intake,
    *,
    actor: Actor,
    at: dt.datetime,
    options: Mapping[str, Any],
) -> LoadResult:
    """Load a product file; with the option `channel` the codes become that channel's names too.

    A SKU without a name keeps its own, a new one is called by its category and code. Rows that
    contradict the file or the catalogue are rejected (see `variants.kept`).
    """
    rejects: list[Reject] = []
    nameless: set[str] = set()
    rows = variants.kept(_placed(intake, nameless), rejects)
    channel_id = None
    if options.get("channel"):
        channel_id = channels.ensure_channel(code=str(options["channel"]), actor=actor, at=at).id
    report = loading.load_products(
        rows=variants.named(rows, fallback=nameless),
        source=batch.number,
        channel_id=channel_id,
        actor=actor,
        at=at,
    )
    return LoadResult(
        accepted=report.created + report.updated,
        duplicate=report.unchanged,
        rejects=rejects,
        totals={
            "created": report.created,
            "updated": report.updated,
            "unchanged": report.unchanged,
            "twin_codes": len(report.twins),
        },
    )


def _placed(intake: Intake, nameless: set[str]) -> Iterator[variants.Placed]:
    for row in intake.rows():
        if not row.values["name"]:
            nameless.add(row.values["code"])
        yield _row(row.values), row


def _row(values: Mapping[str, Any]) -> ProductRow:
    code = values["code"]
    path = tuple(part.strip() for part in (values["category"] or "").split(">") if part.strip())
    return ProductRow(
        code=code,
        name=values["name"] or f"{path[-1] if path else UNSORTED} {code[:12]}",
        category=path,
        name_en=values["name_en"] or "",
        brand=values["brand"] or "",
        weight_g=values["weight_g"],
        kind=values["kind"] or SkuKind.GOODS.value,
        unit=values["unit"] or "piece",
        barcode=values["barcode"] or "",
        tax_rate=Decimal("0.1300") if values["tax_rate"] is None else values["tax_rate"],
        product_code=values["product_code"] or "",
        product_name=values["product_title"] or "",
        attributes=values["attributes"] or {},
    )


register_profile(
    PRODUCTS,
    load=load_products,
    policy=may("catalog", "C", Role.OPERATIONS_SUPERVISOR, Role.WEB_EDITING_SUPERVISOR),
)
