"""Taking over the order book of another system: set-based, whole documents, exact lines.

Every line counts as it stands: identical lines are lines, not mistakes. What a line is follows
from the line itself: a document of class `return` brings goods back; a line sold for nothing to a
named buyer is a gift; a line without price or buyer, or of a document that is neither order nor
return, corrects stock or debt and is kept as evidence only.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from catalog.choices.goods import SkuKind
from catalog.selectors import channels
from catalog.services import takeover
from catalog.services.takeover import SkuHistory, TakenOver
from customers import errors
from customers.choices import LineKind
from customers.events import OrdersImported, ReturnsImported
from inventory.choices import MoveReason
from inventory.services import history as stock_history
from inventory.types import HistoryRow
from ops.engines.audit import services as audit
from ops.engines.events.publishing import publish
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day

# The stage lives as long as the transaction. Columns in the order COPY gives them.
STAGE = "history_given"
COLUMNS = (
    "line_no",
    "given_line",
    "doc_no",
    "code",
    "description",
    "quantity",
    "at",
    "unit_price",
    "buyer",
    "country",
)
_MAKE_STAGE = """
CREATE TEMP TABLE history_given (
    line_no bigint, given_line bigint, doc_no text COLLATE "C", code text COLLATE "C",
    description text, quantity bigint, at timestamptz, unit_price numeric(20,6),
    buyer text COLLATE "C", country text) ON COMMIT DROP;
CREATE TEMP TABLE history_document (id bigint, doc_no text COLLATE "C") ON COMMIT DROP
"""
_COUNT_KNOWN = """
WITH known AS (
    SELECT external_no FROM customers_order WHERE channel_id = %(channel)s
    UNION SELECT external_no FROM customers_return WHERE channel_id = %(channel)s),
gone AS (
    DELETE FROM history_given g USING known k WHERE g.doc_no = k.external_no RETURNING 1)
SELECT count(*) FROM gone
"""
_CODES = """
SELECT code, coalesce(mode() WITHIN GROUP (ORDER BY nullif(description, '')), code)
  FROM history_given GROUP BY code ORDER BY code
"""
# A document is judged by its number, a line by its document, quantity, price and buyer.
_JUDGE = """
CREATE TEMP TABLE history_line ON COMMIT DROP AS
SELECT coalesce(g.given_line, g.line_no) AS line_no, g.doc_no, g.quantity, g.at, g.unit_price,
       coalesce(g.buyer, '') COLLATE "C" AS buyer, coalesce(g.country, '') AS country,
       k.sku_id, k.rate,
       CASE WHEN g.doc_no ~ '^[0-9]+$' THEN 'order'
            WHEN g.doc_no ~ '^C' THEN 'return' ELSE 'other' END AS doc_class,
       CASE WHEN g.doc_no ~ '^C'
                 THEN CASE WHEN g.quantity < 0 AND g.unit_price >= 0 THEN 'return' ELSE 'stray' END
            WHEN g.doc_no !~ '^[0-9]+$' THEN 'correction'
            WHEN g.quantity > 0 AND g.unit_price > 0 THEN 'sale'
            WHEN g.quantity > 0 AND g.unit_price = 0 AND g.buyer IS NOT NULL THEN 'gift'
            ELSE 'correction' END AS kind
  FROM history_given g
  JOIN unnest(%(codes)s::text[], %(ids)s::bigint[], %(rates)s::numeric[]) AS k(code, sku_id, rate)
    ON k.code = g.code COLLATE "C"
"""
_BUYERS = """
INSERT INTO customers_customer
    (uuid, channel_id, code, name_enc, phone_enc, address_enc, phone_index, country, created_at)
SELECT gen_random_uuid(), %(channel)s, buyer, '', '', '', '', min(country), min(at)
  FROM history_line WHERE buyer <> '' GROUP BY buyer
ON CONFLICT (channel_id, code) DO NOTHING
"""
_ORDERS = """
WITH doc AS (
    SELECT doc_no, min(at) AS at, max(buyer) AS buyer, min(country) AS country,
           bool_or(kind IN ('sale', 'gift')) AS is_sale,
           round(coalesce(sum(quantity * unit_price) FILTER (WHERE kind = 'sale'), 0), 2) AS total,
           round(coalesce(sum(quantity * unit_price * rate / (1 + rate))
                              FILTER (WHERE kind = 'sale'), 0), 2) AS tax,
           min(line_no) AS first_line
      FROM history_line
     WHERE doc_class <> 'return' GROUP BY doc_no),
