"""Categories, products, SKUs: codes from the house, imports by the thousand."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.errors import goods as errors
from catalog.models import Category, ExternalCode, Product, Sku
from catalog.selectors import codes
from catalog.services import channels, loading, products
from catalog.types.goods import LoadReport, ProductRow
from ops.engines.audit.selectors import timeline
from ops.engines.identity import services as identity
from ops.engines.identity.choices import Role
from ops.engines.kernel.errors import BadInput
from tests.catalog.shop import actor
from tests.engines.identity.factories import AT, SYSTEM, account

pytestmark = pytest.mark.django_db


def load(*rows: ProductRow, channel_id: int | None = None) -> LoadReport:
    return loading.load_products(
        rows=rows, source="tests", channel_id=channel_id, actor=SYSTEM, at=AT
    )


def test_codes_come_from_the_house() -> None:
    category = products.create_category(name="女装", actor=SYSTEM, at=AT)
    product = products.create_product(name="羊绒衫", category_id=category.id, actor=SYSTEM, at=AT)
    one = products.create_sku(product_id=product.id, name="S", actor=SYSTEM, at=AT)
    other = products.create_sku(product_id=product.id, name="M", actor=SYSTEM, at=AT)

    assert (category.code, product.code) == ("CAT-202611-0001", "PRD-202611-0001")
    assert (one.code, other.code) == ("SKU-202611-0001", "SKU-202611-0002")
    assert one.tax_rate == Decimal("0.1300")


def test_categories_form_a_tree_with_one_name_per_shelf() -> None:
    top = products.create_category(name="女装", actor=SYSTEM, at=AT)
    below = products.create_category(name="羊绒", parent_id=top.id, actor=SYSTEM, at=AT)

    assert below.path == f"{top.code}.{below.code}"
    with pytest.raises(errors.CodeTaken):
        products.create_category(name="羊绒", parent_id=top.id, actor=SYSTEM, at=AT)
    with pytest.raises(errors.ThingMissing):
        products.create_category(name="x", parent_id=10**9, actor=SYSTEM, at=AT)
    assert Category.objects.count() == 2


def test_moving_a_product_keeps_where_it_stood() -> None:
    old = products.create_category(name="旧", actor=SYSTEM, at=AT)
    new = products.create_category(name="新", actor=SYSTEM, at=AT)
    product = products.create_product(name="货", category_id=old.id, actor=SYSTEM, at=AT)
    editor = actor(account("editor", Role.WEB_EDITING_SUPERVISOR))

    products.edit_product(product_id=product.id, category_id=new.id, actor=editor, at=AT)

    entries = timeline(object_type="catalog.product", object_id=product.id)
    actions = [entry.action for entry in entries if entry.action]
    assert actions == ["catalog.product_edited", "catalog.product_created"]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT field, old, new, person_id FROM audit_fieldchange"
            " WHERE table_name = 'catalog_product'"
        )
        assert cursor.fetchall() == [("category_id", str(old.id), str(new.id), editor.person_id)]


def test_small_letters_reach_granted_categories_only() -> None:
    mine = products.create_category(name="我的", actor=SYSTEM, at=AT)
    other = products.create_category(name="别人的", actor=SYSTEM, at=AT)
    user = account("editor", Role.EDITOR)
    identity.grant_scope(user_id=user.pk, kind="category", object_id=mine.id, actor=SYSTEM, at=AT)

    product = products.create_product(name="货", category_id=mine.id, actor=actor(user), at=AT)
    with pytest.raises(errors.ThingMissing):
        products.create_product(name="货", category_id=other.id, actor=actor(user), at=AT)
    with pytest.raises(errors.ThingMissing):
        products.edit_product(product_id=product.id, category_id=other.id, actor=actor(user), at=AT)

    assert Product.objects.get().category_id == mine.id


def test_a_barcode_names_one_sku_and_names_are_clean() -> None:
    product = Sku.objects.get(pk=load(ProductRow(code="A", name="a")).sku_ids["A"]).product_id
    made = {"product_id": product, "actor": SYSTEM, "at": AT}
    products.create_sku(name="x", barcode="6901234567892", **made)  # type: ignore[arg-type]

    with pytest.raises(errors.CodeTaken):
        products.create_sku(name="y", barcode="6901234567892", **made)  # type: ignore[arg-type]
    for wrong in ("", "a\u202eb", "a\x00b"):
        with pytest.raises(BadInput):
            products.create_sku(name=wrong, **made)  # type: ignore[arg-type]
    assert Sku.objects.count() == 2


def test_a_retired_sku_keeps_its_code_and_says_why() -> None:
    sku = load(ProductRow(code="A", name="a")).sku_ids["A"]

    with pytest.raises(errors.ReasonNeeded):
        products.retire_sku(sku_id=sku, reason="", actor=SYSTEM, at=AT)
    retired = products.retire_sku(sku_id=sku, reason="No demand", actor=SYSTEM, at=AT)

    assert (retired.code, retired.state) == ("A", "retired")


def test_rows_come_in_under_their_own_codes_once() -> None:
    rows = (
        ProductRow(code="85123A", name="HEART", category=("home", "candles"), weight_g=40),
        ProductRow(code="85123a", name="heart", category=("home",)),
        ProductRow(code="85123A", name="again"),
        ProductRow(code="POST", name="postage", kind="service"),
    )

    first = load(*rows)
    second = load(*rows)

    assert (first.rows, first.created, first.updated, first.duplicates) == (4, 3, 0, 1)
    assert first.twins == ("85123a",)
    assert (second.created, second.updated, second.unchanged) == (0, 0, 3)
    assert second.sku_ids == first.sku_ids
    assert codes.skus_by_code(codes=["85123A", "85123a", "post"]) == {
        "85123A": first.sku_ids["85123A"],
        "85123a": first.sku_ids["85123a"],
    }
    assert Product.objects.get(code="85123A").category.path.count(".") == 1
    assert set(Category.objects.values_list("name", flat=True)) == {"home", "candles", "未分类"}


def test_a_later_row_updates_and_an_empty_field_says_nothing() -> None:
    load(ProductRow(code="A", name="old", brand="B", weight_g=10, category=("x",)))

    report = load(ProductRow(code="A", name="new", category=("x",)))

    product = Product.objects.get()
    assert (report.created, report.updated) == (0, 1)
    assert (product.name, product.brand, product.weight_g) == ("new", "B", 10)
    assert Sku.objects.get().name == "new"


def test_a_channel_names_skus_by_exact_codes() -> None:
    channel = channels.ensure_channel(code="uci", actor=SYSTEM, at=AT)
    again = channels.ensure_channel(code="uci", actor=SYSTEM, at=AT)
    report = load(ProductRow(code="A", name="a"), channel_id=channel.id)
    sku = report.sku_ids["A"]

    named = products.name_in_channel(
        channel_id=channel.id, codes=[("a-1", sku), ("A-1", sku)], actor=SYSTEM, at=AT
    )

    assert (channel.id, named) == (again.id, 2)
    assert codes.skus_by_external(channel_id=channel.id, codes=["A", "a-1", "A-2"]) == {
        "A": sku,
        "a-1": sku,
    }
    other = load(ProductRow(code="B", name="b")).sku_ids["B"]
    with pytest.raises(errors.CodeTaken):
        products.name_in_channel(channel_id=channel.id, codes=[("A", other)], actor=SYSTEM, at=AT)
    assert ExternalCode.objects.count() == 3
    with pytest.raises(errors.CodeTaken):
        channels.create_channel(code="UCI", name="x", actor=SYSTEM, at=AT)


def test_a_load_costs_the_same_statements_for_any_number_of_rows() -> None:
    load(ProductRow(code="warm", name="w", category=("c",)))
    with CaptureQueriesContext(connection) as few:
        load(ProductRow(code="one", name="1", category=("c",)))

    with CaptureQueriesContext(connection) as many:
        load(*(ProductRow(code=f"n{n}", name=str(n), category=("c",)) for n in range(3000)))

    assert len(many) == len(few)
    assert Sku.objects.count() == 3002
