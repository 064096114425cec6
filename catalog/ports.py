"""Questions the catalogue asks apps above it, and the point where they may forbid a listing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from ops.engines.kernel.ports import Checkpoint, Source


@dataclass(frozen=True, slots=True)
class SoldLine:
    """What was sold of one SKU on one business day in one order, at the price paid."""

    order_id: int
    sku_id: int
    business_day: date
    quantity: int
    unit_price: Decimal


@dataclass(frozen=True, slots=True)
class Deal:
    """One real sale line: the net price of a piece, and the order that proves it."""

    order: str
    line_no: int
    price: Decimal
    quantity: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Deals:
    """The real deals of one SKU in a window: how many lines, and the cheapest of them."""

    count: int
    lowest: Sequence[Deal]


def _no_deals(
    *, sku_ids: Collection[int], channel_id: int, since: datetime, until: datetime
) -> dict[int, Deals]:
    return {}


def _no_promises(*, channel_id: int, at: datetime) -> dict[int, Decimal]:
    return {}


def _no_sales(
    *, sku_ids: Collection[int], channel_id: int, first: date, last: date
) -> list[SoldLine]:
    return []


def _no_cover(
    *, sku_ids: Collection[int], channel_id: int | None, at: datetime
) -> dict[int, Decimal]:
    return {}


def _no_cost(*, sku_ids: Collection[int], at: datetime) -> dict[int, Decimal]:
    return {}


recent_sales = Source(
    "catalog.recent_sales",
    "Real order lines of some SKUs in a channel between two business days, both included.",
    absent=_no_sales,
)
stock_cover = Source(
    "catalog.stock_cover",
    "For how many days the sellable stock lasts at recent sales, by SKU; unknown ones are absent.",
    absent=_no_cover,
)
unit_cost = Source(
    "catalog.unit_cost",
    "What one base unit of a SKU costs now (6 decimals), by SKU; uncosted ones are absent.",
    absent=_no_cost,
)
lowest_deals = Source(
    "catalog.lowest_deals",
    "Real deals of SKUs in a channel from a moment until another (half open): count and cheapest.",
    absent=_no_deals,
)
promised_prices = Source(
    "catalog.promised_prices",
    "The price that running promotions promise for a SKU shown in a channel, by SKU: the patrol"
    " takes it as approved.",
    absent=_no_promises,
)
may_list: Checkpoint[...] = Checkpoint(
    "catalog.may_list",
    "Compliance may forbid offering a SKU in a channel; called with sku_id, channel_id, at.",
)
