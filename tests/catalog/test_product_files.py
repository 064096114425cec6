"""Products by file: Shopify with variants, our own layout, out and back in unchanged."""

import csv
from pathlib import Path
from typing import Any

import pytest

from catalog.models import Product, Sku
from catalog.services import loading
from catalog.types.goods import ProductRow
from ops.engines.kernel.actor import Actor
from ops.engines.reports import services as reports
from ops.engines.reports.choices import Format
from ops.engines.tables import storage
from ops.engines.tables.services import import_file
from ops.engines.tables.types import BatchInfo
from tests.engines.identity.factories import AT, SYSTEM

pytestmark = pytest.mark.django_db

HEADER = (
    "Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Published,Option1 Name,"
    "Option1 Value,Option2 Name,Option2 Value,Option3 Name,Option3 Value,Variant SKU,"
    "Variant Grams,Variant Price,Variant Requires Shipping,Variant Barcode,Image Src,Status\n"
)
SHEET = HEADER + (
    "cashmere-sweater,羊绒衫,<p>暖</p>,素野,女装 > 羊绒,羊绒,冬,TRUE,颜色,驼色,尺码,S,,,"
    "CS-S,350,399.00,TRUE,'6901234567892,https://img/1.jpg,active\n"
    "cashmere-sweater,,,,,,,,,驼色,,M,,,CS-M,350.0,399.00,TRUE,,,\n"
    "cashmere-sweater,,,,,,,,,,,,,,,,,,,https://img/2.jpg,\n"
    "mug,保温杯,,北辰,,家居,,TRUE,Title,Default Title,,,,,'0017,420,59.00,TRUE,,,draft\n"
    "postage,运费,,,,,,TRUE,Title,Default Title,,,,,YF,0,10.00,FALSE,,,active\n"
)


def load(profile: str, path: Path) -> BatchInfo:
    return import_file(
        profile=profile, path=path, name=path.name, actor=Actor.importer(), at=AT, options={}
    )


def write(folder: Path, text: str, name: str = "products.csv") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def rejected(batch: BatchInfo) -> list[tuple[int, str, str]]:
    """Return line, column and reason of the file of rejects, in the order of the lines."""
    text = storage.full_path(batch.rejects_file).read_text("utf-8-sig")
    rows = [(int(row[0]), row[1], row[2]) for row in list(csv.reader(text.splitlines()))[1:]]
    return sorted(rows)


def everything() -> list[tuple[Any, ...]]:
    rows = Sku.objects.order_by("code").select_related("product__category")
    return [
        (
            sku.code, sku.name, sku.kind, sku.unit, sku.barcode, sku.tax_rate, sku.state,
            sku.attributes, sku.product.code, sku.product.name, sku.product.name_en,
            sku.product.brand, sku.product.weight_g, sku.product.category.path,
        )
        for sku in rows
    ]  # fmt: skip


def test_a_shopify_file_brings_products_with_their_variants(tmp_path: Path) -> None:
    batch = load("shopify_products", write(tmp_path, SHEET))

    assert (batch.rows_read, batch.accepted, batch.duplicate, batch.rejected) == (5, 4, 1, 0)
    small = Sku.objects.select_related("product__category__parent").get(code="CS-S")
    assert (small.name, small.attributes, small.barcode) == (
        "羊绒衫 驼色 S",
        {"颜色": "驼色", "尺码": "S"},
        "6901234567892",
    )
    assert small.product.category.name == "羊绒"
    assert (small.product.name, small.product.brand, small.product.weight_g) == (
        "羊绒衫",
        "素野",
        350,
    )
    assert Sku.objects.get(code="CS-M").product_id == small.product_id
    assert (Product.objects.count(), Sku.objects.count()) == (3, 4)
    mug = Sku.objects.get(code="0017")
    assert (mug.name, mug.attributes, mug.state) == ("保温杯", {}, "draft")
    assert Sku.objects.get(code="YF").kind == "service"


