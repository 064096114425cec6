"""Prices as the catalogue hands them out and takes them in: plain and frozen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceLine:
    """One SKU of a price change as drafted; `rival` is a competitor's price, if found.

    `struck` is a former price to be shown struck out beside it; real deals prove it when the
    change is handed in, unless `reference_id` names the proof of a suggested price.
    """

    sku_id: int
    price: Decimal
    rival: Decimal | None = None
    struck: Decimal | None = None
    reference_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceChangeInfo:
    """One price change."""

    id: int
    number: str
    channel_id: int
    tier: str
    reason: str
    rival_note: str
    starts_at: datetime
    ends_at: datetime | None
    state: str
    drafted_by: int
    drafted_at: datetime
    approval_id: int | None
    lines: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFigures:
    """What a decider is shown about one line; percentages have one decimal, None is unknown.

    `window_percent` is how far the price has moved since the policy's window began, this step
    included.
    """

    sku_id: int
    code: str
    name: str
    old: Decimal | None
    new: Decimal
    change_percent: Decimal | None
    window_percent: Decimal | None
    margin_old: Decimal | None
    margin_new: Decimal | None
    floor: Decimal | None
    rival: Decimal | None
    cover_days: Decimal | None
    struck: Decimal | None
    is_outside_band: bool
    is_below_floor: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceFigures:
    """The figures of a whole price change, the lines in order of their depth.

    The lines may be the first of many: `count` and all sums are over every line.
    """

    lines: Sequence[LineFigures]
    count: int
    average_percent: Decimal | None
    deepest_percent: Decimal | None
    window_deepest: Decimal | None
    window_widest: Decimal | None
    margin_old: Decimal | None
    margin_new: Decimal | None
    outside_band: int
    below_floor: int
    without_rival: int
    without_cost: int
    without_old_price: int
    struck: int
    total_old: Decimal
    total_new: Decimal
    silent_skus: Sequence[int] | None
    unchanged_skus: Sequence[int] | None
    unchanged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PricePeriod:
    """One stretch of the price history of a SKU in a channel; `until` None is open."""

    sku_id: int
    channel_id: int
    price: Decimal
    since: datetime | None
    until: datetime | None
    kind: str
    approval_id: int
    number: str
    tier: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningPrice:
    """A price from before go-live."""

    sku_id: int
    price: Decimal
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivationReport:
    """What one run of activation did."""

    changes: int
    prices: int
    late: int
    missed: int
    conflicts: int
