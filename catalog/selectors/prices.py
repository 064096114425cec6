"""Prices at any moment, and what a decider is shown (CAT-4.2-01, CAT-4.2-05)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db import connection
from django.db.models import Count, F

from catalog import ports
from catalog.choices.prices import PriceChangeState
from catalog.errors import prices as errors
from catalog.models import PriceChange, Sku
from catalog.rules import prices as rules
from catalog.types.prices import LineFigures, PriceChangeInfo, PriceFigures, PricePeriod
from ops.engines.kernel.actor import Actor

_PRICE_AT = """
SELECT sku_id, price FROM catalog_pricerange
WHERE sku_id = ANY(%(skus)s) AND channel_id = %(channel)s AND valid @> %(at)s::timestamptz
"""
_HISTORY = """
SELECT r.sku_id, r.channel_id, r.price, lower(r.valid), upper(r.valid), r.kind, r.approval_id,
       q.number
FROM catalog_pricerange r JOIN approvals_request q ON q.id = r.approval_id
WHERE r.sku_id = %(sku)s AND (%(channel)s::bigint IS NULL OR r.channel_id = %(channel)s)
  AND NOT isempty(r.valid)
ORDER BY r.channel_id, lower(r.valid) DESC NULLS LAST
LIMIT %(limit)s
"""
_LINES = """
SELECT l.sku_id, s.code, s.name, c.path, p.price, l.new_price, l.rival_price
FROM catalog_pricechangeline l
JOIN catalog_sku s ON s.id = l.sku_id
JOIN catalog_product d ON d.id = s.product_id
JOIN catalog_category c ON c.id = d.category_id
LEFT JOIN catalog_pricerange p ON p.sku_id = l.sku_id AND p.channel_id = %(channel)s
                              AND p.valid @> %(at)s::timestamptz
WHERE l.change_id = %(change)s
ORDER BY l.sku_id
"""


def price_at(*, sku_ids: Collection[int], channel_id: int, at: datetime) -> dict[int, Decimal]:
    """Return the selling prices in force at a moment; SKUs off sale are absent. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_PRICE_AT, {"skus": list(sku_ids), "channel": channel_id, "at": at})
        return dict(cursor.fetchall())


def price_history(
    *, sku_id: int, channel_id: int | None = None, limit: int = 200
) -> list[PricePeriod]:
    """Return what a SKU has cost and will cost, newest first, with the request behind it."""
    with connection.cursor() as cursor:
        cursor.execute(_HISTORY, {"sku": sku_id, "channel": channel_id, "limit": limit})
        return [
            PricePeriod(
                sku_id=sku,
                channel_id=channel,
                price=price,
                since=since,
                until=until,
                kind=kind,
                approval_id=approval,
                number=number,
            )
            for sku, channel, price, since, until, kind, approval, number in cursor.fetchall()
        ]


def due_price_change_ids(*, at: datetime, ahead: timedelta = timedelta(0)) -> list[int]:
    """Return the scheduled changes whose start has come (or comes within `ahead`), in order."""
    return list(
        PriceChange.objects.filter(state=PriceChangeState.SCHEDULED, starts_at__lte=at + ahead)
        .order_by("starts_at", "pk")
        .values_list("pk", flat=True)
    )


def price_change(*, change_id: int, actor: Actor) -> PriceChangeInfo:
    """Return one price change in the actor's channels; raises PriceChangeMissing."""
    row = PriceChange.objects.annotate(line_count=Count("lines")).filter(pk=change_id).first()
    allowed = actor.scope_ids("channel", "catalog")
    if row is None or (allowed is not None and row.channel_id not in allowed):
        raise errors.PriceChangeMissing(change_id)
    return info(row, lines=row.line_count)


def info(row: PriceChange, *, lines: int) -> PriceChangeInfo:
    """Return the plain form of a price change."""
    return PriceChangeInfo(
        id=row.pk,
        number=row.number,
        channel_id=row.channel_id,
        reason=row.reason,
        rival_note=row.rival_note,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        state=row.state,
        drafted_by=row.drafted_by,
        drafted_at=row.drafted_at,
        approval_id=row.approval_id,
        lines=lines,
    )


