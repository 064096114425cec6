"""R6: with the broker away users notice nothing, and afterwards nothing is missing."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.faults import books, ground, nemesis
from tests.faults.ground import Ground

AWAY_SECONDS = 600 if ground.IS_FULL else 20
LEAST_WRITTEN = 2_000 if ground.IS_FULL else 100
BEFORE_SECONDS = 30 if ground.IS_FULL else 4
DRAINED_SECONDS = 60
pytestmark = pytest.mark.slow


def test_orders_written_without_a_broker_are_all_delivered_later(
    here: Ground, tmp_path: Path
) -> None:
    product = here.product
    clients = here.clients(tmp_path / "acknowledged.jsonl")
    clients.start()
    time.sleep(BEFORE_SECONDS)
    left = time.monotonic()
    with nemesis.broker_away(product):
        time.sleep(AWAY_SECONDS)
        returns = time.monotonic()
        waiting = books.undelivered(product)
    clients.finish()
    before = [ack for ack in clients.acks if ack.ended < left]
    meanwhile = [ack for ack in clients.acks if ack.began > left and ack.ended < returns]
    here.wait_until_healthy()
    drained = books.seconds_until_delivered(product, patience=DRAINED_SECONDS + 30)
    difference = books.compare(product, clients.acks, here.prices)
    verified = product.manage("verify", "all")
    normal, without = ground.median_ms(before), ground.median_ms(meanwhile)
    result = {
        "promise": "R6",
        "seconds": AWAY_SECONDS,
        "accepted": len([ack for ack in clients.acks if ack.status == 201]),
        "written_without_broker": len(meanwhile),
        "waiting_at_return": waiting,
        "seen": dict(clients.seen),
        "median_ms_before": normal,
        "median_ms_without": without,
        "lost": len(difference.lost),
        "drained_s": None if drained is None else round(drained, 1),
        "verify": verified.stdout.splitlines(),
    }
    ground.keep("broker", result)

    assert len(meanwhile) >= LEAST_WRITTEN, result
    assert set(clients.seen) <= {"201", "422"}, result
    assert difference.is_none, difference
    assert clients.unanswered == []
    assert drained is not None, f"{books.undelivered(product)} facts undelivered"
    assert drained <= DRAINED_SECONDS, result
    assert books.parcels(product) == (0, 0)
    assert books.lines_not_held(product) == 0
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert without <= 3 * normal, result
