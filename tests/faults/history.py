"""A recorder of the stock ledger and the judge of what it recorded: no service is asked.

The recorder is two triggers in the database under test. They write down, in the transaction that
does it, by how many pieces a shelf (SKU, warehouse) or what is held of it changed. The counter of a
shelf is locked until its change commits, so the order of the records of one shelf is the order of
the commits, as long as the lock is real; the judge sees when it is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

import psycopg2

from tests.faults import books
from tests.support.product import Product

Shelf = tuple[int, int]

_RECORDER = """
CREATE SCHEMA recorder;
CREATE TABLE recorder.change (
    n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, xid xid8 NOT NULL,
    sku bigint NOT NULL, warehouse bigint NOT NULL, shelf bigint NOT NULL, held bigint NOT NULL);
INSERT INTO recorder.change (xid, sku, warehouse, shelf, held) OVERRIDING USER VALUE
SELECT pg_current_xact_id(), m.sku_id, l.warehouse_id,
       sum(CASE WHEN l.id = m.to_location_id THEN m.quantity ELSE -m.quantity END), 0
  FROM public.inventory_move m
  JOIN public.inventory_location l
    ON l.id IN (m.from_location_id, m.to_location_id) AND l.kind = 'bin'
 GROUP BY m.sku_id, l.warehouse_id;

CREATE FUNCTION recorder.move() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, recorder, pg_temp AS $$
BEGIN
    INSERT INTO recorder.change (xid, sku, warehouse, shelf, held)
    SELECT pg_current_xact_id(), NEW.sku_id, l.warehouse_id,
           CASE WHEN l.id = NEW.to_location_id THEN NEW.quantity ELSE -NEW.quantity END, 0
      FROM inventory_location l
     WHERE l.id IN (NEW.from_location_id, NEW.to_location_id) AND l.kind = 'bin';
    RETURN NULL;
END $$;
CREATE TRIGGER recorder_move AFTER INSERT ON public.inventory_move
    FOR EACH ROW EXECUTE FUNCTION recorder.move();

CREATE FUNCTION recorder.reservation() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, recorder, pg_temp AS $$
DECLARE
    v_before bigint :=
        CASE WHEN TG_OP = 'UPDATE' AND OLD.state = 'open' THEN OLD.quantity ELSE 0 END;
    v_after bigint := CASE WHEN NEW.state = 'open' THEN NEW.quantity ELSE 0 END;
BEGIN
    INSERT INTO recorder.change (xid, sku, warehouse, shelf, held)
    VALUES (pg_current_xact_id(), NEW.sku_id, NEW.warehouse_id, 0, v_after - v_before);
    RETURN NULL;
END $$;
CREATE TRIGGER recorder_reservation AFTER INSERT OR UPDATE ON public.inventory_reservation
    FOR EACH ROW EXECUTE FUNCTION recorder.reservation();
"""
_READ = "SELECT sku, warehouse, xid::text, shelf, held FROM recorder.change ORDER BY n"
_COUNTERS = "SELECT sku_id, warehouse_id, on_hand, reserved FROM inventory_stock"


@dataclass(frozen=True, slots=True)
class Change:
    """By how many pieces one transaction changed one shelf, and what is held of it."""

    shelf: Shelf
    xid: str
    pieces: int
    held: int


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the judge found: faults in words, and how much was looked at."""

    faults: list[str]
    transactions: int
    least_free: int
    end: dict[Shelf, tuple[int, int]]


def record(product: Product) -> None:
    """Begin to record; what was posted before is the first record."""
    link = psycopg2.connect(product.run_json()["owner_database_url"])
    try:
        with link, link.cursor() as cursor:
            cursor.execute(_RECORDER)
    finally:
        link.close()


def read(product: Product) -> list[Change]:
    """Return what was recorded, in order."""
    return [
        Change((sku, warehouse), xid, int(pieces), int(held))
        for sku, warehouse, xid, pieces, held in books.ask(product, _READ)
    ]


def counters(product: Product) -> dict[Shelf, tuple[int, int]]:
    """Return what the product's own counters say: on hand and held."""
    return {(sku, place): (on, held) for sku, place, on, held in books.ask(product, _COUNTERS)}


def judge(changes: Iterable[Change]) -> Judgement:
    """Replay every shelf commit by commit: never less than nothing free, never two at once."""
    by_shelf: dict[Shelf, list[Change]] = {}
    for change in changes:
        by_shelf.setdefault(change.shelf, []).append(change)
    faults: list[str] = []
    end: dict[Shelf, tuple[int, int]] = {}
    count, least = 0, 0
    for shelf, listed in by_shelf.items():
        on_hand = held = 0
        seen: set[str] = set()
        for xid, group in _transactions(listed):
            count += 1
            if xid in seen:
                faults.append(f"{shelf}: transaction {xid} was not alone")
            seen.add(xid)
            on_hand += sum(change.pieces for change in group)
            held += sum(change.held for change in group)
            least = min(least, on_hand - held)
            if not 0 <= held <= on_hand:
                faults.append(f"{shelf}: after {xid} {held} are held of {on_hand}")
        end[shelf] = (on_hand, held)
    return Judgement(faults, count, least, end)


def _transactions(changes: Sequence[Change]) -> Iterable[tuple[str, list[Change]]]:
    for xid, group in groupby(changes, key=lambda change: change.xid):
        yield xid, list(group)
