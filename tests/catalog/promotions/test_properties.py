"""What holds of every quote and every return, whatever is bought under whatever rules."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.rules.promotions.baskets import Basket, BasketLine, Usage
from catalog.rules.promotions.quoting import compile_rules, quote
from catalog.rules.promotions.reading import parse_rule
from catalog.rules.promotions.refunds import refund
from catalog.rules.promotions.rules import Rule
from tests.catalog.promotions.build import AT

CENT = Decimal("0.01")
_cents = st.integers(1, 60_000).map(lambda n: Decimal(n) / 100)
_money = _cents.map(str)
_percents = st.integers(1, 10_000).map(lambda n: str(Decimal(n) / 100))
_goods: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.just({}),
    st.just({"categories": ["house"]}),
    st.lists(st.integers(1, 5), min_size=1, max_size=3, unique=True).map(
        lambda skus: {"skus": skus}
    ),
)
_off = st.one_of(
    _percents.map(lambda p: {"percent": p}),
    _money.map(lambda a: {"amount": a}),
    _money.map(lambda a: {"price": a}),
)
_benefits = st.one_of(
    _percents.map(lambda p: {"type": "percentage", "value": p}),
    st.builds(
        lambda value, per, repeat: {
            "type": "amount", "value": value, "per": per, "repeat": repeat
        },
        _money, st.sampled_from(["order", "line", "piece"]), st.booleans(),
    ),
    _money.map(lambda p: {"type": "fixed_price", "value": p}),
    st.builds(
        lambda low, save, repeat: {
            "type": "spend_and_save",
            "steps": [
                {"amount": str(low), "save": str(min(low, save))},
                {"amount": str(low * 2), "save": str(min(low, save) + CENT)},
            ],
            "repeat": repeat,
        },
        _cents, _cents, st.booleans(),
    ),
    st.builds(
        lambda n, off, same: {"type": "nth_item", "n": n, "same_sku": same, **off},
        st.integers(2, 4), _off, st.booleans(),
    ),
    st.builds(
        lambda pick, off: {"type": "bundle", "pick": pick, **off}, st.integers(1, 4), _off
    ),
    st.builds(
        lambda buy, get, others, percent: {
            "type": "buy_x_get_y", "buy": buy, "get": get, "percent": percent,
            **({"get_goods": others} if others else {}),
        },
        st.integers(1, 3), st.integers(1, 2), _goods, _percents,
    ),
    st.just({"type": "gift", "gifts": [{"sku_id": 99, "value": "5"}]}),
    st.just({"type": "free_shipping"}),
    st.just({"type": "points", "factor": "2"}),
)  # fmt: skip
_stackings = st.builds(
    lambda priority, meets, within, exclusive: {
        **({} if priority is None else {"priority": priority}),
        **({} if exclusive else {"combines_with": meets}),
        "within": within,
        "exclusive": exclusive,
    },
    st.one_of(st.none(), st.integers(1, 4)),
    st.sampled_from([[], ["*"], ["goods"], ["order", "goods"]]),
    st.sampled_from(["goods", "goods", "goods", "order"]),
    st.integers(0, 7).map(lambda n: n == 0),
)
_caps = st.one_of(
    st.just({}),
    st.builds(lambda a: {"order": a}, _money),
    st.builds(lambda a: {"line": a}, _money),
    st.builds(lambda a: {"budget": a}, _money),
    st.builds(lambda n: {"order_pieces": n}, st.integers(1, 5)),
    st.builds(lambda n: {"times": n}, st.integers(1, 3)),
)


def _content(benefit: dict[str, Any], goods: Any, amount: Any, stacking: Any, caps: Any) -> Any:
    condition = {"amount": amount} if amount else {}
    return {**benefit, "goods": goods, "condition": condition, "stacking": stacking, "caps": caps}


_contents = st.builds(_content, _benefits, _goods, st.one_of(st.none(), _money), _stackings, _caps)
_rules = st.lists(_contents, min_size=1, max_size=5).map(
    lambda many: [parse_rule(one, id=n) for n, one in enumerate(many, 1)]
)


def _line(place: int, price: Decimal, quantity: int, part: int | None) -> BasketLine:
    floor = None if part is None else (price * part / 100).quantize(CENT)
    return BasketLine(
        key=str(place),
        sku_id=place + 1,
        category="house.kitchen" if place % 2 else "garden",
        quantity=quantity,
        unit_price=price,
        floor=floor,
    )


_baskets = st.lists(
    st.tuples(_cents, st.integers(1, 6), st.one_of(st.none(), st.integers(0, 100))),
    min_size=1,
    max_size=5,
).map(
    lambda rows: Basket(
        lines=tuple(_line(place, *row) for place, row in enumerate(rows)),
        channel="tmall",
        at=AT,
        shipping=Decimal("8.00"),
    )
)


@settings(max_examples=100, deadline=None)
@given(basket=_baskets, rules=_rules)
def test_no_line_falls_below_zero_or_its_floor(basket: Basket, rules: list[Rule]) -> None:
    answer = quote(basket, compile_rules(rules))

    for asked, line in zip(basket.lines, answer.lines, strict=True):
        assert line.net_amount >= 0
        least = (asked.floor or Decimal(0)) * asked.quantity
        assert line.net_amount >= min(least, line.list_amount)


@settings(max_examples=100, deadline=None)
@given(basket=_baskets, rules=_rules)
def test_every_figure_is_the_sum_of_its_parts(basket: Basket, rules: list[Rule]) -> None:
    answer = quote(basket, compile_rules(rules))

    for line in answer.lines:
        assert line.list_amount - sum(d.amount for d in line.discounts) == line.net_amount
    for done in answer.discounts:
        if not done.on_shipping:
            assert sum(done.spread.values()) == done.amount
            of_lines = sum(
                d.amount for n in answer.lines for d in n.discounts if d.rule_id == done.rule_id
            )
            assert of_lines == done.amount
    net = sum(line.net_amount for line in answer.lines)
    assert answer.total == net + answer.shipping_after
    assert answer.goods_total - answer.discount_total == net
    off_shipping = sum(done.amount for done in answer.discounts if done.on_shipping)
    assert answer.shipping_before - off_shipping == answer.shipping_after >= 0


@settings(max_examples=100, deadline=None)
@given(basket=_baskets, rules=_rules)
def test_the_same_question_has_the_same_answer(basket: Basket, rules: list[Rule]) -> None:
    assert quote(basket, compile_rules(rules)) == quote(basket, compile_rules(reversed(rules)))


@settings(max_examples=100, deadline=None)
@given(
    basket=_baskets,
    rules=_rules,
    shuffle=st.randoms(use_true_random=False),
)
def test_the_order_of_lines_does_not_change_the_total_of_a_rule(
    basket: Basket, rules: list[Rule], shuffle: Any
) -> None:
    """Without floors: which of two equal lines gets the odd cent is settled by their order."""
    plain = compile_rules([replace(rules[0], caps=replace(rules[0].caps, line=None))])
    lines = [replace(line, floor=None) for line in basket.lines]
    straight = quote(replace(basket, lines=tuple(lines)), plain)
    shuffle.shuffle(lines)

    assert quote(replace(basket, lines=tuple(lines)), plain).total == straight.total


_of_the_order = st.one_of(
    _percents.map(lambda p: {"type": "percentage", "value": p}),
    _money.map(lambda a: {"type": "amount", "value": a}),
    st.builds(
        lambda low, save: {
            "type": "spend_and_save",
            "steps": [{"amount": str(low), "save": str(min(low, save))}],
        },
        _cents,
        _cents,
    ),
)


@settings(max_examples=100, deadline=None)
@given(
    basket=_baskets,
    contents=st.lists(_of_the_order, min_size=2, max_size=5),
    shuffle=st.randoms(use_true_random=False),
)
def test_nor_that_of_rules_on_the_whole_order_whose_priorities_differ(
    basket: Basket, contents: list[dict[str, Any]], shuffle: Any
) -> None:
    stacked = compile_rules(
        parse_rule({**one, "stacking": {"priority": n, "combines_with": ["*"]}}, id=n)
        for n, one in enumerate(contents)
    )
    lines = [replace(line, floor=None) for line in basket.lines]
    straight = quote(replace(basket, lines=tuple(lines)), stacked)
    shuffle.shuffle(lines)

    assert quote(replace(basket, lines=tuple(lines)), stacked).total == straight.total


@settings(max_examples=100, deadline=None)
@given(
    basket=_baskets,
    rules=_rules,
    budget=_cents,
    pieces=st.integers(0, 5),
    uses=st.integers(0, 2),
)
def test_caps_and_budgets_are_never_overshot(
    basket: Basket, rules: list[Rule], budget: Decimal, pieces: int, uses: int
) -> None:
    left = Usage(budget_left=budget, pieces_left=pieces, uses_left=uses, gift_pieces_left=pieces)

    answer = quote(basket, compile_rules(rules), {rule.id: left for rule in rules})

    for done in answer.discounts:
        caps = done.rule.caps
        assert done.amount <= budget
        assert done.times <= uses
        for most in (caps.order, caps.budget):
            assert most is None or done.amount <= most
        assert caps.times is None or done.times <= caps.times
        assert caps.line is None or all(cut <= caps.line for cut in done.spread.values())
        if done.rule.type in {"percentage", "fixed_price", "nth_item", "bundle", "gift"}:
            assert done.pieces <= pieces


@settings(max_examples=100, deadline=None)
@given(basket=_baskets, rules=_rules)
def test_an_exclusive_rule_stands_alone(basket: Basket, rules: list[Rule]) -> None:
    answer = quote(basket, compile_rules(rules))

    if any(done.rule.stacking.exclusive for done in answer.discounts):
        assert len(answer.discounts) == 1


@settings(max_examples=100, deadline=None)
@given(basket=_baskets, rules=_rules)
def test_rules_that_bar_each_other_never_share_an_order(basket: Basket, rules: list[Rule]) -> None:
    answer = quote(basket, compile_rules(rules))

    for one in answer.discounts:
        for other in answer.discounts:
            if one is not other and one.rule.stacking.within == "order":
                assert _names(one.rule, other.rule)
                assert _names(other.rule, one.rule)


def _names(one: Rule, other: Rule) -> bool:
    return bool({"*", other.stacking.group} & one.stacking.combines_with)


@settings(max_examples=100, deadline=None)
@given(
    basket=_baskets,
    rules=_rules,
    shuffle=st.randoms(use_true_random=False),
)
def test_returns_in_any_order_give_back_exactly_what_was_paid(
    basket: Basket, rules: list[Rule], shuffle: Any
) -> None:
    live = compile_rules(rules)
    answer = quote(basket, live)
    pieces = [line.key for line in basket.lines for _piece in range(line.quantity)]
    shuffle.shuffle(pieces)

    before: dict[str, int] = {}
    back = Decimal(0)
    for key in pieces:
        one = refund(answer, basket, live, {key: 1}, before=before)
        assert one.total >= 0
        back += one.total
        before[key] = before.get(key, 0) + 1

    assert back == answer.total
    whole = {line.key: line.quantity for line in basket.lines}
    assert refund(answer, basket, live, whole).total == answer.total
