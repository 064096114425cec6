"""How orders get into the tables: two statements for any number of orders.

An order that somebody else wrote in the same moment is left out, never an error: the caller gives
back what was reserved for it and answers `duplicate`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from catalog.selectors.offers import Offers
from customers.choices import LineKind
from customers.services import people
from customers.services.judging import Candidate
from customers.types import OrderDraft
from ops.engines.kernel.arrays import array
from ops.engines.kernel.parse import business_day

InBook = dict[str, tuple[int, str, str]]

_PREPARE = """
SELECT array(SELECT nextval(pg_get_serial_sequence('customers_order', 'id'))
               FROM generate_series(1, %(count)s)),
       r.warehouse_id, coalesce(r.ship_within_hours, 48),
       coalesce((SELECT json_object_agg(o.external_no, json_build_array(o.id, o.number, o.state))
                   FROM customers_order o
                  WHERE o.channel_id = %(channel)s
                    AND o.external_no = ANY(%(numbers)s::text[])), '{}'),
       coalesce((SELECT json_object_agg(c.code, t.tier)
                   FROM customers_customer c
                   JOIN customers_customertier t
                     ON t.customer_id = c.id AND t.valid @> %(at)s::timestamptz
                  WHERE c.channel_id = %(channel)s
                    AND c.code = ANY(%(buyers)s::text[])), '{}')
  FROM (SELECT 1) one LEFT JOIN customers_channelroute r ON r.channel_id = %(channel)s
"""
_WRITE = """
WITH book AS (
    INSERT INTO customers_order
        (id, number, channel_id, external_no, kind, path, state, hold_reason, customer_id,
         warehouse_id, country, recipient_enc, currency, tier, shipping, shipping_discount, total,
         tax, placed_at, paid_at, ship_by, business_day, batch_id)
    SELECT o.id, 'SO-' || to_char(o.day, 'YYYYMM') || '-' || lpad(o.id::text, 7, '0'),
           %(channel)s, o.external_no, 'sale', o.path, o.state, o.hold_reason, o.customer_id,
           %(warehouse)s, o.country, o.recipient, %(currency)s, o.tier, o.shipping,
           o.shipping_discount, o.total, o.tax, o.placed_at, o.paid_at, o.ship_by, o.day, %(batch)s
      FROM unnest(%(ids)s::bigint[], %(external)s::text[], %(paths)s::text[], %(states)s::text[],
                  %(holds)s::text[], %(customers)s::bigint[], %(countries)s::text[],
                  %(recipients)s::text[], %(tiers)s::text[], %(fees)s::numeric[],
                  %(fees_off)s::numeric[], %(totals)s::numeric[], %(taxes)s::numeric[],
                  %(placed)s::timestamptz[], %(paid)s::timestamptz[], %(ship_by)s::timestamptz[],
                  %(days)s::date[])
           AS o(id, external_no, path, state, hold_reason, customer_id, country, recipient, tier,
                shipping, shipping_discount, total, tax, placed_at, paid_at, ship_by, day)
    ON CONFLICT (channel_id, external_no) DO NOTHING
    RETURNING id, number, state),
{lines},
step AS (
    INSERT INTO customers_orderstep (order_id, state, at, person_id)
    SELECT id, state, %(at)s, %(person)s FROM book)
SELECT id, number, state FROM book
"""

_LINES = """line AS (
    INSERT INTO customers_orderline (order_id, line_no, sku_id, kind, quantity, unit_price, amount)
    SELECT l.*, l.quantity * l.unit_price
      FROM unnest(%(line_orders)s::bigint[], %(line_nos)s::int[], %(line_skus)s::bigint[],
                  %(line_kinds)s::text[], %(line_quantities)s::bigint[],
                  %(line_prices)s::numeric[])
           AS l(order_id, line_no, sku_id, kind, quantity, unit_price)
      JOIN book ON book.id = l.order_id)"""
# The same with what promotions gave; still one statement for all orders.
_PROMOTED = """off AS (
    SELECT d.* FROM unnest(%(off_orders)s::bigint[], %(off_lines)s::int[],
                           %(off_promotions)s::bigint[], %(off_coupons)s::text[],
                           %(off_amounts)s::numeric[])
           AS d(order_id, line_no, promotion_id, coupon, amount)
      JOIN book ON book.id = d.order_id),
line AS (
    INSERT INTO customers_orderline
        (order_id, line_no, sku_id, kind, quantity, unit_price, discount, amount)
    SELECT l.*, coalesce(o.discount, 0), l.quantity * l.unit_price - coalesce(o.discount, 0)
      FROM unnest(%(line_orders)s::bigint[], %(line_nos)s::int[], %(line_skus)s::bigint[],
                  %(line_kinds)s::text[], %(line_quantities)s::bigint[],
                  %(line_prices)s::numeric[])
           AS l(order_id, line_no, sku_id, kind, quantity, unit_price)
      JOIN book ON book.id = l.order_id
      LEFT JOIN (SELECT order_id, line_no, sum(amount) AS discount FROM off GROUP BY 1, 2) o
             USING (order_id, line_no)),
discounted AS (
    INSERT INTO customers_orderdiscount (order_id, line_no, promotion_id, coupon, amount)
    SELECT * FROM off),
