"""Real orders replayed under a price change, and what is kept of replays (CAT-4.2-01)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db import connection

from catalog import ports
from catalog.choices.impact import ImpactKind, ImpactSubject
from catalog.models import ImpactReport, PriceChange, PriceChangeLine, Promotion, Sku
from catalog.models.promotions import PLANNED
from catalog.rules import exposure
from catalog.rules import impact as rules
from catalog.selectors import channels
from catalog.selectors import impact_sql as sql
from catalog.selectors.price_sql import cost_values, cover_values, policy_values
from catalog.selectors.promotion_rules import goods_filter, plan_of
from catalog.types.impact import (
    Beside,
    OrderImpact,
    Replay,
    ReportInfo,
    SkuImpact,
    Totals,
    Window,
)
from ops.engines.kernel.arrays import array
from ops.engines.kernel.canonical import content_hash

MOST_SKUS: Final = 200
MOST_BASKETS: Final = 5
# The deepest SKUs are worked out together with each promotion beside them.
MOST_STACKED: Final = 50


def replay_price_change(*, change: PriceChange, window: Window, at: datetime) -> Replay:
    """Return what the real orders of the window would have come to under other prices.

    Needs a transaction (a temporary table holds the lines). Statements do not grow with the
    orders or lines: SKUs, costs, cover, stage, orders, totals, SKUs, baskets, what is beside.
    """
    sku_ids = list(PriceChangeLine.objects.filter(change=change).values_list("sku_id", flat=True))
    values = {
        **policy_values(at=at),
        **cost_values(ports.unit_cost(sku_ids=sku_ids, at=at)),
        "change": change.pk,
        "channel": change.channel_id,
        "tier": change.tier,
        "moment": max(change.starts_at, at),
    }
    sold = sold_in(channel_id=change.channel_id, window=window)
    orders = stage(sql.PRICED, sold, values)
    covers = ports.stock_cover(sku_ids=sku_ids, channel_id=change.channel_id, at=at)
    days = rules.run_days(max(change.starts_at, at), change.ends_at, window.days)
    return staged(
        orders_all=orders,
        covers=covers,
        days=days,
        beside=beside_price_change(change=change, sku_ids=sku_ids, at=at),
    )


def replay_paid(*, sku_ids: Sequence[int], channel_id: int, window: Window, at: datetime) -> Replay:
    """Return what was really sold of some goods in a window, at the prices paid."""
    values = {
        **policy_values(at=at),
        **cost_values(ports.unit_cost(sku_ids=sku_ids, at=at)),
        "skus": array(sku_ids),
    }
    sold = sold_in(channel_id=channel_id, window=window)
    orders = stage(sql.PAID, sold, values)
    return staged(orders_all=orders, covers={}, days=Decimal(window.days))


def stage(statement: str, sold: ports.OrderQuery, values: Mapping[str, Any]) -> int:
    """Put the lines in reach into the temporary table; return how many orders the window has."""
    with connection.cursor() as cursor:
        cursor.execute(sql.WINDOW.format(sold=sold.sql), sold.values)
        cursor.execute(sql.CLEAR)
        cursor.execute(statement, values)
        cursor.execute(sql.COUNT_ORDERS)
        return int(cursor.fetchone()[0])


def sold_in(*, channel_id: int, window: Window, with_first: bool = False) -> ports.OrderQuery:
    """Return the query over the real orders of a channel and window, in its currency."""
    currency = channels.channel(channel_id).currency
    return ports.recent_orders(
        channel_id=channel_id,
        currency=currency,
        first=window.first,
        last=window.last,
        with_first=with_first,
    )


def staged(
    *,
    orders_all: int,
    covers: Mapping[int, Decimal],
    days: Decimal,
    beside: Sequence[Beside] = (),
    sampled: int | None = None,
    distinct: int | None = None,
) -> Replay:
    """Return totals, SKUs and baskets of the lines in the temporary table."""
    most: dict[str, Any] = {"most": MOST_SKUS, "baskets": MOST_BASKETS, **cover_values(covers)}
    with connection.cursor() as cursor:
        cursor.execute(sql.TOTALS)
        totals = Totals(**_named(Totals, (orders_all, *cursor.fetchone())))
        cursor.execute(sql.SKUS, most)
        skus = [SkuImpact(**_named(SkuImpact, row)) for row in cursor.fetchall()]
        cursor.execute(sql.DEEPEST, most)
        deepest = [OrderImpact(**_named(OrderImpact, row)) for row in cursor.fetchall()]
        cursor.execute(sql.THINNEST, most)
        thinnest = [OrderImpact(**_named(OrderImpact, row)) for row in cursor.fetchall()]
    return Replay(
        totals=totals,
        skus=skus,
        lowest_cover=min(covers.values(), default=None),
        short_of_stock=sum(cover < days for cover in covers.values()),
        deepest=deepest,
        thinnest=thinnest,
        beside=beside,
        sampled=sampled,
        distinct=distinct,
    )


def beside_price_change(
    *, change: PriceChange, sku_ids: Sequence[int], at: datetime
) -> list[Beside]:
    """Return the price changes and promotions that reach some of the same goods meanwhile."""
    starts = max(change.starts_at, at)
    found = beside_changes(
        channel_id=change.channel_id,
        tier=change.tier,
        sku_ids=sku_ids,
        starts_at=starts,
        ends_at=change.ends_at,
        besides=change.pk,
    )
    near = Promotion.objects.filter(
        channel_id=change.channel_id, state__in=PLANNED, ends_at__gt=starts
    ).order_by("pk")
    if change.ends_at is not None:
        near = near.filter(starts_at__lt=change.ends_at)
    prices = dict(PriceChangeLine.objects.filter(change=change).values_list("sku_id", "new_price"))
    return found + [one for row in near if (one := _beside(row, prices, at=starts)) is not None]


def beside_changes(
    *,
    channel_id: int,
    tier: str,
    sku_ids: Sequence[int],
    starts_at: datetime,
    ends_at: datetime | None,
    besides: int = 0,
) -> list[Beside]:
    """Return the price changes handed in or approved on some of the SKUs in the same time."""
    with connection.cursor() as cursor:
        cursor.execute(
            sql.CHANGES,
            {
                "channel": channel_id,
                "tier": tier,
                "change": besides,
                "starts": starts_at,
                "ends": ends_at,
                "skus": array(sku_ids),
            },
        )
        return [
            Beside(
                kind="price_change",
                id=pk,
                number=number,
                title=title,
                state=state,
                skus=skus,
                # Two approved changes of one SKU in one time are refused when they would start.
                is_conflict=besides > 0,
            )
            for pk, number, title, state, skus in cursor.fetchall()
        ]


def _beside(row: Promotion, prices: Mapping[int, Decimal], *, at: datetime) -> Beside | None:
    """Return a promotion beside new prices with the lowest price of a piece, None: other goods."""
    rule = plan_of(row).rule
    both = dict(
        Sku.objects.filter(goods_filter(rule), pk__in=list(prices)).values_list(
            "pk", "product__category__path"
        )
    )
    if not both:
        return None
    sets = exposure.together(rule, ())
    cheapest = sorted(both, key=lambda sku: (prices[sku], sku))[:MOST_STACKED]
    lowest = [
        exposure.lowest(
            sets, [rule], sku_id=sku, category=both[sku], price=prices[sku],
            at=max(at, row.starts_at),
        )[0]
        for sku in cheapest
    ]  # fmt: skip
    return Beside(
        kind="promotion",
        id=row.pk,
        number=row.number,
        title=row.title,
        state=row.state,
        skus=len(both),
        is_conflict=False,
        lowest=min(lowest),
    )


def content_of_price_change(change: PriceChange) -> str:
    """Return the hash of what a replay of a price change depends on."""
    with connection.cursor() as cursor:
        cursor.execute(sql.CONTENT, [change.pk])
        lines = cursor.fetchone()[0]
    return content_hash(
        {
            "channel": change.channel_id,
            "tier": change.tier,
            "starts_at": change.starts_at,
            "ends_at": change.ends_at,
            "lines": lines,
        }
    )


def content_of_promotion(row: Promotion) -> str:
    """Return the hash of what a replay of a promotion depends on."""
    return content_hash(
        {
            "channel": row.channel_id,
            "rule": row.rule,
            "coupon_mode": row.coupon_mode,
            "starts_at": row.starts_at,
            "ends_at": row.ends_at,
        }
    )


def newest(*, subject: tuple[str, int], kind: str, hashed: str = "") -> ReportInfo | None:
    """Return the newest report of a subject, of one content where that is given."""
    rows = ImpactReport.objects.filter(
        subject_type=subject[0], subject_id=subject[1], kind=kind
    ).order_by("-pk")
    found = (rows.filter(content_hash=hashed) if hashed else rows).first()
    return None if found is None else info(found)


def of_approval(*, approval_id: int, kind: str) -> ReportInfo | None:
    """Return the newest report kept with an approval."""
    found = ImpactReport.objects.filter(approval_id=approval_id, kind=kind).order_by("-pk").first()
    return None if found is None else info(found)


def of_approvals(*, approval_ids: Sequence[int]) -> dict[int, dict[str, ReportInfo]]:
    """Return the newest forecast and outcome of each approval. One query."""
    rows = ImpactReport.objects.filter(approval_id__in=approval_ids).order_by("pk")
    found: dict[int, dict[str, ReportInfo]] = {}
    for row in rows:
        found.setdefault(row.approval_id or 0, {})[row.kind] = info(row)
    return found


def started(*, days: int, at: datetime) -> list[ImpactReport]:
    """Return the forecasts of approvals whose outcome may still move, newest of each.

    The job asks every night; an outcome is complete when a window as long as the forecast's (or
    the proposal, if that is shorter) has been measured.
    """
    since = at - timedelta(days=days)
    rows = (
        ImpactReport.objects.filter(
            kind=ImpactKind.FORECAST, approval__isnull=False, made_at__gte=since
        )
        .order_by("approval_id", "-pk")
        .distinct("approval_id")
    )
    return list(rows)


def replayed_in_part(*, since: datetime) -> list[ImpactReport]:
    """Return the newest forecast of each promotion where a part of the baskets stands for all."""
    newest = (
        ImpactReport.objects.filter(
            kind=ImpactKind.FORECAST, subject_type=ImpactSubject.PROMOTION, made_at__gte=since
        )
        .order_by("subject_id", "-pk")
        .distinct("subject_id")
    )
    return [row for row in newest if row.figures.get("sampled")]


def info(row: ImpactReport) -> ReportInfo:
    """Return the plain form of a report."""
    names = {field.name for field in fields(ReportInfo)}
    return ReportInfo(**{"id": row.pk, **{n: getattr(row, n) for n in names if n != "id"}})


def _named(kind: type, row: Sequence[Any]) -> dict[str, Any]:
    return dict(zip((field.name for field in fields(kind)), row, strict=True))
