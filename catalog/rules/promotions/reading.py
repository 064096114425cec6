"""A rule from its JSON: strict, every refusal names its field (docs/promotions.md)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import time
from types import MappingProxyType
from typing import Final

from django.utils.translation import gettext_lazy as _

from catalog.rules.promotions import benefit_reading
from catalog.rules.promotions.fields import Fields, count, money, pieces, positive_money
from catalog.rules.promotions.goods import read_goods
from catalog.rules.promotions.rules import (
    EVERYTHING,
    NO_CAPS,
    Benefit,
    Bundle,
    Caps,
    Condition,
    Goods,
    GoodsOff,
    Hours,
    Rule,
    RuleType,
    Stacking,
    Take,
    Within,
)
from ops.engines.kernel import parse
from ops.engines.kernel.errors import BadInput

_TIME: Final = re.compile(r"([01][0-9]|2[0-4]):([0-5][0-9])", re.ASCII)
ANY_GROUP: Final = "*"
# Priority and group a type has when its rule names none: prices of goods, then sets, then the
# order, then what depends on the finished sum.
DEFAULTS: Final[Mapping[RuleType, tuple[int, str]]] = MappingProxyType(
    {
        RuleType.FLASH_SALE: (10, "goods"),
        RuleType.MEMBER_PRICE: (15, "goods"),
        RuleType.FIXED_PRICE: (20, "goods"),
        RuleType.PERCENTAGE: (30, "goods"),
        RuleType.NTH_ITEM: (40, "goods"),
        RuleType.BUNDLE: (40, "goods"),
        RuleType.BUY_X_GET_Y: (40, "goods"),
        RuleType.AMOUNT: (50, "order"),
        RuleType.SPEND_AND_SAVE: (50, "order"),
        RuleType.GIFT: (80, "gift"),
        RuleType.FREE_SHIPPING: (90, "shipping"),
        RuleType.POINTS: (95, "points"),
    }
)
COUPON_PRIORITY, COUPON_GROUP = 60, "coupon"


def parse_rule(
    content: Mapping[str, object],
    *,
    id: int = 0,  # noqa: A002 - the rule's own name for it
    number: str = "",
    title: str = "",
) -> Rule:
    """Return the rule a JSON object describes.

    Raises BadInput whose `context["field"]` is the dotted path of the field at fault: unknown
    and missing fields, numbers that are none, steps that do not rise, percentages over 100.
    """
    fields = Fields(content)
    type_ = fields.choice("type", RuleType)
    condition_fields = fields.part("condition")
    condition = _condition(condition_fields)
    given = read_goods(fields.part("goods")) if fields.has("goods") else None
    benefit = benefit_reading.READERS[type_](fields)
    coupon = fields.flag("coupon")
    rule = Rule(
        id=id,
        number=number,
        title=title,
        type=type_,
        take=fields.choice("take", Take, Take.CHEAPEST),
        benefit=benefit,
        goods=given or condition.goods or _goods_of(benefit),
        condition=condition,
        stacking=_stacking(fields.part("stacking"), type_, coupon=coupon),
        caps=_caps(fields.part("caps")),
        coupon=coupon,
    )
    fields.close()
    return rule


def _goods_of(benefit: Benefit) -> Goods:
    """Return the goods of a rule that names none: those of its prices or parts, or everything."""
    if isinstance(benefit, GoodsOff) and benefit.prices and benefit.off is None:
        return Goods(skus=frozenset(benefit.prices))
    if isinstance(benefit, Bundle):
        parts = [part.goods for part in benefit.parts]
        if not any(goods.is_everything for goods in parts):
            return Goods(
                skus=frozenset().union(*(goods.skus for goods in parts)),
                categories=tuple(dict.fromkeys(c for goods in parts for c in goods.categories)),
            )
    return EVERYTHING


def _condition(fields: Fields) -> Condition:
    condition = Condition(
        goods=read_goods(fields.part("goods")) if fields.has("goods") else None,
        count=fields.take("count", pieces),
        amount=fields.take("amount", positive_money),
        distinct=fields.take("distinct", pieces),
        is_before_discounts=fields.flag("before_discounts"),
        consumes=fields.flag("consumes"),
        tiers=frozenset(fields.many("tiers", parse.code)),
        channels=frozenset(fields.many("channels", parse.code)),
        first_order=fields.flag("first_order"),
        hours=tuple(_hours(entry) for entry in fields.parts("hours", most=24)),
        weekdays=frozenset(fields.many("weekdays", _weekday)),
    )
    fields.close()
    return condition


def _hours(fields: Fields) -> Hours:
    stretch = Hours(since=fields.need("since", _clock), until=fields.need("until", _clock))
    if stretch.since == stretch.until:
        raise fields.refuse("until", _("The end must differ from the start."))
    fields.close()
    return stretch


def _clock(value: object) -> time:
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    if not match or (match[1] == "24" and match[2] != "00"):
        raise BadInput("catalog.rule_time", _("Not a time of day such as 09:30."))
    return time(int(match[1]) % 24, int(match[2]))


def _weekday(value: object) -> int:
    number = parse.quantity(value, least=1)
    if number > 7:
        raise BadInput("catalog.rule_weekday", _("Weekdays are 1 (Monday) to 7."))
    return number


def _stacking(fields: Fields, type_: RuleType, *, coupon: bool) -> Stacking:
    priority, group = DEFAULTS[type_]
    if coupon and group in {"goods", "order"}:
        priority, group = COUPON_PRIORITY, COUPON_GROUP
    given = fields.take("priority", count)
    stacking = Stacking(
        priority=priority if given is None else given,
        group=fields.take("group", parse.code) or group,
        combines_with=frozenset(fields.many("combines_with", parse.code, most=50)),
        within=fields.choice("within", Within, Within.GOODS),
        exclusive=fields.flag("exclusive"),
    )
    if stacking.exclusive and stacking.combines_with:
        raise fields.refuse("combines_with", _("An exclusive rule combines with nothing."))
    fields.close()
    return stacking


def _caps(fields: Fields) -> Caps:
    caps = Caps(
        line=fields.take("line", money),
        order=fields.take("order", money),
        times=fields.take("times", pieces),
        order_pieces=fields.take("order_pieces", pieces),
        uses=fields.take("uses", count),
        buyer_uses=fields.take("buyer_uses", count),
        pieces=fields.take("pieces", count),
        pieces_per_buyer=fields.take("pieces_per_buyer", count),
        budget=fields.take("budget", money),
    )
    fields.close()
    return NO_CAPS if caps == NO_CAPS else caps