made AS (
INSERT INTO customers_order
    (number, channel_id, external_no, kind, path, state, hold_reason, customer_id, warehouse_id,
     country, recipient_enc, currency, total, tax, placed_at, paid_at, shipped_at, business_day,
     batch_id)
SELECT 'SH-' || %(batch)s || '-' || row_number() OVER (ORDER BY first_line), %(channel)s, doc_no,
       CASE WHEN is_sale THEN 'sale' ELSE 'correction' END, 'history', 'closed', '', c.id,
       %(warehouse)s, doc.country, '', %(currency)s, total, tax, doc.at, doc.at, doc.at,
       (doc.at AT TIME ZONE 'Asia/Shanghai')::date, %(batch)s
  FROM doc LEFT JOIN customers_customer c ON c.channel_id = %(channel)s AND c.code = doc.buyer
 ORDER BY first_line
RETURNING id, external_no)
INSERT INTO history_document SELECT id, external_no FROM made
"""
_ORDER_LINES = """
INSERT INTO customers_orderline (order_id, line_no, sku_id, kind, quantity, unit_price, amount)
SELECT d.id, row_number() OVER (PARTITION BY d.id ORDER BY s.line_no), s.sku_id, s.kind,
       s.quantity, s.unit_price, s.quantity * s.unit_price
  FROM history_line s JOIN history_document d ON d.doc_no = s.doc_no
 WHERE s.doc_class <> 'return'
 ORDER BY s.line_no
"""
_STEPS = """
INSERT INTO customers_orderstep (order_id, state, at)
SELECT id, state, placed_at FROM customers_order WHERE batch_id = %(batch)s ORDER BY id
"""
_RETURNS = """
WITH doc AS (
    SELECT doc_no, min(at) AS at, max(buyer) AS buyer, min(country) AS country,
           round(sum(-quantity * unit_price), 2) AS total,
           round(sum(-quantity * unit_price * rate / (1 + rate)), 2) AS tax,
           min(line_no) AS first_line
      FROM history_line
     WHERE doc_class = 'return' AND kind = 'return' GROUP BY doc_no),
made AS (
INSERT INTO customers_return
    (number, channel_id, external_no, customer_id, warehouse_id, country, state, reason, currency,
     total, tax, requested_at, business_day, batch_id)
SELECT 'RH-' || %(batch)s || '-' || row_number() OVER (ORDER BY first_line), %(channel)s, doc_no,
       c.id, %(warehouse)s, doc.country, 'closed', '', %(currency)s, total, tax, doc.at,
       (doc.at AT TIME ZONE 'Asia/Shanghai')::date, %(batch)s
  FROM doc LEFT JOIN customers_customer c ON c.channel_id = %(channel)s AND c.code = doc.buyer
 ORDER BY first_line
RETURNING id, external_no)
INSERT INTO history_document SELECT id, external_no FROM made
"""
_RETURN_LINES = """
INSERT INTO customers_returnline (back_id, line_no, sku_id, quantity, unit_price, amount)
SELECT d.id, row_number() OVER (PARTITION BY d.id ORDER BY s.line_no), s.sku_id, -s.quantity,
       s.unit_price, -s.quantity * s.unit_price
  FROM history_line s JOIN history_document d ON d.doc_no = s.doc_no
 WHERE s.doc_class = 'return' AND s.kind = 'return'
 ORDER BY s.line_no
"""
_FIGURES = """
SELECT count(*) FILTER (WHERE kind <> 'stray'),
       count(DISTINCT doc_no) FILTER (WHERE doc_class <> 'return'),
       count(DISTINCT doc_no) FILTER (WHERE doc_class = 'return' AND kind = 'return'),
       min((at AT TIME ZONE 'Asia/Shanghai')::date), max((at AT TIME ZONE 'Asia/Shanghai')::date)
  FROM history_line
"""
_STRAY = """
SELECT line_no, doc_no FROM history_line
 WHERE kind = 'stray' ORDER BY line_no
"""
_STOCK_LINES = """
SELECT s.line_no, s.sku_id, s.quantity, s.kind, s.doc_no, s.at,
       row_number() OVER (PARTITION BY s.doc_no ORDER BY s.line_no)
  FROM history_line s
 WHERE s.sku_id = ANY(%(goods)s) AND s.quantity <> 0
   AND s.doc_class <> 'other' AND (s.doc_class <> 'return' OR s.kind = 'return')
 ORDER BY s.line_no
