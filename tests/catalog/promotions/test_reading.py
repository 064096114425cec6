"""What is refused of a rule's JSON, each time by the name of its field."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.rules.promotions.reading import parse_rule
from ops.engines.kernel.errors import BadInput

SAVE: dict[str, Any] = {"type": "spend_and_save", "steps": [{"amount": "300", "save": "40"}]}
REFUSED: list[tuple[Any, str]] = [
    ([], "rule"),
    ({}, "type"),
    ({"type": "moon"}, "type"),
    ({"type": "percentage"}, "value"),
    ({"type": "percentage", "value": "0"}, "value"),
    ({"type": "percentage", "value": "100.01"}, "value"),
    ({"type": "percentage", "value": "10.005"}, "value"),
    ({"type": "percentage", "value": "NaN"}, "value"),
    ({"type": "percentage", "value": 10.5}, "value"),
    ({"type": "percentage", "value": "1e1"}, "value"),
    ({"type": "percentage", "value": "１０"}, "value"),
    ({"type": "amount", "value": "-5"}, "value"),
    ({"type": "amount", "value": str(10**20)}, "value"),
    ({"type": "amount", "value": "5", "per": "moon"}, "per"),
    ({"type": "percentage", "value": "10", "colour": "red"}, "colour"),
    ({"type": "percentage", "value": "10", "code": "SPRING"}, "code"),
    ({"type": "percentage", "value": "10", "goods": {"skus": [1, 1]}}, "goods.skus"),
    ({"type": "percentage", "value": "10", "goods": {"skus": ["x"]}}, "goods.skus.0"),
    (
        {"type": "percentage", "value": "10", "goods": {"skus": [1], "except_skus": [1]}},
        "goods.except_skus",
    ),
    ({**SAVE, "steps": []}, "steps"),
    ({**SAVE, "steps": [{"amount": "100", "save": "120"}]}, "steps.0.save"),
    ({**SAVE, "steps": [*SAVE["steps"], {"amount": "300", "save": "50"}]}, "steps.1"),
    ({**SAVE, "steps": [*SAVE["steps"], {"amount": "500", "save": "40"}]}, "steps.1"),
    ({**SAVE, "steps": [*SAVE["steps"], {"count": 5, "save": "50"}]}, "steps.1"),
    ({"type": "nth_item", "n": 1, "percent": "50"}, "n"),
    ({"type": "nth_item", "n": 2, "percent": "50", "price": "1"}, "price"),
    ({"type": "bundle", "price": "99"}, "parts"),
    ({"type": "buy_x_get_y", "get": 1}, "buy"),
    ({"type": "gift", "gifts": []}, "gifts"),
    ({"type": "points"}, "factor"),
    (
        {**SAVE, "condition": {"hours": [{"since": "25:00", "until": "02:00"}]}},
        "condition.hours.0.since",
    ),
    ({**SAVE, "condition": {"weekdays": [8]}}, "condition.weekdays.0"),
    (
        {**SAVE, "stacking": {"exclusive": True, "combines_with": ["goods"]}},
        "stacking.combines_with",
    ),
    ({**SAVE, "stacking": {"priority": "first"}}, "stacking.priority"),
    ({**SAVE, "caps": {"order": "1.001"}}, "caps.order"),
    ({**SAVE, "coupon": "yes"}, "coupon"),
]


@pytest.mark.parametrize(("content", "field"), REFUSED)
def test_a_rule_that_cannot_be_is_refused_by_the_name_of_its_field(
    content: Any, field: str
) -> None:
    with pytest.raises(BadInput) as refused:
        parse_rule(content)

    assert refused.value.context["field"] == field


def test_a_rule_keeps_who_it_is_and_gets_the_defaults_of_its_type() -> None:
    rule = parse_rule(SAVE, id=7, number="P7", title="double eleven")

    assert (rule.id, rule.number, rule.title) == (7, "P7", "double eleven")
    assert (rule.priority, rule.stacking.group, rule.stacking.combines_with) == (
        50,
        "order",
        frozenset(),
    )


def test_a_coupon_is_a_group_of_its_own() -> None:
    assert parse_rule({**SAVE, "coupon": True}).stacking.group == "coupon"
