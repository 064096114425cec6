"""Codes by rule: patterns, check digits, versions, codes that never come again, other names."""

import datetime as dt
import json
from collections.abc import Callable

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import coding as errors
from catalog.errors.goods import CodeTaken
from catalog.models import CodeRule, CodeSequence, IssuedCode, Sku, SkuAlias
from catalog.rules import coding as rules
from catalog.selectors import coding as selectors
from catalog.services import channels, coding, loading, products
from catalog.types.goods import ProductRow
from ops.engines.audit.models import Fact
from ops.engines.kernel.errors import BadInput
from ops.engines.kernel.parse import business_day
from tests.engines.identity.factories import AT, SYSTEM

TODAY = business_day(AT)
PATTERN = "WJ-{brand}-{sequence:5}{check}"
WORDS = {"brand": {"华为": "HW", "小米": "XM"}}


def shelf(name: str = "手机", parent_id: int | None = None) -> int:
    return products.create_category(name=name, parent_id=parent_id, actor=SYSTEM, at=AT).id


def rule(category_id: int | None, pattern: str = PATTERN, *, starts_on: dt.date = TODAY) -> int:
    words = WORDS if "{brand}" in pattern else {}
    return coding.set_code_rule(
        category_id=category_id,
        pattern=pattern,
        words=words,
        starts_on=starts_on,
        actor=SYSTEM,
        at=AT,
    ).id


def sku(category_id: int, brand: str, *, at: dt.datetime = AT, barcode: str = "") -> str:
    product = products.create_product(
        name="货", category_id=category_id, brand=brand, actor=SYSTEM, at=at
    )
    return products.create_sku(
        product_id=product.id, name="货", barcode=barcode, actor=SYSTEM, at=at
    ).code


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        ("", "catalog.pattern_unreadable"),
        ("wj{sequence}", "catalog.pattern_unreadable"),
        ("A{sequence:2}", "catalog.pattern_unreadable"),
        ("A B{sequence}", "catalog.pattern_unreadable"),
        ("A{sequence}é", "catalog.pattern_unreadable"),
        ("A-{brand}", "catalog.pattern_sequence"),
        ("{sequence}{sequence}", "catalog.pattern_sequence"),
        ("{check}{sequence}", "catalog.pattern_check"),
        ("{sequence}{check}{check}", "catalog.pattern_check"),
        ("{brand:3}{sequence}", "catalog.pattern_digits"),
    ],
)
def test_a_pattern_that_cannot_number_is_refused_by_name(pattern: str, code: str) -> None:
    with pytest.raises(BadInput) as caught:
        rules.read_pattern(pattern)

    assert caught.value.code == code


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({}, "catalog.pattern_words"),
        ({"brand": {"a": "A"}, "size": {"s": "S"}}, "catalog.pattern_words"),
        ({"brand": {}}, "catalog.word_twice"),
        ({"brand": {"a": "A", "b": "A"}}, "catalog.word_twice"),
        ({"brand": {"a": "a"}}, "catalog.word_wrong"),
        ({"brand": {"a": "A.*"}}, "catalog.word_wrong"),
    ],
)
def test_the_codes_of_values_fit_the_pattern(words: dict[str, dict[str, str]], code: str) -> None:
    with pytest.raises(BadInput) as caught:
        rules.read_words(rules.read_pattern(PATTERN), words)

    assert caught.value.code == code


def test_the_check_character_is_that_of_iso_7064() -> None:
    # The worked example of ISO 7064 for MOD 37,36 and the global release identifier of ISRC/GRid.
    assert rules.check_character("A12425GABC1234002") == "M"


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=2, max_size=20), st.data())
def test_one_wrong_character_is_always_found(text: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    wrong = f"{text[:place]}{other}{text[place + 1 :]}"

    assert (rules.check_character(wrong) == rules.check_character(text)) == (wrong == text)


@pytest.mark.parametrize("text", ["6901234567892", "96385074", "036000291452", "00012345600012"])
def test_a_gtin_with_its_check_digit_is_read(text: str) -> None:
    assert rules.read_gtin(text) == text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("6901234567893", "catalog.gtin_check_digit"),
        ("690123456789", "catalog.gtin_check_digit"),
        ("69012345678", "catalog.gtin_length"),
        ("690123456789x", "catalog.gtin_length"),
        ("６９０１２３４５６７８９２", "catalog.gtin_length"),
        ("", "catalog.gtin_length"),
    ],
)
def test_a_wrong_gtin_is_refused_by_name(text: str, code: str) -> None:
    with pytest.raises(BadInput) as caught:
        rules.read_gtin(text)

    assert (caught.value.code, caught.value.context["field"]) == (code, "barcode")


