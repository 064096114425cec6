"""Categories: what they ask, inherited and dated; leaves; moves that keep history."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction

from catalog.errors import categories as errors
from catalog.errors.coding import RuleNotNewer
from catalog.errors.goods import ReasonNeeded
from catalog.models import Category, CategoryMove, CategoryRule, Product, Sku
from catalog.rules import categories as rules
from catalog.rules.categories import Attribute, Demands
from catalog.selectors import categories as tree
from catalog.services import categories, loading, products
from catalog.types.goods import ProductRow
from ops.engines.kernel.errors import BadInput
from ops.engines.kernel.parse import business_day
from tests.engines.identity.factories import AT, SYSTEM

TODAY = business_day(AT)
COLOUR = Attribute(
    key="colour",
    title="颜色",
    kind="choice",
    choices=("红", "蓝"),
    is_mandatory=True,
    is_variant=True,
)
POWER = Attribute(key="power", title="功率", kind="number", unit="W", is_mandatory=True)
PLUG = Attribute(key="plug", title="带插头", kind="yes_no")
NOTE = Attribute(key="note", title="说明")


def shelf(name: str, parent_id: int | None = None, *, at: dt.datetime = AT) -> int:
    return products.create_category(name=name, parent_id=parent_id, actor=SYSTEM, at=at).id


def ask(category_id: int, starts_on: dt.date = TODAY, **demands: object) -> None:
    categories.set_category_rule(
        category_id=category_id,
        demands=Demands(**demands),  # type: ignore[arg-type]
        starts_on=starts_on,
        reason="新规",
        actor=SYSTEM,
        at=AT,
    )


def move(category_id: int, parent_id: int | None, *, at: dt.datetime = AT) -> None:
    categories.move_category(
        category_id=category_id, parent_id=parent_id, reason="调整", actor=SYSTEM, at=at
    )


def product(category_id: int, **values: str) -> int:
    return products.create_product(
        name="货", category_id=category_id, attributes=values, actor=SYSTEM, at=AT
    ).id


@pytest.mark.parametrize(
    ("values", "read"),
    [
        ({"power": "1.50"}, {"power": "1.5"}),
        ({"power": "-0"}, {"power": "0"}),
        ({"power": "100"}, {"power": "100"}),
        ({"plug": "yes"}, {"plug": "yes"}),
        ({"note": " 好 "}, {"note": "好"}),
        ({"note": ""}, {}),
    ],
)
def test_values_are_read_in_one_form(values: dict[str, str], read: dict[str, str]) -> None:
    assert rules.read_values((POWER, PLUG, NOTE), values, are_complete=False) == read


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"power": "NaN"}, "catalog.attribute_value"),
        ({"power": "1e3"}, "catalog.attribute_value"),
        ({"power": "１００"}, "catalog.attribute_value"),
        ({"power": "1_0"}, "catalog.attribute_value"),
        ({"power": "1", "plug": "true"}, "catalog.attribute_value"),
        ({"power": "1", "colour": "绿"}, "catalog.attribute_value"),
        ({"power": "1", "note": "a\u202eb"}, "input.text_hidden"),
        ({"power": "1", "size": "1"}, "catalog.attribute_unknown"),
        ({"plug": "yes"}, "catalog.attribute_missing"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_by_name(values: dict[str, str], code: str) -> None:
    with pytest.raises(BadInput) as caught:
        rules.read_values((POWER, PLUG, NOTE, COLOUR), values, are_complete=True)

    assert caught.value.code == code


@pytest.mark.parametrize(
    "attribute",
    [
        Attribute(key="Colour", title="x"),
        Attribute(key="brand", title="x"),
        Attribute(key="a", title="x", kind="colour"),
        Attribute(key="a", title="x", kind="choice"),
        Attribute(key="a", title="x", choices=("1",)),
        Attribute(key="a", title="x", kind="choice", choices=("1", "1")),
        Attribute(key="a", title=""),
    ],
)
def test_an_attribute_that_cannot_be_is_refused(attribute: Attribute) -> None:
    with pytest.raises(BadInput):
        rules.read_demands(Demands(attributes=(attribute,)))


@pytest.mark.clause("CAT-4.1-02")
@pytest.mark.django_db
def test_demands_are_inherited_and_the_nearer_word_wins() -> None:
    top, other = shelf("家电"), shelf("服饰")
    leaf = shelf("风扇", top)
    ask(top, attributes=(POWER, NOTE), documents=(("ccc", "3C 证书"),), scope_item="家电零售")
    soft = Attribute(key="power", title="功率", kind="number")
    ask(
        leaf,
        attributes=(soft, COLOUR),
        documents=(("report", "检测报告"),),
        storage_class="ambient",
    )

    holds = tree.demands(category_ids=[leaf, other], day=TODAY)

    assert [one.key for one in holds[leaf].attributes] == ["power", "note", "colour"]
    assert not holds[leaf].attributes[0].is_mandatory
    assert dict(holds[leaf].documents) == {"ccc": "3C 证书", "report": "检测报告"}
    assert (holds[leaf].scope_item, holds[leaf].storage_class) == ("家电零售", "ambient")
    assert holds[other] == Demands()


@pytest.mark.clause("CAT-4.1-02")
@pytest.mark.django_db
def test_the_tree_answers_as_at_any_day() -> None:
    one, two = shelf("一"), shelf("二")
    leaf = shelf("叶", one)
    ask(one, scope_item="甲")
    ask(two, scope_item="乙")
    ask(two, TODAY + dt.timedelta(days=20), scope_item="丙")
    move(leaf, two, at=AT + dt.timedelta(days=5))
    shelf("新", two, at=AT + dt.timedelta(days=9))

    def stood(days: int) -> dict[str, tuple[int | None, str, bool]]:
        return {
            row.name: (row.parent_id, row.demands.scope_item, row.is_leaf)
            for row in tree.tree_at(day=TODAY + dt.timedelta(days=days))
        }

    assert stood(-1) == {}
    assert stood(0)["叶"] == (one, "甲", True)
    assert stood(0)["二"] == (None, "乙", True)
    assert stood(5) == {
        "一": (None, "甲", True),
        "二": (None, "乙", False),
        "叶": (two, "乙", True),
    }
    assert stood(20)["叶"] == (two, "丙", True)
    assert stood(20)["新"] == (two, "丙", True)


@pytest.mark.clause("CAT-4.1-02")
@pytest.mark.django_db
def test_a_move_takes_everything_below_along_and_keeps_its_reason() -> None:
    one, two = shelf("一"), shelf("二")
    middle = shelf("中", one)
    leaf = shelf("叶", middle)

    with pytest.raises(ReasonNeeded):
        categories.move_category(category_id=middle, parent_id=two, reason=" ", actor=SYSTEM, at=AT)
    with pytest.raises(errors.BelowItself):
        move(middle, leaf)
    move(middle, two)
    move(middle, two)

    codes = dict(Category.objects.values_list("pk", "code"))
    paths = dict(Category.objects.values_list("pk", "path"))
    assert paths[middle] == f"{codes[two]}.{codes[middle]}"
    assert paths[leaf] == f"{codes[two]}.{codes[middle]}.{codes[leaf]}"
    moved = CategoryMove.objects.get()
    assert (moved.from_parent_id, moved.to_parent_id, moved.reason) == (one, two, "调整")


@pytest.mark.clause("CAT-4.1-02")
@pytest.mark.django_db
def test_a_product_stands_in_a_leaf() -> None:
    top = shelf("家电")
    leaf = shelf("风扇", top)
    kept = product(leaf)

    with pytest.raises(errors.NotALeaf):
        product(top)
    with pytest.raises(errors.NotALeaf):
        products.edit_product(product_id=kept, category_id=top, actor=SYSTEM, at=AT)
    assert Product.objects.get().category_id == leaf
    assert Category.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize("how", ["new", "moved"])
def test_a_shelf_with_products_makes_room_for_others_below_it(how: str) -> None:
    leaf = shelf("风扇")
    kept = product(leaf)
    if how == "new":
        shelf("落地扇", leaf)
    else:
        move(shelf("落地扇"), leaf)

    stands = Category.objects.get(products=kept)
    assert (stands.parent_id, stands.name) == (leaf, "未分类")
    assert Category.objects.filter(parent=leaf).count() == 2
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "act",
    [
        lambda top, leaf: Product.objects.create(code="x", name="x", category_id=top),
        lambda top, leaf: Product.objects.update(category_id=top),
        lambda top, leaf: Category.objects.create(code="x", name="x", path="x", parent_id=leaf),
        lambda top, leaf: Category.objects.filter(pk=leaf).update(parent=None),
        lambda top, leaf: Category.objects.filter(pk=top).update(parent=leaf),
        lambda top, leaf: CategoryRule.objects.update(starts_on=TODAY),
        lambda top, leaf: CategoryRule.objects.all().delete(),
    ],
    ids=["enter", "move", "below", "silently", "circle", "rewrite", "drop"],
)
@pytest.mark.clause("CAT-4.1-02")
def test_the_database_keeps_the_tree(act: Callable[[int, int], object]) -> None:
    top = shelf("家电")
    leaf = shelf("风扇", top)
    product(leaf)
    ask(leaf, starts_on=TODAY + dt.timedelta(days=1), scope_item="x")

    def checked() -> None:
        act(top, leaf)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(DatabaseError), transaction.atomic():
        checked()

    assert Product.objects.get().category_id == leaf
    assert Category.objects.get(pk=leaf).parent_id == top
    assert CategoryRule.objects.get().starts_on == TODAY + dt.timedelta(days=1)


@pytest.mark.django_db
def test_an_import_puts_products_into_leaves_whatever_the_order_of_files() -> None:
    def load(*rows: tuple[str, tuple[str, ...]]) -> None:
        loading.load_products(
            rows=[ProductRow(code=code, name=code, category=path) for code, path in rows],
            source="tests",
            actor=SYSTEM,
            at=AT,
        )

    def paths() -> dict[str, str]:
        rows = Product.objects.values_list("code", "category__parent__name", "category__name")
        return {code: f"{above}/{name}" for code, above, name in rows}

    load(("A", ("服饰",)))
    load(("B", ("服饰", "女装")))
    once = paths()
    load(("A", ("服饰",)), ("B", ("服饰", "女装")))

    assert once == paths() == {"A": "服饰/未分类", "B": "服饰/女装"}
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.django_db
def test_variants_differ_in_what_their_category_says() -> None:
    leaf = shelf("风扇")
    ask(leaf, attributes=(POWER, COLOUR))
    goods = product(leaf, power="45.0")

    def variant(colour: str) -> None:
        products.create_sku(
            product_id=goods, name="x", attributes={"colour": colour}, actor=SYSTEM, at=AT
        )

    variant("红")
    with pytest.raises(errors.VariantTwice):
        variant("红")
    with pytest.raises(BadInput):
        variant("绿")
    with pytest.raises(BadInput):
        products.create_sku(product_id=goods, name="x", actor=SYSTEM, at=AT)
    with pytest.raises(BadInput):
        product(leaf, colour="红")
    variant("蓝")

    assert [one.attributes for one in Sku.objects.order_by("pk")] == [
        {"colour": "红"},
        {"colour": "蓝"},
    ]
    assert Product.objects.get().attributes == {"power": "45"}


@pytest.mark.django_db
def test_a_version_follows_the_one_before_it() -> None:
    leaf = shelf("风扇")
    ask(leaf, TODAY + dt.timedelta(days=3), scope_item="x")

    with pytest.raises(RuleNotNewer):
        ask(leaf, TODAY, scope_item="y")
    ask(leaf, TODAY + dt.timedelta(days=3), scope_item="z")

    assert list(CategoryRule.objects.values_list("version", flat=True)) == [2, 1]
    assert (
        tree.demands(category_ids=[leaf], day=TODAY + dt.timedelta(days=3))[leaf].scope_item == "z"
    )
