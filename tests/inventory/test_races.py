"""Many at once: threads with real commits, checked against the ledger afterwards (R1)."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import connection, connections, transaction

from inventory.errors import StockShort
from inventory.models import Move, Reservation
from inventory.services import closing, moves, reservations
from inventory.types import BulkWant
from ops.engines.kernel.errors import OpsError
from tests.inventory.checking import assert_sound
from tests.inventory.factories import AT, ORDER, SYSTEM, TODAY, shop
from tests.support.cluster import OwnDatabase

PIECES = 200
THREADS = 64


def together(jobs: Sequence[Callable[[], object]], *, threads: int = THREADS) -> list[object]:
    """Run jobs at once; a refusal is a result, anything else fails the test."""
    start = threading.Barrier(min(threads, len(jobs)))

    def run(job: Callable[[], object]) -> object:
        with contextlib.suppress(threading.BrokenBarrierError):
            start.wait(timeout=30)
        try:
            return job()
        except OpsError as refusal:
            return refusal
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(threads) as pool:
        done = list(pool.map(run, jobs[:threads]))
        start.abort()
        return done + list(pool.map(run, jobs[threads:]))


@pytest.mark.clause("SCM-2.3-01")
def test_sixty_four_writers_cannot_oversell_the_last_pieces(own_database: OwnDatabase) -> None:
    here = shop()
    sku = here.skus[0]
    here.receive(sku, PIECES)

    done = together([partial(here.reserve, n, (sku, 1 + n % 3)) for n in range(1, 257)])

    refused = [one for one in done if isinstance(one, StockShort)]
    assert len(refused) + sum(isinstance(one, list) for one in done) == 256
    counter = here.stock(sku)
    assert counter.reserved <= counter.on_hand == PIECES
    assert counter.reserved > PIECES - 3  # nobody was refused what was there
    assert_sound()


@pytest.mark.clause("SCM-2.3-01")
def test_carts_in_opposite_order_never_deadlock(own_database: OwnDatabase) -> None:
    here = shop()
    for sku in here.skus:
        here.receive(sku, 60)

    done = together(
        [
            partial(
                here.reserve, n, *((sku, 1) for sku in (here.skus if n % 2 else here.skus[::-1]))
            )
            for n in range(1, 129)
        ]
    )

    assert sum(isinstance(one, list) for one in done) == 60
    assert {here.stock(sku).reserved for sku in here.skus} == {60}
    assert_sound()


def test_a_cart_that_is_short_of_one_holds_nothing_of_the_others(
    own_database: OwnDatabase,
) -> None:
    here = shop()
    for sku, pieces in zip(here.skus, (400, 90, 60), strict=True):
        here.receive(sku, pieces)

    done = together(
        [
            partial(here.reserve, n, *((sku, 1 + n % 2) for sku in here.skus[:: 1 - n % 2 * 2]))
            for n in range(1, 257)
        ]
    )

    held = Reservation.objects.filter(state="open").count()
    assert held == 3 * sum(isinstance(one, list) for one in done)
    assert len({here.stock(sku).reserved for sku in here.skus}) == 1
    assert_sound()


def test_losses_and_reservations_meet_without_a_gap(own_database: OwnDatabase) -> None:
    here = shop()
    sku = here.skus[0]
    here.receive(sku, 100)
    jobs: list[Callable[[], object]] = []
    for n in range(1, 41):
        jobs += [
            partial(here.reserve, n, (sku, 3)),
            partial(here.lose, sku, 2),
            partial(
                reservations.release, source_type=ORDER, source_ids=[n - 1], actor=SYSTEM, at=AT
            ),
        ]

    together(jobs, threads=32)

    counter = here.stock(sku)
    assert counter.on_hand == 100 - 2 * Move.objects.filter(reason="write_off").count()
    assert 0 <= counter.reserved <= counter.on_hand
    assert_sound()


def test_shipping_receiving_and_holding_at_once_keep_the_books(own_database: OwnDatabase) -> None:
    here = shop()
    for sku in here.skus:
        here.receive(sku, 30, "1.37")
    jobs: list[Callable[[], object]] = []
    for n in range(1, 31):
        one, two = here.skus[n % 3], here.skus[(n + 1) % 3]
        jobs += [
            partial(here.ship, n, (one, 2), (two, 1)),
            partial(here.receive, one, 3, "2.11"),
            partial(here.lose, two, 1),
            partial(here.reserve, 1000 + n, (two, 2)),
        ]

    together(jobs, threads=24)

    assert Move.objects.filter(reason="sale").exists()
    assert_sound()


def test_one_effect_key_from_many_threads_posts_once(own_database: OwnDatabase) -> None:
    here = shop()
    draft = here.draft(here.skus[0], 5, here.virtual.supplier, here.warehouse.bin_id)

    done = together([partial(here.post, draft)] * 16, threads=16)

    assert len({posting.moves[0].id for posting in done}) == 1  # type: ignore[attr-defined]
    assert here.stock(here.skus[0]).on_hand == 5


@pytest.mark.clause("SCM-2.3-02")
def test_closing_a_day_waits_for_the_posting_under_way(own_database: OwnDatabase) -> None:
    here = shop()
    sku = here.skus[0]
    here.receive(sku, 5)
    inside, closed = threading.Event(), threading.Event()

    def close() -> None:
        inside.wait(10)
        closing.close_day(warehouse_id=here.warehouse.id, day=TODAY, actor=SYSTEM, at=AT)
        closed.set()
        connection.close()

    closer = threading.Thread(target=close)
    closer.start()
    with transaction.atomic():
        moves.post(
            [here.draft(sku, 1, here.warehouse.bin_id, here.virtual.customer)],
            actor=SYSTEM,
            at=AT,
            business_day=TODAY,
        )
        inside.set()
        assert not closed.wait(0.5)
    closer.join(10)

    assert closed.is_set()
    assert_sound()


def test_bulk_and_single_holders_share_what_there_is(own_database: OwnDatabase) -> None:
    here = shop()
    sku = here.skus[0]
    here.receive(sku, 50)

    def bulk(start: int) -> object:
        with transaction.atomic():
            return reservations.reserve_bulk(
                source_type=ORDER,
                wants=[
                    BulkWant(
                        source_id=start + n,
                        line=1,
                        sku_id=sku,
                        warehouse_id=here.warehouse.id,
                        quantity=1,
                    )
                    for n in range(20)
                ],
                actor=SYSTEM,
                at=AT,
            )

    jobs: list[Callable[[], object]] = [partial(bulk, 1000 * n) for n in range(1, 5)]
    jobs += [partial(here.reserve, n, (sku, 1)) for n in range(1, 13)]
    together(jobs, threads=16)

    assert here.stock(sku).reserved == Reservation.objects.count() == 50
    assert_sound()