def test_each_wrong_row_names_its_line_column_and_reason(tmp_path: Path) -> None:
    load("shopify_products", write(tmp_path, SHEET))
    row = "{handle},{title},,,,,,,颜色,{colour},,,,,{sku},{grams},,{ship},{bars},,{status}\n"
    usual = {
        "handle": "scarf", "title": "围巾", "colour": "灰", "sku": "SC-1", "grams": "90",
        "ship": "TRUE", "bars": "", "status": "active",
    }  # fmt: skip

    def line(**changes: str) -> str:
        return row.format(**usual | changes)

    batch = load(
        "shopify_products",
        write(
            tmp_path,
            HEADER
            + line()
            + line(sku="SC-1")
            + line(sku="SC-2")
            + line(sku="SC-3", colour="蓝", bars="6901234567892")
            + line(sku="", colour="绿")
            + line(sku="CS-S", colour="黄")
            + line(handle="hat", title="", sku="HA-1")
            + line(sku="SC-4", colour="白", grams="1.5")
            + line(sku="SC-5", colour="紫", status="gone")
            + line(sku="SC-6", colour="棕", ship="perhaps")
            + line(sku="SC-7", colour="橙", bars="6901234567890"),
            "wrong.csv",
        ),
    )

    assert (batch.rows_read, batch.accepted, batch.rejected) == (11, 1, 10)
    told = rejected(batch)
    assert [(line, column) for line, column, _why in told] == [
        (3, "Variant SKU"),
        (4, "Option1 Value"),
        (5, "Variant Barcode"),
        (6, "Variant SKU"),
        (7, "Handle"),
        (8, "Title"),
        (9, "Variant Grams"),
        (10, "Status"),
        (11, "Variant Requires Shipping"),
        (12, "Variant Barcode"),
    ]
    assert "第 2 行" in told[0][2]
    assert "CS-S" in told[2][2]
    assert "cashmere-sweater" in told[4][2]
    assert all(why for _line, _column, why in told)
    assert Sku.objects.filter(product__code="scarf").count() == 1


@pytest.fixture
def range_of_goods(tmp_path: Path) -> list[tuple[Any, ...]]:
    """Products with variants, without, twins, a service, marks a spreadsheet could run."""
    load("shopify_products", write(tmp_path, SHEET))
    loading.load_products(
        rows=[
            ProductRow(code="=1+1", name="+围巾", category=("配饰",), brand="@素野"),
            ProductRow(code="007", name="-手套", name_en="Gloves", weight_g=90, unit="双"),
            ProductRow(code="aB", name="双子"),
            ProductRow(code="AB", name="双子"),
        ],
        source="tests",
        actor=SYSTEM,
        at=AT,
    )
    return everything()


@pytest.mark.parametrize("name", ["products_generic", "products_shopify"])
def test_what_went_out_comes_back_and_changes_nothing(
    range_of_goods: list[tuple[Any, ...]], name: str
) -> None:
    file = reports.build(name=name, period=f"{AT:%Y-%m-%d}", fmt=Format.CSV, actor=SYSTEM, at=AT)
    profile = "generic_products" if name == "products_generic" else "shopify_products"

    batch = load(profile, file.path)

    assert file.rows == len(range_of_goods)
    assert (batch.accepted, batch.duplicate, batch.rejected) == (0, len(range_of_goods), 0)
    assert everything() == range_of_goods


@pytest.mark.parametrize("name", ["products_generic", "products_shopify"])
def test_an_empty_house_takes_the_file_as_it_was(
    range_of_goods: list[tuple[Any, ...]], name: str, tmp_path: Path
) -> None:
    file = reports.build(name=name, period=f"{AT:%Y-%m-%d}", fmt=Format.CSV, actor=SYSTEM, at=AT)
    text = file.path.read_text("utf-8-sig")
    for code in ("CS-S", "CS-M", "aB"):
        text = text.replace(code, f"Z{code}")
    text = text.replace("cashmere-sweater", "other-sweater").replace("6901234567892", "")
    profile = "generic_products" if name == "products_generic" else "shopify_products"

    batch = load(profile, write(tmp_path, text, "again.csv"))

    assert (batch.accepted, batch.rejected) == (3, 0)
    made = Sku.objects.select_related("product__category").get(code="ZCS-S")
    assert (made.attributes, made.product.code, made.product.name) == (
        {"颜色": "驼色", "尺码": "S"},
        "other-sweater",
        "羊绒衫",
    )
    assert made.product.category.name == "羊绒"
    assert Sku.objects.get(code="ZCS-M").product_id == made.product_id


def test_a_file_without_category_or_name_moves_and_renames_nothing(
    range_of_goods: list[tuple[Any, ...]], tmp_path: Path
) -> None:
    batch = load("generic_products", write(tmp_path, "code,brand\nCS-S,素野\n=1+1,@素野\n"))

    assert (batch.accepted, batch.duplicate) == (0, 2)
    assert everything() == range_of_goods


def test_variants_are_loaded_in_as_many_statements_as_one(
    django_assert_max_num_queries: Any,
) -> None:
    rows = [
        ProductRow(
            code=f"V-{n}", name=f"毛衣 {n}", category=("女装",), product_code=f"P-{n // 4}",
            product_name=f"毛衣 {n // 4}", attributes={"尺码": "SMLX"[n % 4]},
        )
        for n in range(400)
    ]  # fmt: skip

    with django_assert_max_num_queries(30):
        report = loading.load_products(rows=rows, source="tests", actor=SYSTEM, at=AT)

    assert (report.created, report.updated) == (400, 0)
    assert Product.objects.count() == 100
