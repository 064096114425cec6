"""From rows to rules of the engine, and from a selection of goods to SKUs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Q

from catalog.models import Promotion, Sku
from catalog.rules.promotions.reading import parse_rule
from catalog.rules.promotions.rules import Goods, GoodsOff, Rule
from catalog.rules.promotions.words import sentence


class Plan(NamedTuple):
    """A promotion as far as it is compared with others: its rule, channel and window."""

    promotion_id: int
    channel_id: int
    rule: Rule
    starts_at: datetime
    ends_at: datetime


def plan_of(row: Promotion) -> Plan:
    """Return what of a promotion is compared with others."""
    rule = rule_of(row.rule, promotion_id=row.pk, number=row.number, title=row.title)
    return Plan(row.pk, row.channel_id, rule, row.starts_at, row.ends_at)


def rule_of(
    content: Mapping[str, Any], *, promotion_id: int = 0, number: str = "", title: str = ""
) -> Rule:
    """Return the engine's rule; raises BadInput naming the field at fault."""
    return parse_rule(content, id=promotion_id, number=number, title=title)


def words(content: Mapping[str, Any]) -> str:
    """Return a rule as a sentence in the language of the reader."""
    return str(sentence(rule_of(content)))


def goods_filter(rule: Rule) -> Q:
    """Return the filter of SKUs a rule may make cheaper."""
    found = _selected(rule.goods)
    benefit = rule.benefit
    if isinstance(benefit, GoodsOff) and benefit.off is None:
        found &= Q(pk__in=list(benefit.prices))
    return found


def skus_of_both(one: Rule, other: Rule) -> int:
    """Return how many SKUs both rules may make cheaper. One query."""
    return Sku.objects.filter(goods_filter(one) & goods_filter(other)).count()


def budget_of(rule: Rule) -> Decimal | None:
    """Return the budget a rule names."""
    return rule.caps.budget


def _selected(goods: Goods) -> Q:
    chosen = Q(pk__in=sorted(goods.skus)) if goods.skus else Q()
    for top in goods.categories:
        chosen |= _under(top)
    left_out = ~Q(pk__in=sorted(goods.except_skus)) if goods.except_skus else Q()
    for top in goods.except_categories:
        left_out &= ~_under(top)
    return chosen & left_out


def _under(top: str) -> Q:
    path = "product__category__path"
    return Q(**{path: top}) | Q(**{f"{path}__startswith": f"{top}."})
