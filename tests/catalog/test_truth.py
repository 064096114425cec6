"""Texts against the fact sheet, evidence, standards, and the drawn sample (CAT-4.3-02)."""

import uuid
from datetime import date, datetime, timedelta

import pytest
from django.db import connection

from catalog.models import ListingProof, ListingShelf
from catalog.rules.categories import Attribute, Demands
from catalog.rules.listing import wording
from catalog.rules.listing.completeness import ListingRule
from catalog.services import categories, listing_rules, listings, products, upkeep
from ops.engines.revisions.errors import FindingsStop
from ops.engines.sheets import selectors as sheets
from ops.engines.sheets import services as sheet_services
from ops.engines.sheets.models import Case, Draw, Sheet
from ops.engines.sheets.templates import templates
from ops.engines.sheets.types import Entry
from tests.catalog.listed import PDF, Stall
from tests.catalog.shop import actor
from tests.catalog.test_listing_rules import content
from tests.engines.identity.factories import AT, SYSTEM

ORIGIN = Attribute(key="origin", title="产地")
FIBRE = Attribute(
    key="fibre",
    title="成分",
    kind="choice",
    choices=("羊绒", "羊毛", "涤纶", "棉"),
    is_mandatory=True,
)
WASH = Attribute(key="machine", title="可机洗", kind="yes_no")
FACTS = (ORIGIN, FIBRE, WASH)
VALUES = {"origin": "内蒙古鄂尔多斯", "fibre": "羊绒", "machine": "no"}
DAY = date(2026, 11, 21)


@pytest.mark.clause("CAT-4.3-02")
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("产地：浙江桐乡，当季新品", ["浙江桐乡"]),
        ("产地为内蒙古，手工梳理", []),
        ("产地：内蒙古鄂尔多斯", []),
        ("成分：羊毛混纺", ["羊毛混纺"]),
        ("面料混入涤纶更挺括", ["涤纶"]),
        ("不含涤纶，也非羊毛", []),
        ("羊绒比羊毛更轻", []),
        ("可机洗：是", ["是"]),
        ("可机洗：否", []),
    ],
)
def test_a_text_that_denies_a_fact_is_found(text: str, said: list[str]) -> None:
    found = wording.contradictions(content(material=text), attributes=FACTS, values=VALUES)

    assert [one.field for one in found] == ["material"] * len(said)
    assert all(f"“{one}”" in finding.words for one, finding in zip(said, found, strict=True))


@pytest.mark.clause("CAT-4.3-02")
@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("符合 GB 18401-2010 B 类", []),
        ("符合ＧＢ１８４０１", []),
        ("执行标准 FZ/T 73009-2021", ["FZ/T 73009-2021"]),
        ("执行 GB 1840", ["GB 1840"]),
        ("通过 ISO 9001 认证", ["ISO 9001"]),
    ],
)
def test_a_standard_that_no_paper_names_is_found(text: str, named: list[str]) -> None:
    found = wording.standards(content(specification=text), known=("GB 18401-2010 B", ""))

    assert [one.code for one in found] == ["catalog.standard_unproved"] * len(named)
    assert wording.standards(content(specification=text), known=()) == []


def ask(stall: Stall, *attributes: Attribute) -> None:
    categories.set_category_rule(
        category_id=stall.shop.category_id,
        demands=Demands(attributes=attributes),
        starts_on=DAY,
        reason="facts",
        actor=SYSTEM,
        at=AT,
    )
    products.edit_product(product_id=stall.product_id, attributes=VALUES, actor=SYSTEM, at=AT)


def codes_of(error: pytest.ExceptionInfo[FindingsStop]) -> list[str]:
    return [one["code"] for one in error.value.context["findings"]]


@pytest.mark.clause("CAT-4.3-02")
def test_a_denied_fact_is_mended_or_proved_before_any_review(stall: Stall) -> None:
    ask(stall, *FACTS)
    stall.write(
        material="产地：浙江桐乡，百分之百羊绒，双股精纺。",
        function="最轻薄保暖，符合 FZ/T 73009-2021 的要求。",
    )
    listing_rules.list_word(
        text="最轻薄", kind="superlative", since=DAY, reason="广告法", actor=SYSTEM, at=AT
    )
    with pytest.raises(FindingsStop) as caught:
        stall.submit()
    assert codes_of(caught) == [
        "catalog.word_superlative",
        "catalog.fact_contradicted",
        "catalog.standard_unproved",
    ]

    for word in ("最轻薄", "产地", "FZ/T 73009-2021"):
        listings.add_proof(
            listing_id=stall.listing_id,
            word=word,
            name="证明.pdf",
            data=PDF,
            actor=actor(stall.shop.specialist),
            at=AT,
        )

    assert stall.submit().state == "submitted"
    assert ListingProof.objects.count() == 3


