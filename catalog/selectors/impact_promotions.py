"""Real orders replayed under a promotion: one engine quotes them, as it quotes orders (CAT-4.4-02).

Baskets that hold the same are quoted once, without and with the promotion, beside everything that
is approved for its window. Where baskets are too different for that to be quick, a fixed part of
them stands for all, and the report says so, until the whole of them was replayed by a job.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from itertools import groupby, islice
from operator import itemgetter
from typing import Any, Final

from django.db import connection

from catalog import ports
from catalog.models import Promotion, Sku
from catalog.models.promotions import LIVE
from catalog.rules import impact as rules
from catalog.rules.promotions.baskets import Basket, BasketLine, Buyer
from catalog.rules.promotions.quoting import RuleSet, compile_rules, quote
from catalog.rules.promotions.rules import Rule
from catalog.selectors import channels
from catalog.selectors import impact as replays
from catalog.selectors import impact_sql as sql
from catalog.selectors.channels import ChannelInfo
from catalog.selectors.price_sql import cost_values, policy_values
from catalog.selectors.promotion_figures import neighbours, overlaps
from catalog.selectors.promotion_rules import Plan, goods_filter, plan_of
from catalog.types.impact import Beside, Replay, Window
from ops.engines.kernel.arrays import array

# So many different baskets are quoted at once; with more, every second, third, ... of them.
MOST_QUOTED: Final = 4000
_AT_ONCE: Final = 1000

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class _Arms:
    """The rules without and with the promotion; `without` is None where nothing else is live."""

    without: RuleSet | None
    together: RuleSet
    channel: ChannelInfo
    moment: datetime


def replay_promotion(
    *,
    row: Promotion,
    window: Window,
    at: datetime,
    whole: bool = False,
    progress: Progress | None = None,
) -> Replay:
    """Return what the real orders of the window would have come to with a promotion.

    Needs a transaction (temporary tables hold the baskets). Each order is replayed under the tier
    it was priced with. Everybody who could use its coupon is taken to have used it; limits over
    many orders are not applied. Of very many different baskets a fixed part is quoted, unless the
    whole of them is asked for, however long it takes.
    """
    plan = plan_of(row)
    sku_ids = reach(plan.rule)
    moment = max(plan.starts_at, at)
    beside = neighbours(plan)
    others = [plan_of(one).rule for one in beside if one.state in LIVE]
    arms = _arms(plan.rule, others, channel=channels.channel(plan.channel_id), moment=moment)
    orders_all = _stage(plan, [plan.rule, *others], sku_ids, window=window, moment=moment, at=at)
    reached, distinct, step = _quote_baskets(arms, whole=whole, progress=progress)
    covers = ports.stock_cover(sku_ids=sku_ids, channel_id=plan.channel_id, at=at)
    days = rules.run_days(moment, plan.ends_at, window.days)
    found = replays.staged(
        orders_all=orders_all,
        covers=covers,
        days=days,
        beside=_beside(plan, beside, sku_ids, moment=moment),
        distinct=distinct,
    )
    return replace(found, sampled=reached if step > 1 else None)


def reach(rule: Rule) -> list[int]:
    """Return the SKUs a rule may make cheaper."""
    return list(Sku.objects.filter(goods_filter(rule)).order_by("pk").values_list("pk", flat=True))


def takes_coupon(row: Promotion) -> bool:
    """Say whether a promotion is only for those who have a code."""
    return plan_of(row).rule.coupon


def _arms(rule: Rule, others: Sequence[Rule], *, channel: ChannelInfo, moment: datetime) -> _Arms:
    # A coupon of another promotion is not entered by itself; this one's is, by everybody.
    own = replace(rule, coupon=False)
    return _Arms(
        without=compile_rules(list(others)) if others else None,
        together=compile_rules([own, *others]),
        channel=channel,
        moment=moment,
    )


def _stage(
    plan: Plan,
    live: Sequence[Rule],
    sku_ids: Sequence[int],
    *,
    window: Window,
    moment: datetime,
    at: datetime,
) -> int:
    """Put the touched baskets into temporary tables; return how many orders the window has."""
    by_first = any(rule.condition.first_order for rule in live)
    sold = replays.sold_in(channel_id=plan.channel_id, window=window, with_first=by_first)
    with connection.cursor() as cursor:
        cursor.execute(sql.WINDOW.format(sold=sold.sql), sold.values)
        cursor.execute(sql.CLEAR_BASKETS)
        cursor.execute(sql.SKUS_SOLD)
        sold_skus = [row[0] for row in cursor.fetchall()]
        values = {
            **policy_values(at=at),
            **cost_values(ports.unit_cost(sku_ids=sold_skus, at=at)),
            "skus": array(sku_ids),
            "channel": plan.channel_id,
            "moment": moment,
            "by_minute": any(rule.condition.hours or rule.condition.weekdays for rule in live),
        }
        cursor.execute(sql.BASKETS, values)
        cursor.execute(sql.GROUPED)
        cursor.execute(sql.ANALYZE_BASKETS)
        cursor.execute(sql.COUNT_ORDERS)
        return int(cursor.fetchone()[0])


def _quote_baskets(arms: _Arms, *, whole: bool, progress: Progress | None) -> tuple[int, int, int]:
    """Quote each different basket once, or every n-th: return orders in reach, baskets, n."""
    with connection.cursor() as cursor, connection.chunked_cursor() as baskets:
        cursor.execute(sql.COUNT_BASKETS)
        reached, distinct = cursor.fetchone()
        step = 1 if whole else max(1, -(-distinct // MOST_QUOTED))
        cursor.execute(sql.QUOTED)
        baskets.execute(sql.DISTINCT, {"step": step})
        different = groupby(baskets, key=itemgetter(0))
        done = 0
        while found := [
            _quoted(basket, list(lines), arms) for basket, lines in islice(different, _AT_ONCE)
        ]:
            cursor.execute(sql.ADD_QUOTED, _columns([line for lines in found for line in lines]))
            done += len(found)
            if progress is not None:
                progress(done, distinct // step, "baskets")
        cursor.execute(sql.ANALYZE_QUOTED)
        cursor.execute(sql.FROM_QUOTED)
    return reached, distinct, step


def _columns(lines: Sequence[tuple[int, int, Decimal, Decimal]]) -> dict[str, str]:
    """Return quoted lines as one array a column."""
    columns = zip(*lines, strict=True)
    return dict(zip(("baskets", "places", "before", "after"), map(array, columns), strict=True))


def _quoted(
    number: int, lines: Sequence[tuple[Any, ...]], arms: _Arms
) -> list[tuple[int, int, Decimal, Decimal]]:
    """Return basket, place and net amounts without and with the promotion, line by line."""
    basket = _basket(lines, arms)
    after = quote(basket, arms.together).lines
    if arms.without is None:
        before = [line.list_amount for line in after]
    else:
        before = [line.net_amount for line in quote(basket, arms.without).lines]
    return [
        (number, row[1], less, net.net_amount)
        for row, less, net in zip(lines, before, after, strict=True)
    ]


def _basket(lines: Sequence[tuple[Any, ...]], arms: _Arms) -> Basket:
    """Return the basket of one order of the past, bought at the start of the promotion."""
    is_first, placed_at, tier = lines[0][7:10]
    return Basket(
        lines=tuple(
            BasketLine(
                key=str(place),
                sku_id=sku_id,
                category=path,
                quantity=quantity,
                unit_price=price,
                floor=None if floor is None else min(floor, price),
            )
            for _basket, place, sku_id, path, quantity, price, floor, *_buyer in lines
        ),
        channel=arms.channel.code,
        at=placed_at or arms.moment,
        buyer=Buyer(tier=tier, is_first_order=bool(is_first)),
        currency=arms.channel.currency,
    )


def _beside(
    plan: Plan, near: Sequence[Promotion], sku_ids: Sequence[int], *, moment: datetime
) -> list[Beside]:
    """Return the promotions and price changes on some of the same goods meanwhile."""
    promotions = [
        Beside(
            kind="promotion",
            id=one.promotion_id,
            number=one.number,
            title=one.title,
            state=one.state,
            skus=one.skus,
            is_conflict=one.is_conflict,
        )
        for one in overlaps(plan, near)
    ]
    return promotions + replays.beside_changes(
        channel_id=plan.channel_id,
        tier="",
        sku_ids=sku_ids,
        starts_at=moment,
        ends_at=plan.ends_at,
    )
