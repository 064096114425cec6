"""What a listing must hold: pure checks of completeness, words, facts, bans and copies."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.rules.categories import Attribute, Demands
from catalog.rules.listing import completeness as complete
from catalog.rules.listing import goods, wording
from catalog.rules.listing.content import SECTIONS, Content, as_mapping, parse_content
from ops.engines.kernel.errors import BadInput

DAY = dt.date(2026, 11, 26)
LATER = DAY + dt.timedelta(days=1)
POWER = Attribute(key="power", title="功率", kind="number", unit="W", is_mandatory=True)
LENGTH = Attribute(key="length", title="长", kind="number", unit="厘米")
WIDTH = Attribute(key="width", title="宽", kind="number", unit="厘米")


def content(**sections: str) -> Content:
    title = sections.pop("title", "静音落地风扇")
    return parse_content(
        {
            "title": title,
            "sections": {**dict.fromkeys(SECTIONS, "正文至少十个字在这里"), **sections},
        }
    )


def test_content_keeps_its_form_when_it_is_read_again() -> None:
    read = parse_content({"title": " 风扇 ", "sections": {"use": "夏天\n用"}, "keywords": ["扇"]})

    assert (read.title, read.sections["use"], read.sections["material"]) == ("风扇", "夏天\n用", "")
    assert parse_content(as_mapping(read)) == read


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"headline": "x"}, "headline"),
        ({"sections": {"colour": "x"}}, "colour"),
        ({"sections": "x"}, "sections"),
        ({"title": 5}, "title"),
        ({"title": "x" * 121}, "title"),
        ({"sections": {"use": "a\u202eb"}}, "use"),
        ({"keywords": "风扇"}, "keywords"),
        ({"keywords": ["A", "ａ"]}, "keywords"),
        ({"keywords": [""]}, "keywords"),
        ({"keywords": [str(n) for n in range(31)]}, "keywords"),
    ],
)
def test_content_that_cannot_be_is_refused_by_its_field(sent: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_content(sent)

    assert caught.value.context["field"] == field


def judged(text: Content, **holding: Any) -> complete.Completeness:
    have: dict[str, Any] = {"values": {"power": "45"}, "documents": {"ccc"}, "images": 3}
    have |= {"has_price": True, "has_stock": True, **holding}
    return complete.completeness(
        text,
        rule=complete.ListingRule(titles={"material": "成分"}),
        demands=Demands(attributes=(POWER, LENGTH), documents=(("ccc", "3C 证书"),)),
        holding=complete.Holding(**have),
    )


def test_a_full_listing_is_complete() -> None:
    assert judged(content()) == complete.Completeness(100, ())


@pytest.mark.parametrize(
    ("text", "holding", "field"),
    [
        (content(title="扇"), {}, "title"),
        (content(use="太 短 太 短 太 短"), {}, "use"),
        (content(), {"images": 2}, "images"),
        (content(), {"has_price": False}, "price"),
        (content(), {"has_stock": False}, "stock"),
        (content(), {"values": {}}, "attribute:power"),
        (content(), {"documents": frozenset()}, "document:ccc"),
    ],
)
def test_each_mandatory_thing_counts_and_is_named(
    text: Content, holding: dict[str, Any], field: str
) -> None:
    found = judged(text, **holding)

    assert [one.field for one in found.missing] == [field]
    assert (found.percent, found.is_complete) == (90, False)


def test_a_section_goes_by_the_name_of_its_category() -> None:
    assert judged(content(material="")).missing == (complete.Missing("material", "成分"),)


@given(st.dictionaries(st.sampled_from(SECTIONS), st.sampled_from(["", "正文至少十个字在这里"])))
def test_only_a_listing_without_gaps_reaches_a_hundred(sections: dict[str, str]) -> None:
    found = judged(content(**sections))

    assert (found.percent == 100) == found.is_complete
    assert found.percent == (11 - len(found.missing)) * 100 // 11


BEST = wording.Term(text="全网最佳", kind="superlative", since=DAY)
CURE = wording.Term(text="包治百病", kind="banned", since=DAY, until=LATER)


@pytest.mark.parametrize("text", ["全网最佳", "全 网·最*佳", "本店全网最佳风扇"])
def test_a_listed_word_is_found_however_it_is_spaced(text: str) -> None:
    (found,) = wording.listed_words(content(use=text), terms=[BEST], day=DAY)

    assert (found.field, found.code, found.level) == ("use", "catalog.word_superlative", "stop")


def test_evidence_excuses_a_superlative_and_never_a_banned_word() -> None:
    text = content(title="全网最佳，包治百病")

    found = wording.listed_words(text, terms=[BEST, CURE], day=DAY, proven={"全网最佳", "包治百病"})

    assert {one.code: one.level for one in found} == {
        "catalog.word_proven": "note",
        "catalog.word_banned": "stop",
    }


def test_a_word_counts_while_it_is_listed() -> None:
    text = content(title="包治百病")

    assert not wording.listed_words(text, terms=[CURE], day=DAY - dt.timedelta(days=1))
    assert wording.listed_words(text, terms=[CURE], day=DAY)
    assert not wording.listed_words(text, terms=[CURE], day=LATER)


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("功率 60W", ["specification"]),
        ("功率６０Ｗ", ["specification"]),
        ("60.5 W 大风量", ["specification"]),
        ("功率 45W", []),
        ("功率 45.0 W", []),
        ("60Wh 电池", []),
        ("60w", []),
        ("长 9 厘米", []),
        ("六十瓦", []),
    ],
)
def test_a_number_against_the_fact_sheet_is_found(text: str, fields: list[str]) -> None:
    found = wording.contradictions(
        content(specification=text),
        attributes=(POWER, LENGTH, WIDTH),
        values={"power": "45", "length": "10", "width": "20"},
    )

    assert [one.field for one in found] == fields


@pytest.mark.parametrize(
    ("ban", "field"),
    [
        (goods.Ban(kind="term", value="象牙", is_hard=True, since=DAY), "title"),
        (goods.Ban(kind="category", value="C1", is_hard=True, since=DAY), "category"),
        (goods.Ban(kind="brand", value="ＡＣＭＥ", is_hard=True, since=DAY), "brand"),
    ],
)
def test_forbidden_goods_stop_on_a_hard_and_go_to_compliance_on_a_soft_match(
    ban: goods.Ban, field: str
) -> None:
    text = content(title="象-牙 摆件")

    def level(entry: goods.Ban, day: dt.date) -> list[tuple[str, str]]:
        found = goods.forbidden(text, bans=[entry], path="C1.C2", brand="acme", day=day)
        return [(one.field, one.level) for one in found]

    soft = goods.Ban(kind=ban.kind, value=ban.value, is_hard=False, since=DAY)
    assert level(ban, DAY) == [(field, "stop")]
    assert level(soft, DAY) == [(field, "route")]
    assert level(ban, DAY - dt.timedelta(days=1)) == []


def test_goods_no_ban_names_pass() -> None:
    bans = [
        goods.Ban(kind="category", value="C", is_hard=True, since=DAY),
        goods.Ban(kind="brand", value="acme", is_hard=True, since=DAY),
        goods.Ban(kind="term", value="···", is_hard=True, since=DAY),
    ]

    assert not goods.forbidden(content(), bans=bans, path="C1.C2", brand="acme pro", day=DAY)


def test_a_section_of_an_unrelated_product_is_found_and_templates_are_not() -> None:
    text = content(use="放在 客厅，安静。", after_sales="七天无理由")
    holders = {
        goods.fingerprint("放在客厅,安静"): {1, 7},
        goods.fingerprint("七天无理由"): {9},
    }

    assert [one.field for one in goods.copied(text, holders=holders, related={1})] == ["use"]
    assert not goods.copied(text, holders=holders, related={1, 7})