@pytest.mark.clause("CAT-4.3-06")
def test_a_review_against_another_standard_lists_nothing(stall: Stall) -> None:
    listing_rules.set_rule(
        category_id=stall.shop.category_id,
        rule=ListingRule(standard="FZ/T 73009"),
        starts_on=DAY,
        reason="羊绒针织品标准",
        actor=SYSTEM,
        at=AT,
    )
    stall.write()

    with pytest.raises(FindingsStop) as caught:
        stall.submit()

    assert codes_of(caught) == ["catalog.quality_standard"]
    assert not ListingShelf.objects.filter(listing=stall.listing_id).exists()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT catalog_listing_acceptable(%s::jsonb, %s, %s)",
            [f'{{"quality": {stall.review_id}}}', stall.listing_id, AT],
        )
        assert cursor.fetchone()[0].startswith("the review is against another standard")


@pytest.mark.clause("CAT-4.3-06")
def test_a_standard_that_changes_makes_the_listing_look_wrong(stall: Stall) -> None:
    stall.list()
    listing_rules.set_rule(
        category_id=stall.shop.category_id,
        rule=ListingRule(standard="FZ/T 73009"),
        starts_on=DAY,
        reason="羊绒针织品标准",
        actor=SYSTEM,
        at=AT,
    )

    report = upkeep.scan_freshness(actor=SYSTEM, at=AT, progress=lambda *_all: None)

    assert report.contradicting == 1


@pytest.mark.django_db
def test_the_database_compares_standards_as_we_do() -> None:
    pairs = [
        ("GB 18401-2010 B", "gb18401"),
        ("GB 18401-2010 B", "GB 1840"),
        ("ＧＢ／Ｔ 18401—2010", "GB/T 18401-2010"),
        ("FZ/T 73009", "GB 18401"),
    ]
    with connection.cursor() as cursor:
        for reviewed, asked in pairs:
            cursor.execute("SELECT catalog_meets_standard(%s, %s)", [reviewed, asked])
            assert cursor.fetchone()[0] is wording.meets(reviewed, asked)


@pytest.mark.clause("CAT-4.3-02")
def test_a_sample_of_what_is_on_the_shelf_is_drawn_and_what_is_wrong_becomes_a_case(
    stall: Stall,
) -> None:
    stall.list()
    first = datetime(2026, 12, 1, 0, tzinfo=AT.tzinfo)

    sheet_services.open_sheets(
        template="listing_sample",
        period="2026-12",
        first=date(2026, 12, 1),
        last=date(2026, 12, 31),
        actor=SYSTEM,
        at=first,
    )

    assert templates()["listing_sample"].opened_by == "inspection_open"
    sheet = Sheet.objects.get(template__key="listing_sample", scope_id=stall.shop.channel_id)
    drawn = Draw.objects.get(sheet=sheet)
    numbers = set(
        ListingShelf.objects.filter(channel=stall.shop.channel_id).values_list(
            "listing__number", flat=True
        )
    )
    assert set(drawn.chosen) <= numbers
    assert len(drawn.chosen) == min(10, len(numbers)) > 0
    officer = actor(stall.compliance, at=first)
    assert sheets.verify_draw(sheet_id=sheet.pk, actor=officer).is_choice_same
    later = first + timedelta(hours=1)
    sheet_services.answer(
        sheet_id=sheet.pk,
        entries=[
            Entry(item=item, value="no" if item == "facts" else "yes", client_key=uuid.uuid4(),
                  note=f"{drawn.chosen[0]} 的产地与实物不符")
            for item in ("facts", "words", "pictures", "evidence")
        ],
        actor=officer,
        at=later,
    )  # fmt: skip
    sheet_services.sign(
        sheet_id=sheet.pk,
        content_hash=sheets.content_hash(sheet.pk),
        actor=officer,
        at=later,
    )
    assert Case.objects.get(sheet=sheet).owner_role == "operations_supervisor"