gift AS (
    INSERT INTO customers_ordergift (order_id, line_no, promotion_id, value)
    SELECT g.* FROM unnest(%(gift_orders)s::bigint[], %(gift_lines)s::int[],
                           %(gift_promotions)s::bigint[], %(gift_values)s::numeric[])
           AS g(order_id, line_no, promotion_id, value)
      JOIN book ON book.id = g.order_id)"""
_WRITE_PLAIN = _WRITE.replace("{lines}", _LINES)
_WRITE_PROMOTED = _WRITE.replace("{lines}", _PROMOTED)


@dataclass(frozen=True, slots=True)
class Prepared:
    """Ids for the new orders, who serves the channel, which numbers are in the book, and tiers.

    `tiers` are those of buyers by code, at the moment of arrival.
    """

    ids: list[int]
    warehouse_id: int | None
    ship_within_hours: int
    in_book: InBook
    tiers: Mapping[str, str]


def prepare(
    *, channel_id: int, numbers: Sequence[str], buyers: Collection[str], at: dt.datetime
) -> Prepared:
    """Return what an arrival of orders with these channel numbers needs; one statement."""
    values: dict[str, Any] = {
        "count": len(numbers),
        "channel": channel_id,
        "numbers": array(numbers),
        "buyers": array(buyers),
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_PREPARE, values)
        return Prepared(*cursor.fetchone())


def write(
    candidates: Sequence[Candidate],
    *,
    offered: Offers,
    prepared: Prepared,
    batch_id: int | None,
    person_id: int | None,
    at: dt.datetime,
) -> dict[int, tuple[str, str]]:
    """Write orders, lines and first steps; return (number, state) by id of those that are in."""
    if not candidates:
        return {}
    # Ascending numbers: two arrivals of the same orders wait for each other in one direction.
    ordered = sorted(candidates, key=lambda c: c.draft.external_no)
    head: dict[str, Any] = {
        "channel": offered.channel_id,
        "currency": offered.currency,
        "warehouse": prepared.warehouse_id,
        "batch": batch_id,
        "at": at,
        "person": person_id,
    }
    values = (
        head
        | _order_columns(ordered, offered.channel_id, prepared.ship_within_hours)
        | _line_columns(ordered)
    )
    statement = _WRITE_PLAIN
    if any(c.is_promoted for c in ordered):
        statement = _WRITE_PROMOTED
        values |= _discount_columns(ordered) | _gift_columns(ordered)
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return {pk: (number, state) for pk, number, state in cursor.fetchall()}


def _order_columns(candidates: Sequence[Candidate], channel_id: int, hours: int) -> dict[str, str]:
    drafts = [c.draft for c in candidates]
    return {
        "ids": array(c.order_id for c in candidates),
        "external": array(draft.external_no for draft in drafts),
        "paths": array(c.path.value for c in candidates),
        "states": array(c.state.value for c in candidates),
        "holds": array(hold_reason(c) for c in candidates),
        "customers": array(c.customer.id if c.customer else None for c in candidates),
        "countries": array(draft.country for draft in drafts),
        "recipients": array(_recipient(c, channel_id) for c in candidates),
        "tiers": array(c.tier for c in candidates),
        "fees": array(draft.shipping for draft in drafts),
        "fees_off": array(c.shipping_off for c in candidates),
        "totals": array(c.total for c in candidates),
        "taxes": array(c.tax for c in candidates),
        "placed": array(draft.placed_at for draft in drafts),
        "paid": array(draft.paid_at for draft in drafts),
        "ship_by": array(_ship_by(draft, hours) for draft in drafts),
        "days": array(business_day(draft.placed_at) for draft in drafts),
    }


def _line_columns(candidates: Sequence[Candidate]) -> dict[str, str]:
    lines = [
        (c.order_id, number, offer.sku_id, _kind(price), line.quantity, price)
        for c in candidates
        for number, (line, offer, price) in enumerate(c.priced, 1)
    ]
    names = ("orders", "nos", "skus", "kinds", "quantities", "prices")
    columns = zip(*lines, strict=True)
    return {f"line_{name}": array(column) for name, column in zip(names, columns, strict=True)}


def _discount_columns(candidates: Sequence[Candidate]) -> dict[str, str]:
    rows = [(c.order_id, *off) for c in candidates for off in c.discounts]
    names = ("orders", "lines", "promotions", "coupons", "amounts")
    return {f"off_{name}": array(row[place] for row in rows) for place, name in enumerate(names)}


def _gift_columns(candidates: Sequence[Candidate]) -> dict[str, str]:
    rows = [(c.order_id, *gift) for c in candidates for gift in c.gifts]
    names = ("orders", "lines", "promotions", "values")
    return {f"gift_{name}": array(row[place] for row in rows) for place, name in enumerate(names)}


def hold_reason(candidate: Candidate) -> str:
    """Return the codes of the reasons to hold, each once."""
    return ",".join(dict.fromkeys(hold.code for hold in candidate.holds))


def _kind(price: Decimal) -> str:
    return LineKind.SALE.value if price > 0 else LineKind.GIFT.value


def _recipient(candidate: Candidate, channel_id: int) -> str:
    buyer = candidate.draft.buyer
    if buyer is None or candidate.customer is None:
        return ""
    place = people.recipient_place(channel_id, candidate.draft.external_no)
    return people.sealed_recipient(buyer, buyer=candidate.customer, place=place)


def _ship_by(draft: OrderDraft, hours: int) -> dt.datetime | None:
    start = draft.paid_at or (draft.placed_at if draft.cash_on_delivery else None)
    return start + dt.timedelta(hours=hours) if start else None
