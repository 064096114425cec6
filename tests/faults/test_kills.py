"""R2: an acknowledged order survives kill -9 of web, worker, beat, broker and database.

Every order wants the same goods, so that R1's least rate of reservations is measured here: while
parts are killed.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.faults import books, ground, nemesis
from tests.faults.clients import Ack
from tests.faults.ground import Ground
from tests.faults.nemesis import Kill

SECONDS = 90 if ground.IS_FULL else 25
SEED = 20261121
LEAST_HOT = 60 if ground.IS_FULL else 1  # reservations of one SKU a second (R1), kills included
pytestmark = pytest.mark.slow


def slowest_write(kills: Sequence[Kill], acks: Sequence[Ack]) -> float:
    """Return the longest time from a kill to the first answer of an order begun after it."""
    ended = sorted((ack.began, ack.ended) for ack in acks)
    waits = [
        min((end for began, end in ended if began >= kill.at), default=float("inf")) - kill.at
        for kill in kills
    ]
    return max(waits)


def test_no_acknowledged_order_is_lost_when_processes_are_killed(
    here: Ground, tmp_path: Path
) -> None:
    product = here.product
    clients = here.clients(tmp_path / "acknowledged.jsonl")
    clients.start()
    began = time.monotonic()
    kills = nemesis.kill_for(product, seconds=SECONDS, seed=SEED)
    ended = time.monotonic()
    clients.finish()
    here.wait_until_healthy()
    accepted = [ack for ack in clients.acks if ack.status == 201]
    hot = sum(ack.ended <= ended for ack in accepted) / (ended - began)
    drained = books.seconds_until_delivered(product, patience=90)
    difference = books.compare(product, clients.acks, here.prices)
    repeated = clients.ask_again(clients.acks)
    verified = product.manage("verify", "all")
    back = [kill.back_after for kill in kills]
    result = {
        "promise": "R2",
        "seconds": SECONDS,
        "kills": dict(Counter(kill.part for kill in kills)),
        "accepted": len(accepted),
        "retried": sum(ack.tries > 1 for ack in clients.acks),
        "seen": dict(clients.seen),
        "median_ms": ground.median_ms(accepted),
        "hot_per_s": round(hot, 1),
        "lost": len(difference.lost),
        "altered": len(difference.altered),
        "doubled": len(difference.doubled),
        "unasked": len(difference.unasked),
        "other_answer": len(repeated),
        "part_back_s": round(max((x for x in back if x is not None), default=0.0), 1),
        "writable_s": round(slowest_write(kills, accepted), 1),
        "drained_s": None if drained is None else round(drained, 1),
        "verify": verified.stdout.splitlines(),
    }
    ground.keep("kills", result)

    assert len(accepted) > 100, result
    assert difference.is_none, difference
    assert clients.unanswered == []
    assert {ack.status for ack in clients.acks} <= {201, 422}, result
    assert all(ack.status == 422 for ack in clients.acks if "NO-SUCH-SKU" in ack.question)
    assert repeated == [], repeated[:3]
    assert books.lines_not_held(product) == 0
    held, reserved = books.counters(product)
    assert held == reserved
    assert drained is not None, f"{books.undelivered(product)} facts undelivered"
    assert books.parcels(product) == (0, 0)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert None not in back, kills
    assert hot >= LEAST_HOT, result
    assert slowest_write(kills, accepted) <= nemesis.BACK_SECONDS, result
