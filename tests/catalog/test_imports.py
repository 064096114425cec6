"""Product files made elsewhere."""

from pathlib import Path

import pytest

from catalog.models import Category, ExternalCode, Product, Sku
from ops.engines.kernel.actor import Actor
from ops.engines.tables.services import import_file
from ops.engines.tables.types import BatchInfo
from tests.engines.identity.factories import AT
from tests.support.shared import shared_file

pytestmark = pytest.mark.django_db


def load(path: Path, **options: str) -> BatchInfo:
    return import_file(
        profile="generic_products",
        path=path,
        name=path.name,
        actor=Actor.importer(),
        at=AT,
        options=options,
    )


def write(folder: Path, text: str, *, encoding: str = "utf-8") -> Path:
    path = folder / "products.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_the_olist_catalogue_loads_without_rejects() -> None:
    first = load(shared_file("olist_catalog/products.csv.gz"))
    second = load(shared_file("olist_catalog/products.csv.gz"))

    assert (first.rows_read, first.accepted, first.rejected) == (32951, 32951, 0)
    assert second.known
    assert (Product.objects.count(), Sku.objects.count()) == (32951, 32951)
    assert Category.objects.count() == 74
    # One table at a time: what this transaction wrote has no statistics to plan a join with.
    sku = Sku.objects.get(code="1e9e8ef04dbcff4541ed26657ea517e5")
    assert sku.product.weight_g == 225
    assert sku.name == "perfumaria 1e9e8ef04dbc"
    assert sku.product.category.name == "perfumaria"


def test_a_chinese_sheet_in_gb18030_is_understood(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "商品编码,商品名称,类目,品牌,重量(克),种类,单位,条码,税率\n"
        "A-1,羊绒衫,女装 > 羊绒,恒源,350,商品,件,6901234567892,13%\n"
        "YF,运费,,,,服务,次,,0.06\n",
        encoding="gb18030",
    )

    batch = load(path, channel="tmall")

    assert (batch.accepted, batch.rejected) == (2, 0)
    sku = Sku.objects.select_related("product__category__parent").get(code="A-1")
    assert (sku.unit, sku.barcode, str(sku.tax_rate), sku.kind) == (
        "件",
        "6901234567892",
        "0.1300",
        "goods",
    )
    assert sku.product.category.name == "羊绒"
    assert sku.product.category.parent is not None
    assert sku.product.category.parent.name == "女装"
    assert Sku.objects.get(code="YF").kind == "service"
    assert ExternalCode.objects.filter(channel__code="tmall").count() == 2


def test_each_wrong_row_is_named_and_the_others_load(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "code,name,weight_g,barcode,tax_rate\n"
        "A,ok,1,111,\n"
        "A,again,1,,\n"
        "B,same bars,1,111,\n"
        "C,half a gram,1.5,,\n"
        ",no code,1,,\n"
        "D,too much tax,1,,13\n"
        "E,ok,,,13%\n",
    )

    batch = load(path)

    assert (batch.rows_read, batch.accepted, batch.rejected) == (7, 2, 5)
    assert set(Sku.objects.values_list("code", flat=True)) == {"A", "E"}
    assert dict(batch.reasons)


def test_a_later_file_updates_what_it_names(tmp_path: Path) -> None:
    load(write(tmp_path, "code,name,brand\nA,old,B\nC,same,\n"))

    batch = load(write(tmp_path, "code,name\nA,new\nC,same\n"))

    assert (batch.accepted, batch.duplicate, batch.rejected) == (1, 1, 0)
    assert Product.objects.get(code="A").brand == "B"
    assert dict(batch.control_totals)["updated"] == 1