@pytest.mark.clause("CAT-4.1-01")
@pytest.mark.django_db
def test_the_nearest_rule_numbers_by_brand_and_sequence_with_a_check_character() -> None:
    top = shelf("数码")
    leaf = shelf("手机", top)
    rule(None, "ALL{sequence}")
    rule(top)

    made = [sku(leaf, "华为"), sku(leaf, "华为"), sku(leaf, "小米"), sku(shelf("其他"), "")]

    assert [code[:11] for code in made] == ["WJ-HW-00001", "WJ-HW-00002", "WJ-XM-00001", "ALL00001"]
    assert all(rules.check_character(code[:-1]) == code[-1] for code in made[:3])


@pytest.mark.clause("CAT-4.1-01")
@pytest.mark.django_db
def test_versions_follow_each_other_and_old_codes_stay() -> None:
    leaf = shelf()
    rule(leaf, "A{sequence:3}")
    first = sku(leaf, "")
    later = TODAY + dt.timedelta(days=10)
    second = rule(leaf, "B{sequence:3}", starts_on=later)

    assert (first, sku(leaf, "")) == ("A001", "A002")
    assert sku(leaf, "", at=AT + dt.timedelta(days=10)) == "B001"
    with pytest.raises(errors.RuleNotNewer):
        rule(leaf, "C{sequence:3}", starts_on=TODAY)
    with pytest.raises(errors.RuleNotNewer):
        rule(shelf("x"), "C{sequence:3}", starts_on=TODAY - dt.timedelta(days=1))
    assert list(CodeRule.objects.filter(category=leaf).values_list("version", flat=True)) == [2, 1]
    assert Sku.objects.get(code="B001").code_rule_id == second
    assert selectors.newest_rule() == AT


@pytest.mark.django_db
def test_a_value_without_a_code_is_refused_and_nothing_is_numbered() -> None:
    leaf = shelf()
    rule(leaf)

    with pytest.raises(BadInput) as caught:
        sku(leaf, "苹果")

    assert (caught.value.code, caught.value.context["field"]) == ("catalog.word_missing", "brand")
    assert not Sku.objects.exists()


@pytest.mark.clause("CAT-4.1-01")
@pytest.mark.django_db
def test_a_code_that_was_ever_issued_is_passed_over() -> None:
    leaf = shelf()
    loading.load_products(
        rows=[ProductRow(code="a001", name="旧")], source="tests", actor=SYSTEM, at=AT
    )
    rule(leaf, "A{sequence:3}")

    assert sku(leaf, "") == "A002"
    assert set(IssuedCode.objects.values_list("code", flat=True)) == {"a001", "A002"}


@pytest.mark.clause("CAT-4.1-01")
@pytest.mark.django_db
@pytest.mark.parametrize(
    "act",
    [
        lambda one: Sku.objects.filter(pk=one.pk).update(code="Z", code_key="z"),
        lambda one: Sku.objects.filter(pk=one.pk).update(code_rule=None),
        lambda one: IssuedCode.objects.filter(sku=one).delete(),
        lambda one: IssuedCode.objects.filter(sku=one).update(code="Z"),
        lambda one: IssuedCode.objects.create(code_key="q", code="q", sku=one, issued_at=AT),
        lambda one: CodeRule.objects.filter(pk=one.code_rule_id).update(pattern="Q{sequence}"),
        lambda one: CodeRule.objects.filter(pk=one.code_rule_id).delete(),
        lambda one: Sku.objects.create(
            code="HAND-1",
            code_key="hand-1",
            product=one.product,
            name="x",
            code_rule_id=one.code_rule_id,
        ),
    ],
    ids=["rename", "other rule", "forget", "rewrite", "reserve", "edit rule", "drop rule", "type"],
)
def test_the_database_keeps_codes_with_their_sku_and_their_rule(
    act: Callable[[Sku], object],
) -> None:
    leaf = shelf()
    rule(leaf, "A{sequence:3}")
    one = Sku.objects.get(code=sku(leaf, ""))

    with pytest.raises(DatabaseError), transaction.atomic():
        act(one)

    assert list(Sku.objects.values_list("code", flat=True)) == ["A001"]
    assert list(IssuedCode.objects.values_list("code", flat=True)) == ["A001"]
    assert CodeRule.objects.get().pattern == "A{sequence:3}"


