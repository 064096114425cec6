"""Quotes and returns: what one worked case shows better than a property."""

from __future__ import annotations

from decimal import Decimal

import pytest

from catalog.rules.promotions.baskets import Usage
from catalog.rules.promotions.quotes import Cut, Reason
from catalog.rules.promotions.quoting import quote
from catalog.rules.promotions.refunds import ReturnTooMany, refund
from catalog.rules.promotions.spreading import in_proportion, within
from tests.catalog.promotions.build import basket, rules

SAVE_40 = {"type": "spend_and_save", "steps": [{"amount": "300", "save": "40"}]}


def test_a_spend_and_save_is_spread_by_value_and_recomputed_on_return() -> None:
    """CAT-4.4-06."""
    bought, live = basket(("100", 1), ("200", 1)), rules(SAVE_40)

    answer = quote(bought, live)
    back = refund(answer, bought, live, {"line0": 1})

    assert answer.discounts[0].spread == {"line0": Decimal("13.33"), "line1": Decimal("26.67")}
    assert back.total == Decimal("86.67")
    assert back.forgone == Decimal("26.67")


def test_an_advertised_sum_moves_to_lines_with_room_and_the_cut_is_named_when_none_has() -> None:
    content = {"type": "amount", "value": "40"}

    moved = quote(basket(("100", 1, "90"), ("100", 1)), rules(content))
    cut = quote(basket(("100", 1, "90"), ("100", 1, "95")), rules(content))

    assert (moved.discount_total, moved.discounts[0].cuts) == (Decimal(40), ())
    assert (cut.discount_total, cut.discounts[0].cuts) == (Decimal(15), (Cut.FLOOR,))


def test_a_coupon_opens_its_rule_once_it_is_presented_and_left() -> None:
    live = rules({"type": "amount", "value": "20", "coupon": True})
    usage = {1: Usage(coupons=("SPRING",))}

    without = quote(basket(("100", 1)), live, usage)
    used = quote(basket(("100", 1), coupons=("SPRING",)), live, usage)
    gone = quote(basket(("100", 1), coupons=("SPRING",)), live)

    assert [one.reason for one in without.skipped] == [Reason.NO_COUPON]
    assert (used.total, used.discounts[0].coupon) == (Decimal(80), "SPRING")
    assert [one.reason for one in gone.skipped] == [Reason.NO_COUPON, Reason.UNKNOWN_COUPON]


def test_rules_outside_the_basket_are_not_listed() -> None:
    answer = quote(
        basket(("100", 1)), rules({"type": "percentage", "value": "9", "goods": {"skus": [99]}})
    )

    assert (answer.discounts, answer.skipped) == ((), ())


def test_a_branch_reaches_the_goods_under_it_and_exceptions_win() -> None:
    goods = {"categories": ["house"], "except_skus": [2]}

    answer = quote(
        basket(("100", 1), ("100", 1)), rules({"type": "percentage", "value": "10", "goods": goods})
    )

    assert [line.net_amount for line in answer.lines] == [Decimal(90), Decimal(100)]


def test_a_branch_is_not_a_beginning_of_letters() -> None:
    goods = {"except_categories": ["hou"]}

    answer = quote(basket(("100", 1)), rules({"type": "amount", "value": "1", "goods": goods}))

    assert answer.discount_total == 1


def test_a_set_takes_its_parts_from_their_goods() -> None:
    content = {
        "type": "bundle",
        "price": "50",
        "parts": [{"goods": {"skus": [1]}, "quantity": 1}, {"goods": {"skus": [2]}, "quantity": 2}],
    }

    answer = quote(basket(("30", 2), ("20", 5)), rules(content))

    assert (answer.discount_total, answer.discounts[0].times) == (Decimal(40), 2)


def test_more_pieces_than_bought_do_not_come_back() -> None:
    bought, live = basket(("100", 2)), rules(SAVE_40)
    answer = quote(bought, live)

    with pytest.raises(ReturnTooMany):
        refund(answer, bought, live, {"line0": 2}, before={"line0": 1})
    with pytest.raises(ReturnTooMany):
        refund(answer, bought, live, {"line9": 1})


def test_a_division_sums_to_its_total_and_the_earlier_part_wins_ties() -> None:
    assert in_proportion(1000, [3333, 3333, 3333]) == [334, 333, 333]
    assert in_proportion(1, [1, 3, 2]) == [0, 1, 0]
    assert in_proportion(5, [0, 0]) == [0, 0]
    assert within(40, [1, 1], [10, 100], shift=True) == ([10, 30], True)
    assert within(40, [1, 1], [10, 100], shift=False) == ([10, 20], True)


def test_a_price_per_piece_is_told_in_cents() -> None:
    answer = quote(basket(("10.00", 3)), rules({"type": "amount", "value": "0.02"}))

    assert answer.lines[0].unit_words == "1 × 10.00 + 2 × 9.99"
