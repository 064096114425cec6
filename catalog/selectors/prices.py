"""Prices at any moment, and what a decider is shown (CAT-4.2-01, CAT-4.2-05)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Count, F

from catalog import ports
from catalog.choices.goods import ProductState, SkuKind
from catalog.choices.prices import PriceChangeState
from catalog.errors import prices as errors
from catalog.models import PriceChange, PriceChangeLine, PriceRange, Sku
from catalog.selectors import price_sql as sql
from catalog.types.prices import LineFigures, PriceChangeInfo, PriceFigures, PricePeriod
from ops.engines.kernel.actor import Actor

# A tier's own price before everybody's; a suspended offer has none.
_PRICE_AT = f"""
SELECT DISTINCT ON (r.sku_id) r.sku_id, r.price FROM catalog_pricerange r
WHERE r.sku_id = ANY(%(skus)s) AND r.channel_id = %(channel)s AND r.tier IN ('', %(tier)s)
  AND r.valid @> %(at)s::timestamptz
  AND {sql.NOT_SUSPENDED.format(channel="r.channel_id", sku="r.sku_id")}
ORDER BY r.sku_id, r.tier DESC
"""  # noqa: S608 - constants only
_HISTORY = """
SELECT r.sku_id, r.channel_id, r.price, lower(r.valid), upper(r.valid), r.kind, r.approval_id,
       q.number, r.tier
FROM catalog_pricerange r JOIN approvals_request q ON q.id = r.approval_id
WHERE r.sku_id = %(sku)s AND (%(channel)s::bigint IS NULL OR r.channel_id = %(channel)s)
  AND (%(tier)s::text IS NULL OR r.tier = %(tier)s)
  AND NOT isempty(r.valid)
ORDER BY r.channel_id, r.tier, lower(r.valid) DESC NULLS LAST
LIMIT %(limit)s
"""


def price_at(
    *, sku_ids: Collection[int], channel_id: int, at: datetime, tier: str = ""
) -> dict[int, Decimal]:
    """Return the selling prices in force at a moment; SKUs off sale are absent. One query.

    A customer of a tier pays its own price where it has one, else everybody's.
    """
    values: dict[str, Any] = {"skus": list(sku_ids), "channel": channel_id, "at": at, "tier": tier}
    with connection.cursor() as cursor:
        cursor.execute(_PRICE_AT, values)
        return dict(cursor.fetchall())


def price_history(
    *, sku_id: int, channel_id: int | None = None, tier: str | None = None, limit: int = 200
) -> list[PricePeriod]:
    """Return what a SKU has cost and will cost, newest first, with the request behind it.

    All tiers unless one is named.
    """
    values = {"sku": sku_id, "channel": channel_id, "tier": tier, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(_HISTORY, values)
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
                tier=held,
            )
            for sku, channel, price, since, until, kind, approval, number, held in cursor.fetchall()
        ]


def floors(*, sku_ids: Collection[int], at: datetime) -> dict[int, Decimal]:
    """Return the lowest price each costed SKU may have under the policy of its category.

    Two queries for any number of SKUs: costs, floors.
    """
    costs = ports.unit_cost(sku_ids=sku_ids, at=at)
    with connection.cursor() as cursor:
        cursor.execute(sql.FLOORS, {**sql.policy_values(at=at), **sql.cost_values(costs)})
        return dict(cursor.fetchall())


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
        tier=row.tier,
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


def price_figures(
    *, change_id: int, channel_id: int, at: datetime, limit: int | None = None
) -> PriceFigures:
    """Return old and new price, change, margin, floor, rival and cover of every line.

    The deepest cuts come first, at most `limit` of them; the sums are over all. Five queries
    whatever the lines: the change, costs, cover, sums, lines.
    """
    values = figure_values(change_id=change_id, channel_id=channel_id, at=at)
    with connection.cursor() as cursor:
        cursor.execute(sql.SUMMARY, values)
        summary = cursor.fetchone()
        cursor.execute(sql.FIGURES, {**values, "limit": limit})
        lines = [LineFigures(**dict(zip(_LINE, row, strict=True))) for row in cursor.fetchall()]
    return PriceFigures(lines=lines, **dict(zip(_SUMMARY, summary, strict=True)))


def kept_lines(*, change_id: int, limit: int) -> list[LineFigures]:
    """Return the deepest lines of a handed-in change as they were fixed then, at most `limit`."""
    with connection.cursor() as cursor:
        cursor.execute(sql.KEPT, {"change": change_id, "limit": limit})
        return [LineFigures(**dict(zip(_LINE, row, strict=True))) for row in cursor.fetchall()]


def figure_values(*, change_id: int, channel_id: int, at: datetime) -> dict[str, Any]:
    """Return what the statements about the lines of a change need: policy, costs, cover, tier."""
    tier = PriceChange.objects.values_list("tier", flat=True).get(pk=change_id)
    skus = PriceChangeLine.objects.filter(change_id=change_id).values_list("sku_id", flat=True)
    sku_ids = list(skus)
    return {
        **sql.policy_values(at=at),
        **sql.cost_values(ports.unit_cost(sku_ids=sku_ids, at=at)),
        **sql.cover_values(ports.stock_cover(sku_ids=sku_ids, channel_id=channel_id, at=at)),
        "change": change_id,
        "channel": channel_id,
        "tier": tier,
        "at": at,
    }


_LINE = (
    "sku_id", "code", "name", "old", "new", "change_percent", "window_percent", "margin_old",
    "margin_new", "floor", "rival", "cover_days", "struck", "is_outside_band", "is_below_floor",
)  # fmt: skip
_SUMMARY = (
    "count", "average_percent", "deepest_percent", "window_deepest", "window_widest",
    "margin_old", "margin_new", "outside_band", "below_floor", "without_rival", "without_cost",
    "without_old_price", "struck", "total_old", "total_new", "silent_skus", "unchanged_skus",
    "unchanged",
)  # fmt: skip


def priced_thing(sku_id: int) -> tuple[str, str, Decimal]:
    """Return code, unit and tax rate of a SKU that exists: what a price must be marked with."""
    return Sku.objects.values_list("code", "unit", "tax_rate").get(pk=sku_id)


@dataclass(frozen=True, slots=True)
class Charge:
    """What a channel asks besides the price of goods: postage, a service, a fee."""

    channel_id: int
    code: str
    name: str
    unit: str
    price: Decimal


def charges(*, channel_ids: Collection[int], at: datetime) -> list[Charge]:
    """Return what channels charge besides goods at a moment, with its price (CAT-4.2-02).

    These are the active services, postages and fees with a price for everybody. One query.
    """
    rows = PriceRange.objects.filter(
        channel_id__in=channel_ids,
        tier="",
        valid__contains=at,
        sku__kind=SkuKind.SERVICE,
        sku__state=ProductState.ACTIVE,
    ).order_by("channel_id", "sku__code")
    named = rows.values_list("channel_id", "sku__code", "sku__name", "sku__unit", "price")
    return [Charge(*row) for row in named]


def is_on_shelf(*, sku_id: int, channel_id: int, at: datetime) -> bool:
    """Say whether a SKU may be bought in a channel at a moment, whatever price was approved."""
    condition = sql.on_shelf(sku="s", channel="%(channel)s")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {condition} FROM catalog_sku s WHERE s.id = %(sku)s",  # noqa: S608
            {"sku": sku_id, "channel": channel_id, "at": at},
        )
        row = cursor.fetchone()
    return bool(row and row[0])


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