@pytest.mark.django_db
def test_a_wrong_check_digit_is_refused_by_hand_by_import_and_by_the_database() -> None:
    leaf = shelf()
    with pytest.raises(BadInput):
        sku(leaf, "", barcode="6901234567893")
    with pytest.raises(BadInput):
        sku(leaf, "", barcode="111")
    one = Sku.objects.get(code=sku(leaf, "", barcode="6901234567892"))
    with pytest.raises(IntegrityError), transaction.atomic():
        Sku.objects.filter(pk=one.pk).update(barcode="6901234567893")

    assert list(Sku.objects.values_list("barcode", flat=True)) == ["6901234567892"]


@pytest.mark.clause("CAT-4.1-01")
@pytest.mark.django_db
def test_codes_of_others_are_other_names_of_one_sku() -> None:
    leaf = shelf()
    one, two = (Sku.objects.get(code=sku(leaf, "")) for _ in range(2))
    named = {"kind": "supplier", "source": "SUP-1", "code": "x-9", "actor": SYSTEM, "at": AT}

    first = coding.name_sku(sku_id=one.pk, **named)  # type: ignore[arg-type]
    again = coding.name_sku(sku_id=one.pk, **named)  # type: ignore[arg-type]

    assert first == again
    with pytest.raises(CodeTaken):
        coding.name_sku(sku_id=two.pk, **named)  # type: ignore[arg-type]
    assert SkuAlias.objects.get().sku_id == one.pk
    assert selectors.skus_by_alias(kind="supplier", source="SUP-1", codes=["x-9", "X-9"]) == {
        "x-9": one.pk
    }


@pytest.mark.clause("CAT-4.1-01")
@pytest.mark.django_db
def test_refused_attempts_at_codes_are_kept_with_what_was_given() -> None:
    leaf = shelf()
    first = Sku.objects.get(code=sku(leaf, "", barcode="6901234567892"))
    channel = channels.create_channel(code="jd", name="京东", platform="jd", actor=SYSTEM, at=AT)
    other = Sku.objects.get(code=sku(leaf, ""))
    named = {"channel_id": channel.id, "actor": SYSTEM, "at": AT}
    products.name_in_channel(codes=[("EX-1", first.pk)], **named)  # type: ignore[arg-type]
    before = Sku.objects.count()

    with pytest.raises(errors.CodeTyped):
        coding.refuse_typed(code="MINE-1", actor=SYSTEM, at=AT)
    with pytest.raises(CodeTaken):
        sku(leaf, "", barcode="6901234567892")
    with pytest.raises(CodeTaken):
        products.name_in_channel(codes=[("EX-1", other.pk)], **named)  # type: ignore[arg-type]

    kept = Fact.objects.filter(action=coding.REFUSED).order_by("id")
    assert [json.loads(fact.body)["given"] for fact in kept] == [
        "MINE-1",
        "6901234567892",
        "EX-1",
    ]
    assert Sku.objects.count() == before


@pytest.mark.clause("CAT-4.1-01")
@pytest.mark.django_db
def test_the_code_of_a_retired_sku_never_comes_again() -> None:
    leaf = shelf()
    rule(leaf, "A{sequence:3}")
    gone = Sku.objects.get(code=sku(leaf, ""))

    products.retire_sku(sku_id=gone.pk, reason="停产", actor=SYSTEM, at=AT)
    CodeSequence.objects.update(last=0)

    assert (gone.code, sku(leaf, "")) == ("A001", "A002")
