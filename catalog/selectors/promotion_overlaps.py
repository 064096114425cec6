"""Which planned promotions reach the same goods in the same time, all at once (CAT-4.4-03).

SKUs that some rule names stand for themselves, all others for their category: a rule cannot tell
them apart. So a hundred thousand SKUs are a few hundred units, read in two statements.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from django.db.models import Count, F

from catalog.choices.goods import ProductState
from catalog.models import Promotion, Sku
from catalog.rules.promotions.goods import selects
from catalog.rules.promotions.rules import GoodsOff, Rule
from catalog.selectors.promotion_rules import Plan, plan_of
from catalog.types.festivals import SharedGoods

# SKU id (0: the rest of the category), path of the category, how many SKUs it stands for.
_Unit = tuple[int, str, int]


def shared(rows: Sequence[Promotion]) -> list[SharedGoods]:
    """Return the pairs of promotions with goods in common, each once, in order of their ids."""
    plans = sorted(map(plan_of, rows), key=lambda plan: plan.promotion_id)
    pairs = [pair for pair in combinations(plans, 2) if _meet(*pair)]
    if not pairs:
        return []
    units = _units(plans)
    reach = {
        plan.promotion_id: {unit for unit in units if reaches(plan.rule, unit[0], unit[1])}
        for plan in plans
    }
    found = []
    for one, other in pairs:
        both = reach[one.promotion_id] & reach[other.promotion_id]
        if skus := sum(count for _sku, _path, count in both):
            found.append(SharedGoods(one=one.promotion_id, other=other.promotion_id, skus=skus))
    return found


def reaches(rule: Rule, sku_id: int, category: str) -> bool:
    """Say whether a rule may make goods cheaper; the same goods `goods_filter` selects."""
    benefit = rule.benefit
    if isinstance(benefit, GoodsOff) and benefit.off is None and sku_id not in benefit.prices:
        return False
    return selects(rule.goods, sku_id, category)


def _meet(one: Plan, other: Plan) -> bool:
    return (
        one.channel_id == other.channel_id
        and one.starts_at < other.ends_at
        and other.starts_at < one.ends_at
    )


def _named(rule: Rule) -> set[int]:
    """Return the SKUs a rule names."""
    prices = rule.benefit.prices if isinstance(rule.benefit, GoodsOff) else ()
    return {*rule.goods.skus, *rule.goods.except_skus, *prices}


def _units(plans: Sequence[Plan]) -> list[_Unit]:
    named = set().union(*(_named(plan.rule) for plan in plans))
    active = Sku.objects.filter(state=ProductState.ACTIVE).annotate(
        path=F("product__category__path")
    )
    alone = active.filter(pk__in=named).values_list("pk", "path")
    rest = active.exclude(pk__in=named).values("path").annotate(skus=Count("pk"))
    return [
        *((pk, path, 1) for pk, path in alone),
        *((0, path, skus) for path, skus in rest.values_list("path", "skus")),
    ]
