"""Questions the catalogue asks apps above it, and the point where they may forbid a listing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from catalog.types.shown_stock import SeenStock
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


@dataclass(frozen=True, slots=True)
class OrderQuery:
    """The lines of real orders as a query, for statements over a hundred thousand of them.

    Columns: order_id, number, customer_id (null: unknown), is_first (their first order; null unless
    `with_first`), line_no, sku_id, quantity, unit_price (net, 6 decimals), amount, business_day,
    placed_at, tier (of the buyer when it was priced; empty: none, or from before it was kept). The
    names of its values begin with `sold_`.
    """

    sql: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FreeQuery:
    """SKU id and free pieces as a query; the names of its values begin with `free_`."""

    sql: str
    values: Mapping[str, Any]


_NOTHING = """SELECT NULL::bigint AS order_id, NULL::text AS number, NULL::bigint AS customer_id,
    NULL::boolean AS is_first, NULL::int AS line_no, NULL::bigint AS sku_id,
    NULL::bigint AS quantity, NULL::numeric AS unit_price, NULL::numeric AS amount,
    NULL::date AS business_day, NULL::timestamptz AS placed_at, NULL::text AS tier WHERE false"""


def _no_orders(
    *, channel_id: int, currency: str, first: date, last: date, with_first: bool
) -> OrderQuery:
    return OrderQuery(_NOTHING, {})


def _no_links(*, numbers: Collection[str]) -> dict[str, str]:
    return {}


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


def _no_users(*, ids: Collection[int]) -> Mapping[int, tuple[str, str]]:
    return {}


def _no_gift_stock(*, sku_ids: Collection[int], channel_id: int) -> Mapping[int, int] | None:
    return None


def _no_cover(
    *, sku_ids: Collection[int], channel_id: int | None, at: datetime
) -> dict[int, Decimal]:
    return {}


def _no_cost(*, sku_ids: Collection[int], at: datetime) -> dict[int, Decimal]:
    return {}


@dataclass(frozen=True, slots=True)
class Relation:
    """A question the database answers: one SELECT with its parameters, used as a table.

    What is counted over every order stays in the database instead of travelling through Python.
    """

    sql: str
    params: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class SkuQuery:
    """One row a SKU, as a query; the names of its values begin with that of the port."""

    sql: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SkuSale:
    """A line of a real order that sold a SKU: net amount in CNY."""

    number: str
    day: date
    channel: str
    quantity: int
    amount: Decimal


def _no_baskets(*, channel_id: int, since: datetime, until: datetime) -> Relation:
    return Relation("SELECT NULL::bigint, NULL::bigint WHERE false")


def _no_sold_skus(*, first: date, last: date) -> SkuQuery:
    return SkuQuery("SELECT NULL::bigint, NULL::bigint, NULL::numeric WHERE false")


def _no_sku_sales(
    *, sku_id: int, channel_ids: Collection[int] | None, first: date, last: date, most: int
) -> Sequence[SkuSale]:
    return ()


def _no_moved_skus(*, first: date, last: date) -> SkuQuery:
    return SkuQuery(
        "SELECT NULL::bigint, NULL::bigint, NULL::bigint, NULL::bigint, NULL::bigint,"
        " NULL::numeric, NULL::date WHERE false"
    )


def _no_pieces(*, sku_ids: Collection[int]) -> dict[int, int]:
    return {}


def _no_open_pieces(*, sku_ids: Collection[int], channel_id: int) -> dict[int, int]:
    return {}


def _no_free(*, channel_id: int) -> FreeQuery:
    return FreeQuery("SELECT NULL::bigint, NULL::bigint WHERE false", {})


def _nobody_reads(*, channel_id: int, at: datetime) -> Sequence[SeenStock]:
    return ()


channel_free = Source(
    "catalog.channel_free",
    "SKU id and pieces free to sell to a channel, as a query that a larger statement reads from.",
    absent=_no_free,
)
channel_figures = Source(
    "catalog.channel_figures",
    "How many pieces of SKUs a channel shows now, read from it; nothing while nobody is connected.",
    absent=_nobody_reads,
)
order_baskets = Source(
    "catalog.order_baskets",
    "Order id and SKU id of every sale line placed in a channel from a moment until another.",
    absent=_no_baskets,
)
recent_sales = Source(
    "catalog.recent_sales",
    "Real order lines of some SKUs in a channel between two business days, both included.",
    absent=_no_sales,
)
recent_orders = Source(
    "catalog.recent_orders",
    "The lines of all real orders of a channel between two business days, both included, as a"
    " query that a larger statement reads from.",
    absent=_no_orders,
)
order_links = Source(
    "catalog.order_links",
    "Where the page of an order is, by its number.",
    absent=_no_links,
)
used_by = Source(
    "catalog.used_by",
    "Number and page of the orders that used a promotion, by id; unknown ones are absent.",
    absent=_no_users,
)
gift_stock = Source(
    "catalog.gift_stock",
    "How many pieces of SKUs are free in the warehouse that serves a channel, by SKU; none that is"
    " absent. None: nobody knows.",
    absent=_no_gift_stock,
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
sellable_pieces = Source(
    "catalog.sellable_pieces",
    "How many pieces of SKUs could be sold now in all warehouses; SKUs never stocked are absent.",
    absent=_no_pieces,
)
open_pieces = Source(
    "catalog.open_pieces",
    "How many pieces of SKUs are ordered in a channel and not yet shipped; others are absent.",
    absent=_no_open_pieces,
)
sold_skus = Source(
    "catalog.sold_skus",
    "SKU id, pieces and net amount (CNY) of what was really sold in all channels between two"
    " business days, both included.",
    absent=_no_sold_skus,
)
sku_sales = Source(
    "catalog.sku_sales",
    "The newest lines by which a SKU was really sold (CNY) in some channels, or in all, between two"
    " business days, both included.",
    absent=_no_sku_sales,
)
moved_skus = Source(
    "catalog.moved_skus",
    "SKU id, pieces sold out of stock and pieces that came back between two business days, stock"
    " before and after them, cost of a piece (empty: uncosted), first day of the SKU in stock.",
    absent=_no_moved_skus,
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
