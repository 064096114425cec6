"""W1, W1.hot, W2: orders one at a time, on one SKU, and by the thousand."""

from __future__ import annotations

import datetime as dt
import io
import itertools
import multiprocessing
import os
import random
import time
from collections.abc import Iterator
from decimal import Decimal

from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from customers.services import placing
from customers.types import LineDraft, OrderDraft
from ops.engines.kernel.actor import Actor
from tests.bench import ground
from tests.bench.measure import Row, in_turn

SECONDS = 6
ACTOR = Actor.system("bench")
_numbers = itertools.count(1)

_LIMIT = """
\\set a random_zipfian(1, 33333, 1.05)
\\set b random_zipfian(1, 33333, 1.05) + 33333
\\set c random_zipfian(1, 33333, 1.05) + 66666
BEGIN;
INSERT INTO limits.keys (hash) VALUES ('x');
INSERT INTO limits.orders (external, placed) VALUES ('x', now());
INSERT INTO limits.lines VALUES (currval('limits.orders_id_seq'), :a, 1, 9.9),
    (currval('limits.orders_id_seq'), :b, 1, 9.9), (currval('limits.orders_id_seq'), :c, 1, 9.9);
UPDATE limits.stock SET reserved = reserved + 1 WHERE sku = :a AND on_hand - reserved >= 1;
UPDATE limits.stock SET reserved = reserved + 1 WHERE sku = :b AND on_hand - reserved >= 1;
UPDATE limits.stock SET reserved = reserved + 1 WHERE sku = :c AND on_hand - reserved >= 1;
COMMIT;
"""
_LIMIT_HOT = """
BEGIN;
INSERT INTO limits.keys (hash) VALUES ('x');
INSERT INTO limits.orders (external, placed) VALUES ('x', now());
INSERT INTO limits.lines VALUES (currval('limits.orders_id_seq'), 1, 1, 9.9);
UPDATE limits.stock SET reserved = reserved + 1 WHERE sku = 1 AND on_hand - reserved >= 1;
COMMIT;
"""


def draft(source: random.Random, lines: int, skus: list[int] | None = None) -> OrderDraft:
    """Return an order nobody has handed in before."""
    chosen = skus or ground.draw(source, lines)
    return OrderDraft(
        external_no=f"{os.getpid()}-{next(_numbers)}-{source.random()}",
        placed_at=ground.NOW,
        paid_at=ground.NOW,
        lines=tuple(
            LineDraft(code=f"B{sku}", quantity=1, unit_price=Decimal("9.90")) for sku in chosen
        ),
    )


def _place_for(seconds: float, seed: int, hot: bool, done: multiprocessing.Queue[int]) -> None:
    connections.close_all()
    source = random.Random(seed)
    count, end = 0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        placing.place_order(
            draft(source, 3, [1] if hot else None), channel="bench", actor=ACTOR,
            at=dt.datetime.now(dt.UTC),
        )  # fmt: skip
        count += 1
    done.put(count)


def _together(processes: int, *, hot: bool) -> float:
    connections.close_all()
    done: multiprocessing.Queue[int] = multiprocessing.get_context("fork").Queue()
    workers = [
        multiprocessing.get_context("fork").Process(
            target=_place_for,
            args=(SECONDS, random.randrange(10**9), hot, done),
        )
        for _number in range(processes)
    ]
    for worker in workers:
        worker.start()
    total = sum(done.get() for _worker in workers)
    for worker in workers:
        worker.join()
    return total / SECONDS


def statements_of_one() -> int:
    """Return how many statements one order takes."""
    with CaptureQueriesContext(connection) as captured:
        placing.place_order(
            draft(random.Random(1), 3),
            channel="bench",
            actor=ACTOR,
            at=ground.NOW,
        )
    return len(captured)


def single() -> Iterator[Row]:
    """W1: place an order of three lines, in-process, two processes."""
    project, limit = in_turn(
        lambda: _together(2, hot=False),
        lambda: ground.pgbench(_LIMIT, clients=2, for_seconds=SECONDS),
    )
    yield Row(
        "W1", "place an order, 3 lines, 2 processes", "orders/s", project, limit, 0.25,
        statements=statements_of_one(),
    )  # fmt: skip


def hot() -> Iterator[Row]:
    """W1.hot: everybody wants the same SKU."""
    project, limit = in_turn(
        lambda: _together(8, hot=True),
        lambda: ground.pgbench(_LIMIT_HOT, clients=8, for_seconds=SECONDS),
    )
    yield Row("W1.hot", "the same on one SKU, 8 processes", "orders/s", project, limit, 0.2)


BATCH = 1_000
BATCHES = 10


def _bulk() -> float:
    source = random.Random(next(_numbers))
    batches = [[draft(source, 3) for _order in range(BATCH)] for _batch in range(BATCHES)]
    started = time.perf_counter()
    for drafts in batches:
        placing.place_orders(drafts, channel="bench", actor=ACTOR, at=ground.NOW)
    return BATCH * BATCHES / (time.perf_counter() - started)


def _bulk_limit() -> float:
    source = random.Random(next(_numbers))
    texts = []
    for batch in range(BATCHES):
        rows = io.StringIO()
        for order in range(BATCH):
            for line, sku in enumerate(ground.draw(source, 3)):
                rows.write(f"{batch}-{order}\t{line}\t{sku}\t1\t9.9\n")
        texts.append(rows.getvalue())
    link = ground.connect()
    started = time.perf_counter()
    for text in texts:
        with link, link.cursor() as cursor:
            cursor.copy_expert("COPY limits.stage FROM STDIN", io.StringIO(text))
            cursor.execute(_BULK_LIMIT)
    elapsed = time.perf_counter() - started
    link.close()
    return BATCH * BATCHES / elapsed


_BULK_LIMIT = """
WITH o AS (INSERT INTO limits.orders (external, placed)
           SELECT DISTINCT external, now() FROM limits.stage RETURNING id, external),
l AS (INSERT INTO limits.lines SELECT o.id, s.sku, s.quantity, s.price
        FROM limits.stage s JOIN o USING (external))
UPDATE limits.stock t SET reserved = reserved + w.quantity
  FROM (SELECT sku, sum(quantity) AS quantity FROM limits.stage GROUP BY sku) w
 WHERE t.sku = w.sku AND t.on_hand - t.reserved >= w.quantity;
DELETE FROM limits.stage;
"""


def bulk() -> Iterator[Row]:
    """W2: orders in batches of a thousand."""
    project, limit = in_turn(_bulk, _bulk_limit)
    yield Row("W2", "orders in batches of 1,000, 3 lines", "orders/s", project, limit, 0.5)