"""


# The planner must know the documents before their lines are joined to them.
_STATEMENTS = (
    _BUYERS,
    _ORDERS,
    _RETURNS,
    "ANALYZE history_document",
    _ORDER_LINES,
    _STEPS,
    _RETURN_LINES,
)


@dataclass(frozen=True, slots=True)
class HistoryTaken:
    """What a batch of history brought: accepted lines, those known before, stray lines."""

    accepted: int
    duplicate: int
    stray: tuple[tuple[int, str], ...]
    orders: int
    returns: int
    twins: tuple[str, ...]


def make_stage() -> None:
    """Make the table that the caller fills (by COPY or SQL) before `take_over_history`.

    It lives until the caller's transaction ends.
    """
    with connection.cursor() as cursor:
        cursor.execute(_MAKE_STAGE)


def take_over_history(
    *,
    batch_id: int,
    channel_id: int,
    warehouse_id: int,
    kind_of: Callable[[str], SkuKind],
    actor: Actor,
    at: dt.datetime,
) -> HistoryTaken:
    """Turn the staged lines into orders, returns and stock moves.

    Documents the book has already are left alone and counted. One transaction: the whole batch
    or nothing. Raises OrderRefused when lines lie on or after the channel's go-live day, and what
    inventory refuses (history that takes more than there was).
    """
    channel = channels.channel(channel_id)
    names: dict[str, Any] = {
        "batch": batch_id,
        "channel": channel_id,
        "warehouse": warehouse_id,
        "currency": channel.currency,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_COUNT_KNOWN, names)
        (duplicate,) = cursor.fetchone()
        taken = _take_over_skus(channel_id, kind_of, actor=actor, at=at)
        ids = list(taken.ids.values())
        rates = [taken.rates[pk] for pk in ids]
        cursor.execute(_JUDGE, {"codes": list(taken.ids), "ids": ids, "rates": rates})
        cursor.execute("ANALYZE history_line")
        cursor.execute(_FIGURES)
        accepted, orders, returns, first, last = cursor.fetchone()
        if last is not None and channel.go_live_on is not None and last >= channel.go_live_on:
            raise errors.OrderRefused(
                "customers.history_after_go_live",
                _("Lines of %(day)s lie after the channel went live on %(live)s.")
                % {"day": last, "live": channel.go_live_on},
            )
        if not accepted:
            return HistoryTaken(0, duplicate, (), 0, 0, ())
        cursor.execute(_STRAY)
        stray = tuple(cursor.fetchall())
        for statement in _STATEMENTS:
            cursor.execute(statement, names)
        stock_history.import_history(
            batch_id=batch_id,
            warehouse_id=warehouse_id,
            actor=actor,
            at=at,
            rows=_stock_rows(channel_id, _stock_lines(taken.goods)),
        )
        publish(
            OrdersImported(batch_id=batch_id, dated_on=first),
            ReturnsImported(batch_id=batch_id, dated_on=first),
        )
        audit.record(
            actor=actor,
            at=at,
            action="customers.history_taken_over",
            obj=("tables.importbatch", batch_id),
            body={"lines": accepted, "orders": orders, "returns": returns, "from": first,
                  "to": last},
        )  # fmt: skip
    return HistoryTaken(accepted, duplicate, stray, orders, returns, taken.twins)


def _take_over_skus(
    channel_id: int, kind_of: Callable[[str], SkuKind], *, actor: Actor, at: dt.datetime
) -> TakenOver:
    with connection.cursor() as cursor:
        cursor.execute(_CODES)
        skus = [SkuHistory(code, name, kind_of(code)) for code, name in cursor.fetchall()]
    return takeover.take_over_skus(channel_id=channel_id, skus=skus, actor=actor, at=at)


def _stock_lines(goods: frozenset[int]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(_STOCK_LINES, {"goods": sorted(goods)})
        return list(cursor.fetchall())


def _stock_rows(channel_id: int, lines: list[tuple[Any, ...]]) -> Iterator[HistoryRow]:
    for line_no, sku_id, quantity, kind, doc_no, moment, number in lines:
        reason, signed = _stock_effect(kind, quantity)
        yield HistoryRow(
            line_no=line_no,
            sku_id=sku_id,
            quantity=signed,
            reason=reason,
            business_day=business_day(moment),
            at=moment,
            effect_key=f"history:{channel_id}:{doc_no}:{number}",
        )


def _stock_effect(kind: str, quantity: int) -> tuple[MoveReason, int]:
    """Return why and how much the warehouse's stock changes by one line."""
    if kind == "return":
        return MoveReason.RETURN, -quantity
    if kind == LineKind.SALE:
        return MoveReason.SALE, -quantity
    if kind == LineKind.GIFT:
        return MoveReason.GIVEAWAY, -quantity
    if quantity < 0:
        return MoveReason.WRITE_OFF, quantity
    return MoveReason.FOUND, quantity
