"""What a proposal would have done to real orders, and what it did: plain and frozen.

Amounts are in the channel's currency, margins are what is left of the net price over the unit
cost of now. "Before" is without the proposal, "after" with it. No figure assumes that customers
buy more or less than they did.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The business days that are replayed, both included."""

    days: int
    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What the replay comes to, over the goods in the reach of the proposal.

    `orders_all` are all real orders of the window, `orders` those with goods in reach, of which
    the proposal moves `orders_moved`. Margins leave lines without a known cost out, on both sides;
    `lines_uncosted` counts them.
    """

    orders_all: int
    orders: int
    orders_moved: int
    customers: int
    lines: int
    skus: int
    units: int
    paid: Decimal
    revenue_before: Decimal
    revenue_after: Decimal
    margin_before: Decimal | None
    margin_after: Decimal | None
    lines_uncosted: int
    lines_below_floor: int
    lines_newly_below_floor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SkuImpact:
    """The part of one SKU."""

    sku_id: int
    code: str
    name: str
    orders: int
    units: int
    revenue_before: Decimal
    revenue_after: Decimal
    margin_before: Decimal | None
    margin_after: Decimal | None
    below_floor: int
    cover_days: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderImpact:
    """One real basket, as far as its goods are in reach."""

    number: str
    units: int
    revenue_before: Decimal
    revenue_after: Decimal
    margin_before: Decimal | None
    margin_after: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """Another price change or promotion on some of the same goods in the same time.

    `lowest` is how low a piece can end with both, where that was worked out.
    """

    kind: str
    id: int
    number: str
    title: str
    state: str
    skus: int
    is_conflict: bool
    lowest: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What one replay found: the totals and the rows behind them, most moved first."""

    totals: Totals
    skus: Sequence[SkuImpact]
    lowest_cover: Decimal | None
    short_of_stock: int
    deepest: Sequence[OrderImpact]
    thinnest: Sequence[OrderImpact]
    beside: Sequence[Beside] = ()
    sampled: int | None = None
    distinct: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportInfo:
    """One kept forecast or outcome."""

    id: int
    kind: str
    subject_type: str
    subject_id: int
    channel_id: int
    content_hash: str
    window_days: int
    first: date
    last: date
    figures: Mapping[str, Any]
    rows: Mapping[str, Any]
    approval_id: int | None
    made_at: datetime
