"""A basket tried under a draft: what it would cost with everything that will be live by then."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from catalog import ports
from catalog.models import Promotion
from catalog.models.promotions import LIVE
from catalog.rules import prices as price_rules
from catalog.rules.promotions import words
from catalog.rules.promotions.baskets import Usage
from catalog.rules.promotions.quotes import Quote
from catalog.rules.promotions.quoting import compile_rules, quote
from catalog.rules.promotions.rules import Rule
from catalog.selectors import channels, codes, quotes
from catalog.selectors.promotion_figures import neighbours
from catalog.selectors.promotion_rules import plan_of
from catalog.types.promotions import Trial, TriedLine, TriedRule, WantedBasket, WantedLine

# Stands for whatever code will open the draft; nobody can type it.
ANY_CODE: Final = "*"


def tried(
    *,
    row: Promotion,
    lines: Sequence[WantedLine],
    has_coupon: bool = False,
    tier: str = "",
    shipping: Decimal = Decimal(0),
    at: datetime,
) -> Trial:
    """Return what a basket would cost at the start of a draft (or now, once it has begun).

    The approved promotions of its window count as live. Raises ThingMissing, NotOnSale.
    """
    plan = plan_of(row)
    moment = min(max(plan.starts_at, at), plan.ends_at)
    rules = [plan.rule, *(plan_of(one).rule for one in neighbours(plan) if one.state in LIVE)]
    channel = channels.channel(row.channel_id)
    wanted = WantedBasket(lines=lines, tier=tier, shipping=shipping)
    basket = quotes.basket_of(
        wanted, channel=channel, at=moment, coupons=(ANY_CODE,) if has_coupon else ()
    )
    usage = {plan.rule.id: Usage(coupons=(ANY_CODE,))} if has_coupon else {}
    answer = quote(basket, compile_rules(rules), usage)
    return _trial(answer, lines, rules, at=at)


def _trial(
    answer: Quote, asked: Sequence[WantedLine], rules: Sequence[Rule], *, at: datetime
) -> Trial:
    sku_ids = {line.sku_id for line in asked} | {gift.sku_id for gift in answer.gifts}
    names = codes.sku_names(sku_ids=sku_ids)
    numbers = {rule.id: rule.number for rule in rules}
    lines = [
        TriedLine(
            code=names[line.sku_id][0],
            name=names[line.sku_id][1],
            quantity=one.quantity,
            list_amount=one.list_amount,
            discounts=[(numbers[off.rule_id], off.amount) for off in one.discounts],
            net_amount=one.net_amount,
            each=one.unit_words,
        )
        for line, one in zip(asked, answer.lines, strict=True)
    ]
    return Trial(
        lines=lines,
        rules=_done(answer, rules),
        gifts=[(names[gift.sku_id][0], gift.quantity) for gift in answer.gifts],
        goods_total=answer.goods_total,
        discount_total=answer.discount_total,
        shipping=answer.shipping_after,
        total=answer.total,
        points=answer.points,
        margin=_margin(answer, asked, at=at),
    )


def _done(answer: Quote, rules: Sequence[Rule]) -> list[TriedRule]:
    by_id = {rule.id: rule for rule in rules}
    done = [
        TriedRule(
            number=one.number,
            sentence=words.sentence(one.rule),
            amount=one.amount,
            note=", ".join(words.cut_words(cut) for cut in one.cuts),
        )
        for one in answer.discounts
    ]
    return done + [
        TriedRule(
            number=by_id[one.rule_id].number,
            sentence=words.sentence(by_id[one.rule_id]),
            amount=None,
            note=words.reason_words(one.reason),
        )
        for one in answer.skipped
        if one.rule_id in by_id
    ]


def _margin(answer: Quote, asked: Sequence[WantedLine], *, at: datetime) -> Decimal | None:
    """Return the margin of the goods in percent, None while a cost is unknown."""
    costs = ports.unit_cost(sku_ids={line.sku_id for line in asked}, at=at)
    if any(line.sku_id not in costs for line in asked):
        return None
    cost = sum((costs[line.sku_id] * line.quantity for line in asked), Decimal(0))
    net = answer.goods_total - answer.discount_total
    return price_rules.margin_percent(net, cost)
