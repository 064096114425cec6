"""Which rules a basket wakes: by its goods, its buyer, its channel, its moment and its coupons."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.rules.promotions.baskets import UNUSED, Basket, Usage
from catalog.rules.promotions.conditions import closed
from catalog.rules.promotions.goods import selects
from catalog.rules.promotions.quotes import Reason
from catalog.rules.promotions.rules import BuyGet, Goods, Rule


@dataclass(frozen=True, slots=True)
class Entry:
    """A rule that may apply: its place, the lines it reaches, the lines its condition counts.

    `coupon` is the presented code that opened it.
    """

    place: int
    rule: Rule
    usage: Usage
    lines: tuple[int, ...]
    counted: tuple[int, ...]
    coupon: str


def reach(rule: Rule) -> Goods:
    """Return a selection that finds every line a rule may touch."""
    if isinstance(rule.benefit, BuyGet) and rule.benefit.get_goods is not None:
        own, others = rule.goods, rule.benefit.get_goods
        if own.is_everything or others.is_everything:
            return Goods()
        return Goods(skus=own.skus | others.skus, categories=(*own.categories, *others.categories))
    return rule.goods


def woken(place: int, rule: Rule, basket: Basket, usage: Usage = UNUSED) -> Entry | Reason | None:
    """Return a rule ready to run, why it is closed here, or None when it has no goods here."""
    lines = _lines(basket, rule)
    if not lines:
        return None
    coupon = ""
    if rule.coupon:
        coupon = next((code for code in basket.coupons if code in usage.coupons), "")
        if not coupon:
            return Reason.NO_COUPON
    why = closed(rule.condition, basket)
    if why is not None:
        return why
    return Entry(place, rule, usage, lines, _counted(basket, rule, lines), coupon)


def _lines(basket: Basket, rule: Rule) -> tuple[int, ...]:
    found = _selected(basket, rule.goods)
    if isinstance(rule.benefit, BuyGet) and rule.benefit.get_goods is not None:
        return tuple(sorted({*found, *_selected(basket, rule.benefit.get_goods)}))
    return found


def _counted(basket: Basket, rule: Rule, lines: tuple[int, ...]) -> tuple[int, ...]:
    if rule.condition.goods is not None:
        return _selected(basket, rule.condition.goods)
    return _selected(basket, rule.goods) if isinstance(rule.benefit, BuyGet) else lines


def _selected(basket: Basket, goods: Goods) -> tuple[int, ...]:
    return tuple(
        place
        for place, line in enumerate(basket.lines)
        if selects(goods, line.sku_id, line.category)
    )
