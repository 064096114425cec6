"""What the database says afterwards, asked by SQL past every service."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import psycopg2

from tests.faults.clients import Ack
from tests.support.product import Product

_ORDERS = """
SELECT o.external_no, o.number, o.state, sum(l.quantity), sum(l.amount)
  FROM customers_order o JOIN customers_orderline l ON l.order_id = o.id
 WHERE o.external_no LIKE 'F%%' GROUP BY o.id
"""
# Every line of an order against what is held for it, both ways.
_HELD = """
SELECT count(*) FROM (
    SELECT o.id, l.line_no, l.sku_id, l.quantity FROM customers_order o
      JOIN customers_orderline l ON l.order_id = o.id
     WHERE o.external_no LIKE 'F%%' AND o.state <> 'cancelled') ordered
  FULL JOIN (
    SELECT source_id, source_line, sku_id, quantity FROM inventory_reservation
     WHERE source_type = 'customers.order' AND state = 'open') held
    ON held.source_id = ordered.id AND held.source_line = ordered.line_no
 WHERE (ordered.sku_id, ordered.quantity) IS DISTINCT FROM (held.sku_id, held.quantity)
"""
_COUNTERS = """
SELECT (SELECT coalesce(sum(reserved), 0) FROM inventory_stock),
       (SELECT coalesce(sum(quantity), 0) FROM inventory_reservation WHERE state = 'open')
"""
_WAITING = "SELECT count(*) FROM events_delivery WHERE state <> 'done'"
_WITHOUT_PARCEL = """
SELECT count(*) FROM customers_order o
 WHERE o.state = 'allocated' AND NOT EXISTS (
    SELECT 1 FROM inventory_shipment s
     WHERE s.source_type = 'customers.order' AND s.source_id = o.id)
"""
_PARCELS_TWICE = """
SELECT count(*) FROM (
    SELECT source_id FROM inventory_shipment WHERE source_type = 'customers.order'
     GROUP BY source_id HAVING count(*) > 1) twice
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """How the orders in the database differ from the answers the clients have."""

    lost: list[str]
    altered: list[str]
    doubled: list[str]
    unasked: list[str]

    @property
    def is_none(self) -> bool:
        """Say whether there is no difference at all."""
        return not (self.lost or self.altered or self.doubled or self.unasked)


def ask(product: Product, statement: str) -> list[tuple[Any, ...]]:
    """Return the rows of a statement, asked as the owner."""
    link = psycopg2.connect(product.run_json()["owner_database_url"])
    try:
        with link, link.cursor() as cursor:
            cursor.execute(statement.replace("%%", "%"))
            return cursor.fetchall()
    finally:
        link.close()


def number(product: Product, statement: str) -> int:
    """Return the single number a statement counts."""
    return int(ask(product, statement)[0][0])


def compare(product: Product, acks: Sequence[Ack], prices: dict[str, str]) -> Difference:
    """Compare every answer with the order it speaks of, and every order with its answer."""
    kept: dict[str, list[tuple[Any, ...]]] = {}
    for row in ask(product, _ORDERS):
        kept.setdefault(row[0], []).append(row[1:])
    lost, altered = [], []
    for ack in (each for each in acks if each.status == 201):
        name = ack.asked["external_no"]
        found = kept.get(name)
        if not found:
            lost.append(name)
        elif found[0] != _expected(ack, prices):
            altered.append(name)
    accepted = {ack.asked["external_no"] for ack in acks if ack.status == 201}
    return Difference(
        lost=lost,
        altered=altered,
        doubled=[name for name, rows in kept.items() if len(rows) > 1],
        unasked=sorted(kept.keys() - accepted),
    )


def _expected(ack: Ack, prices: dict[str, str]) -> tuple[Any, ...]:
    lines = ack.asked["lines"]
    return (
        json.loads(ack.body)["number"],
        "allocated",
        sum(line["quantity"] for line in lines),
        sum((Decimal(prices[line["sku"]]) * line["quantity"] for line in lines), Decimal(0)),
    )


def lines_not_held(product: Product) -> int:
    """Count order lines whose reservation is missing or other, and reservations of no line."""
    return number(product, _HELD)


def counters(product: Product) -> tuple[int, int]:
    """Return the pieces the stock counters hold, and the sum of open reservations."""
    held, reserved = ask(product, _COUNTERS)[0]
    return int(held), int(reserved)


def undelivered(product: Product) -> int:
    """Count deliveries of facts that are not done."""
    return number(product, _WAITING)


def parcels(product: Product) -> tuple[int, int]:
    """Return how many allocated orders have no parcel, and how many have two."""
    return number(product, _WITHOUT_PARCEL), number(product, _PARCELS_TWICE)


def seconds_until_delivered(product: Product, *, patience: float) -> float | None:
    """Wait until every fact is delivered and return how long it took; None: not in time."""
    began = time.monotonic()
    while undelivered(product):
        if time.monotonic() - began > patience:
            return None
        time.sleep(0.5)
    return time.monotonic() - began
