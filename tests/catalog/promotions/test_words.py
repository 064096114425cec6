"""Rules as sentences, in Chinese first."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from catalog.rules.promotions.quotes import Cut, Reason
from catalog.rules.promotions.reading import parse_rule
from catalog.rules.promotions.words import cut_words, reason_words, sentence

SENTENCES: list[tuple[dict[str, Any], str]] = [
    (
        {
            "type": "spend_and_save",
            "steps": [{"amount": "300", "save": "40"}],
            "stacking": {"combines_with": ["coupon"]},
        },
        "满 300 减 40，可与店铺券同用",
    ),
    (
        {
            "type": "amount",
            "value": "50.00",
            "repeat": True,
            "condition": {"amount": "300"},
            "stacking": {"combines_with": ["*"]},
        },
        "每满 300 减 50，可与其他优惠同用",
    ),
    (
        {"type": "nth_item", "n": 2, "percent": "50", "stacking": {"exclusive": True}},
        "每第 2 件，5 折（减 50%），独享，不与任何优惠同用",
    ),
    (
        {"type": "bundle", "pick": 3, "price": "99.00", "coupon": True},
        "任选 3 件99 元，凭券，同一商品不与其他优惠同用",
    ),
    (
        {"type": "free_shipping", "condition": {"first_order": True}},
        "包邮，仅限首单，同一商品不与其他优惠同用",
    ),
]


@pytest.mark.parametrize(("content", "expected"), SENTENCES)
def test_a_rule_is_one_chinese_sentence(content: dict[str, Any], expected: str) -> None:
    with translation.override("zh-hans"):
        assert sentence(parse_rule(content)) == expected


def test_the_same_rule_reads_in_english() -> None:
    with translation.override("en"):
        rule = parse_rule({"type": "percentage", "value": "12.5"})
        expected = "12.5% off (pays 8.75/10), not with other offers on the same goods"
        assert sentence(rule) == expected


def test_every_reason_and_cut_has_its_words() -> None:
    with translation.override("zh-hans"):
        assert all(reason_words(reason) for reason in Reason)
        assert cut_words(Cut.FLOOR) == "已按底价截减"
        assert all(cut_words(cut) for cut in Cut)
