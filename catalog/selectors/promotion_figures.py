"""What writer and decider are shown of a promotion: worst baskets, overlaps, stock (CAT-4.4-02)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from django.db.models import DecimalField, F, OuterRef, Q, Subquery

from catalog import ports
from catalog.choices.goods import ProductState
from catalog.errors import promotions as errors
from catalog.models import PriceRange, Promotion, Sku
from catalog.models.promotions import LIVE, PLANNED
from catalog.rules import exposure
from catalog.rules import prices as price_rules
from catalog.rules.promotions.rules import Rule
from catalog.selectors import prices
from catalog.selectors.promotion_rules import Plan, goods_filter, plan_of, skus_of_both
from catalog.types.promotions import Exposure, Overlap, PromotionFigures

__all__ = ["exposures_of", "figures", "plan_of", "refuse_conflicts"]

# The thinnest margins are examined basket by basket; the engine cuts at the floor in any case.
MOST_EXAMINED: Final = 500


class Ware(NamedTuple):
    """A SKU on sale, with its price at a moment."""

    sku_id: int
    code: str
    name: str
    category: str
    price: Decimal


def neighbours(plan: Plan) -> list[Promotion]:
    """Return the handed in and approved promotions of the channel in the same time."""
    rows = Promotion.objects.filter(
        channel_id=plan.channel_id,
        state__in=PLANNED,
        starts_at__lt=plan.ends_at,
        ends_at__gt=plan.starts_at,
    )
    return list(rows.exclude(pk=plan.promotion_id).order_by("pk"))


def refuse_conflicts(plan: Plan) -> None:
    """Refuse an exclusive rule where another one has the same goods in the same time.

    Raises PromotionsConflict (CAT-4.4-02).
    """
    for each in overlaps(plan) if plan.rule.stacking.exclusive else ():
        if each.is_conflict:
            raise errors.PromotionsConflict(number=each.number, skus=each.skus)


def overlaps(plan: Plan, others: Sequence[Promotion] | None = None) -> list[Overlap]:
    """Return the promotions that reach some of the same goods in the same time.

    `others` are the neighbours where they are known already.
    """
    found = []
    for row in neighbours(plan) if others is None else others:
        other = plan_of(row).rule
        skus = skus_of_both(plan.rule, other)
        if skus:
            found.append(
                Overlap(
                    promotion_id=row.pk,
                    number=row.number,
                    title=row.title,
                    state=row.state,
                    skus=skus,
                    is_conflict=plan.rule.stacking.exclusive and other.stacking.exclusive,
                )
            )
    return found


def figures(plan: Plan, *, at: datetime, most: int = MOST_EXAMINED) -> PromotionFigures:
    """Return how low goods can end, what overlaps, where stock is short; worst first.

    `most` is how many SKUs are examined basket by basket, the thinnest first.

    Statements: goods, costs, cover, neighbours and one for each of these.
    """
    moment, scope = max(plan.starts_at, at), _scope(plan)
    sold = wares(goods_filter(plan.rule), channel_id=plan.channel_id, at=moment)
    sku_ids = [ware.sku_id for ware in sold]
    costs = ports.unit_cost(sku_ids=sku_ids, at=at)
    floors = prices.floors(sku_ids=sku_ids, at=at)
    examined = sorted(sold, key=lambda ware: thinness(ware, floors.get(ware.sku_id)))
    examined = examined[:most]
    covers = ports.stock_cover(
        sku_ids=[ware.sku_id for ware in examined], channel_id=plan.channel_id, at=at
    )
    beside = neighbours(plan)
    live = [plan_of(row) for row in beside if row.state in LIVE]
    exposures = exposures_of(
        plan,
        examined,
        [one.rule for one in live],
        costs=costs,
        floors=floors,
        covers=covers,
        at=moment,
    )
    days = Decimal((plan.ends_at - moment) / timedelta(days=1))
    short = sum(one.cover_days is not None and one.cover_days < days for one in exposures)
    return PromotionFigures(
        exposures=exposures,
        overlaps=overlaps(plan, beside),
        skus=scope,
        examined=len(examined),
        without_price=scope - len(sold),
        without_cost=sum(ware.sku_id not in costs for ware in sold),
        short_of_stock=short,
        margin_old=_mean([one.margin_old for one in exposures]),
        margin_new=_mean([one.margin_new for one in exposures]),
    )


def _scope(plan: Plan) -> int:
    return Sku.objects.filter(goods_filter(plan.rule), state=ProductState.ACTIVE).count()


def wares(goods: Q, *, channel_id: int, at: datetime) -> list[Ware]:
    """Return the active SKUs of a filter that have a price in a channel at a moment. One query."""
    price = PriceRange.objects.filter(
        sku=OuterRef("pk"), channel_id=channel_id, tier="", valid__contains=at
    ).values("price")[:1]
    rows = (
        Sku.objects.filter(goods, state=ProductState.ACTIVE)
        .annotate(now=Subquery(price, output_field=DecimalField()))
        .exclude(now=None)
        .order_by("pk")
        .values_list("pk", "code", "name", F("product__category__path"), "now")
    )
    return [Ware(*row) for row in rows]


def thinness(ware: Ware, floor: Decimal | None) -> tuple[bool, Decimal, int]:
    """Sort what is nearest to its floor first, unknown costs last."""
    return floor is None, ware.price - floor if floor else ware.price, ware.sku_id


def exposures_of(
    plan: Plan,
    sold: Sequence[Ware],
    others: Sequence[Rule],
    *,
    costs: dict[int, Decimal],
    floors: dict[int, Decimal],
    covers: dict[int, Decimal],
    at: datetime,
) -> list[Exposure]:
    """Return how low goods can end with the rule alone and with all others; worst first."""
    sets = exposure.together(plan.rule, others)
    rules = [plan.rule, *others]
    numbers = {rule.id: rule.number for rule in others}
    found = []
    for ware in sold:
        lowest, by = exposure.lowest(
            sets, rules, sku_id=ware.sku_id, category=ware.category, price=ware.price, at=at
        )
        cost = costs.get(ware.sku_id)
        found.append(
            Exposure(
                sku_id=ware.sku_id,
                code=ware.code,
                name=ware.name,
                price=ware.price,
                lowest=lowest,
                floor=floors.get(ware.sku_id),
                margin_old=price_rules.margin_percent(ware.price, cost),
                margin_new=price_rules.margin_percent(lowest, cost),
                cover_days=covers.get(ware.sku_id),
                together=tuple(numbers[rule_id] for rule_id in by if rule_id in numbers),
            )
        )
    return sorted(found, key=_danger)


def _danger(one: Exposure) -> tuple[bool, Decimal, int]:
    """Sort what falls deepest under (or nearest to) its floor first."""
    return one.floor is None, one.lowest - one.floor if one.floor else one.lowest, one.sku_id


def _mean(values: Sequence[Decimal | None]) -> Decimal | None:
    known = [value for value in values if value is not None]
    if not known:
        return None
    return (sum(known, Decimal(0)) / len(known)).quantize(price_rules.TENTH)