def price_figures(*, change_id: int, channel_id: int, at: datetime) -> PriceFigures:
    """Return old and new price, change, margin, floor, rival and cover of every line.

    Three queries whatever the lines: the lines, their costs, their cover.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LINES, {"change": change_id, "channel": channel_id, "at": at})
        rows = [_Row(*row) for row in cursor.fetchall()]
    sku_ids = [row.sku_id for row in rows]
    costs = ports.unit_cost(sku_ids=sku_ids, at=at)
    covers = ports.stock_cover(sku_ids=sku_ids, channel_id=channel_id, at=at)
    lines = [_line(row, cost=costs.get(row.sku_id), cover=covers.get(row.sku_id)) for row in rows]
    return _summary(sorted(lines, key=_depth))


class _Row(NamedTuple):
    """One line as the statement gives it."""

    sku_id: int
    code: str
    name: str
    path: str
    old: Decimal | None
    new: Decimal
    rival: Decimal | None


def _line(row: _Row, *, cost: Decimal | None, cover: Decimal | None) -> LineFigures:
    policy = rules.policy_for(row.path)
    floor = policy.floor(cost)
    return LineFigures(
        sku_id=row.sku_id,
        code=row.code,
        name=row.name,
        old=row.old,
        new=row.new,
        change_percent=rules.change_percent(row.old, row.new),
        margin_old=rules.margin_percent(row.old, cost),
        margin_new=rules.margin_percent(row.new, cost),
        floor=floor,
        rival=row.rival,
        cover_days=cover,
        is_outside_band=rules.outside_band(
            policy, old=row.old, new=row.new, cost=cost, rival=row.rival
        ),
        is_below_floor=rules.below_floor(floor, row.new),
    )


def _depth(line: LineFigures) -> tuple[bool, Decimal, int]:
    """Sort the deepest cut first, first prices last."""
    change = line.change_percent
    return change is None, change if change is not None else Decimal(0), line.sku_id


def _summary(lines: Sequence[LineFigures]) -> PriceFigures:
    changes = [line.change_percent for line in lines if line.change_percent is not None]
    return PriceFigures(
        lines=lines,
        average_percent=_mean(changes),
        deepest_percent=min(changes, default=None),
        margin_old=_mean([line.margin_old for line in lines if line.margin_old is not None]),
        margin_new=_mean([line.margin_new for line in lines if line.margin_new is not None]),
        outside_band=sum(line.is_outside_band for line in lines),
        below_floor=sum(line.is_below_floor for line in lines),
        without_rival=sum(line.rival is None for line in lines),
        without_cost=sum(line.floor is None for line in lines),
        without_old_price=sum(line.old is None for line in lines),
    )


def _mean(values: Sequence[Decimal]) -> Decimal | None:
    if not values:
        return None
    return (sum(values, Decimal(0)) / len(values)).quantize(rules.TENTH)


def sku_code(sku_id: int) -> str:
    """Return the code of a SKU; it must exist."""
    return Sku.objects.values_list("code", flat=True).get(pk=sku_id)


def newest_start() -> datetime | None:
    """Return when a price last took effect by an approved change."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT lower(valid) FROM catalog_pricerange WHERE kind = 'change' AND NOT"
            " isempty(valid) ORDER BY id DESC LIMIT 1"
        )
        row = cursor.fetchone()
    return row[0] if row else None


def newest_draft() -> datetime | None:
    """Return when a price change was last drafted."""
    return PriceChange.objects.order_by("-pk").values_list("drafted_at", flat=True).first()


def newest_below_floor() -> datetime | None:
    """Return when a price below its floor was last asked for (GEN-1.3-02)."""
    return (
        PriceChange.objects.filter(lines__new_price__lt=F("lines__floor_price"))
        .order_by("-pk")
        .values_list("drafted_at", flat=True)
        .first()
    )
