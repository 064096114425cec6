"""Where promotions stand against floor, reference price and stock, many at once (CAT-4.4-04).

Goods, prices, costs, floors, stock and struck-out prices are read once for each channel, real deals
once for each window; the rest is arithmetic.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Final

from catalog import ports
from catalog.choices.promotions import PromotionType
from catalog.models import Promotion
from catalog.models.promotions import LIVE
from catalog.rules.promotions.rules import Rule
from catalog.selectors import prices, references
from catalog.selectors.promotion_figures import (
    MOST_EXAMINED,
    Ware,
    exposures_of,
    thinness,
    wares,
)
from catalog.selectors.promotion_overlaps import reaches
from catalog.selectors.promotion_rules import Plan, goods_filter, plan_of
from catalog.types.promotion_checks import Crossing, Limits
from catalog.types.promotions import Exposure

FLOOR: Final = "floor"
REFERENCE: Final = "reference"
_MARK_DOWNS: Final = frozenset(
    {
        PromotionType.PERCENTAGE,
        PromotionType.AMOUNT,
        PromotionType.FIXED_PRICE,
        PromotionType.FLASH_SALE,
    }
)


@dataclass(frozen=True, slots=True)
class _Market:
    """What is known of a channel's goods at a moment."""

    wares: Sequence[Ware]
    costs: dict[int, Decimal]
    floors: dict[int, Decimal]
    pieces: Mapping[int, int]
    struck: Mapping[int, Decimal]


@dataclass(frozen=True, slots=True)
class _Look:
    """One promotion in its market: its goods, and how low the thinnest can end."""

    plan: Plan
    market: _Market
    mine: Sequence[Ware]
    seen: Sequence[Exposure]


def limits(rows: Sequence[Promotion], *, at: datetime) -> dict[int, Limits]:
    """Return where promotions stand by what is true now, by promotion.

    One that has not begun is judged by the prices of its start. The thinnest margins are examined
    basket by basket, with all approved rules that may combine; stock is looked at for all goods.
    """
    by_market: dict[tuple[int, datetime], list[Plan]] = {}
    for plan in map(plan_of, rows):
        by_market.setdefault((plan.channel_id, max(plan.starts_at, at)), []).append(plan)
    live = _live({channel for channel, _moment in by_market})
    looks: list[_Look] = []
    for (channel, moment), plans in by_market.items():
        market = _market(plans, channel_id=channel, moment=moment, at=at)
        looks += [_look(plan, market, live.get(channel, ()), moment) for plan in plans]
    deals = _deals(looks)
    return {
        look.plan.promotion_id: _judged(look, deals[look.plan.channel_id, look.plan.starts_at])
        for look in looks
    }


def _live(channels: set[int]) -> dict[int, list[Plan]]:
    """Return the approved promotions of channels that are not over."""
    found: dict[int, list[Plan]] = {}
    rows = Promotion.objects.filter(channel_id__in=channels, state__in=LIVE).order_by("pk")
    for row in rows:
        found.setdefault(row.channel_id, []).append(plan_of(row))
    return found


def _beside(plan: Plan, live: Sequence[Plan]) -> list[Rule]:
    """Return the rules of the approved promotions that may meet this one."""
    return [
        other.rule
        for other in live
        if other.promotion_id != plan.promotion_id
        and other.starts_at < plan.ends_at
        and other.ends_at > plan.starts_at
    ]


def _market(plans: Sequence[Plan], *, channel_id: int, moment: datetime, at: datetime) -> _Market:
    goods = reduce(or_, (goods_filter(plan.rule) for plan in plans))
    sold = wares(goods, channel_id=channel_id, at=moment)
    sku_ids = [ware.sku_id for ware in sold]
    shown = references.struck_prices(sku_ids=sku_ids, channel_id=channel_id, at=moment)
    return _Market(
        sold,
        ports.unit_cost(sku_ids=sku_ids, at=at),
        prices.floors(sku_ids=sku_ids, at=at),
        ports.sellable_pieces(sku_ids=sku_ids),
        {sku: each.struck for sku, each in shown.items() if each.kind == "deal"},
    )


def _look(plan: Plan, market: _Market, live: Sequence[Plan], moment: datetime) -> _Look:
    mine = [ware for ware in market.wares if reaches(plan.rule, ware.sku_id, ware.category)]
    mine.sort(key=lambda ware: thinness(ware, market.floors.get(ware.sku_id)))
    seen = exposures_of(
        plan,
        mine[:MOST_EXAMINED],
        _beside(plan, live),
        costs=market.costs,
        floors=market.floors,
        covers={},
        at=moment,
    )
    return _Look(plan, market, mine, seen)


def _deals(looks: Sequence[_Look]) -> dict[tuple[int, datetime], dict[int, Decimal]]:
    """Return the lowest real deals before each start: by channel and start, by SKU."""
    wanted: dict[tuple[int, datetime], set[int]] = {}
    for look in looks:
        skus = wanted.setdefault((look.plan.channel_id, look.plan.starts_at), set())
        skus |= {one.sku_id for one in look.seen}
    found = {}
    for (channel, start), skus in wanted.items():
        since, until = references.window_of(channel, start)
        rows = ports.lowest_deals(sku_ids=skus, channel_id=channel, since=since, until=until)
        found[channel, start] = {sku: deals.lowest[0].price for sku, deals in rows.items()}
    return found


def _judged(look: _Look, deals: Mapping[int, Decimal]) -> Limits:
    crossings = [
        Crossing(FLOOR, one.sku_id, one.code, one.lowest, one.floor)
        for one in look.seen
        if one.floor is not None and one.is_below_floor
    ]
    for one in look.seen:
        if one.sku_id in deals:
            shown = look.market.struck.get(one.sku_id)
            crossings += _dishonest(look.plan.rule, one, shown, deals[one.sku_id])
    gone = sum(look.market.pieces.get(ware.sku_id, 1) <= 0 for ware in look.mine)
    return Limits(
        examined=len(look.seen),
        crossings=crossings,
        without_stock=gone,
        is_sold_out=0 < gone == len(look.mine),
    )


def _marks_down(rule: Rule) -> bool:
    return rule.type.value in _MARK_DOWNS and not rule.coupon and not rule.condition.tiers


def _dishonest(rule: Rule, one: Exposure, shown: Decimal | None, deal: Decimal) -> list[Crossing]:
    """Return what claims a saving that buyers of the days before had anyway.

    A struck-out price claims it, and so does a price that is marked down for everybody. What is
    taken off a whole basket, given with a coupon or to a tier is compared with no former price.
    """
    claims = [shown] if shown is not None else []
    if _marks_down(rule) and one.lowest < one.price:
        claims.append(one.lowest)
    return [
        Crossing(REFERENCE, one.sku_id, one.code, claim, deal) for claim in claims if claim > deal
    ]
