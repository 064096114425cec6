"""The worst baskets of a promotion: how low one SKU can end with all that may combine.

Pure: prices and rules in, the lowest price of a piece out. Who buys and when is set aside (any
tier, any hour, a coupon at hand), and so is what was used of the caps: the worst buyer counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final

from catalog.rules.promotions.baskets import Basket, BasketLine
from catalog.rules.promotions.quoting import RuleSet, compile_rules, quote
from catalog.rules.promotions.rules import (
    Bundle,
    BuyGet,
    Condition,
    NthItem,
    Rule,
    SpendAndSave,
)

CENT: Final = Decimal("0.01")
# Nobody's basket is larger; a step that is out of reach is no danger.
MOST_PIECES: Final = 500


def for_anybody(rule: Rule) -> Rule:
    """Return the rule as the luckiest buyer meets it: right tier, hour, channel, coupon."""
    asked = rule.condition
    open_to_all = Condition(
        goods=asked.goods,
        count=asked.count,
        amount=asked.amount,
        is_before_discounts=asked.is_before_discounts,
        consumes=asked.consumes,
    )
    return replace(rule, condition=open_to_all, coupon=False)


def together(rule: Rule, others: Iterable[Rule]) -> Sequence[RuleSet]:
    """Return the sets of rules a buyer may meet: the rule alone, and with all others."""
    lucky = for_anybody(rule)
    alone = compile_rules([lucky])
    rest = [for_anybody(other) for other in others]
    return (alone, compile_rules([lucky, *rest])) if rest else (alone,)


def lowest(
    sets: Sequence[RuleSet],
    rules: Sequence[Rule],
    *,
    sku_id: int,
    category: str,
    price: Decimal,
    at: datetime,
) -> tuple[Decimal, tuple[int, ...]]:
    """Return the lowest price of a piece, down to the cent, and the rules of that basket."""
    best: Decimal = price
    by: tuple[int, ...] = ()
    for pieces in sorted({1}.union(*(turning_points(rule, price) for rule in rules))):
        line = BasketLine(
            key="1", sku_id=sku_id, category=category, quantity=pieces, unit_price=price
        )
        for rule_set in sets:
            found = quote(Basket(lines=(line,), channel="", at=at), rule_set, {})
            each = (found.lines[0].net_amount / pieces).quantize(CENT, rounding=ROUND_FLOOR)
            if each < best:
                best, by = each, tuple(discount.rule_id for discount in found.discounts)
    return best, by


def turning_points(rule: Rule, price: Decimal) -> set[int]:
    """Return how many pieces of one SKU at a price make a rule give (or give more)."""
    counts = {rule.condition.count or 1, _reach(rule.condition.amount, price)}
    benefit = rule.benefit
    if isinstance(benefit, SpendAndSave):
        counts |= {step.count or _reach(step.amount, price) for step in benefit.steps}
    if isinstance(benefit, NthItem):
        counts.add(benefit.n)
    if isinstance(benefit, BuyGet):
        counts.add((benefit.buy or _reach(benefit.buy_amount, price)) + benefit.get)
    if isinstance(benefit, Bundle):
        counts.add(sum(part.quantity for part in benefit.parts))
    return {pieces for pieces in counts if 0 < pieces <= MOST_PIECES}


def _reach(amount: Decimal | None, price: Decimal) -> int:
    if amount is None or price <= 0:
        return 1
    return int((amount / price).to_integral_value(rounding=ROUND_CEILING))
