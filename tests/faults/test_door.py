"""S10: a burst of guesses meets ten password checks, whoever it says it comes from, also later."""

from __future__ import annotations

import json
import os
import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults import books, ground
from tests.faults.clients import Door
from tests.faults.ground import Ground
from tests.support.company import PASSWORD
from tests.support.product import Product

BURST = 200
AT_ONCE = 50
TRIES = 10  # an account may be tried so often in a quarter of an hour
LOGIN = "/api/v1/auth/login"
_CHECKED = "SELECT count(*) FROM audit_fact WHERE action = 'identity.sign_in_refused'"
_TRIED = "SELECT count(*) FROM identity_signintry"
_ADDRESSES = "SELECT count(DISTINCT address) FROM identity_signintry"
pytestmark = pytest.mark.slow


def guess(here: Ground, number: int, password: str) -> tuple[int, str]:
    """Try an account as somebody who says each time that they come from elsewhere."""
    door = Door(here.product.port, "", 60)
    sent = json.dumps({"username": "keeper", "password": password})
    forged = {"X-Forwarded-For": f"198.51.{number // 250}.{number % 250}", "X-Real-IP": "10.0.0.1"}
    try:
        reply = door.send("POST", LOGIN, sent, headers=forged)
    finally:
        door.close()
    return reply.status, reply.body


def restarted(product: Product) -> None:
    """Kill the web server with its workers and wait until another one answers."""
    old = product.run_json()["pids"]["web"]
    os.kill(old, signal.SIGKILL)
    deadline = time.monotonic() + 60
    while not product.replaced("web", old):
        assert time.monotonic() < deadline, product.said()
        time.sleep(0.2)


def test_a_burst_meets_ten_checks_and_a_restart_forgets_none(running: Ground) -> None:
    began = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        heard = list(pool.map(lambda n: guess(running, n, f"guess-{n}"), range(BURST)))
    checks = books.number(running.product, _CHECKED)
    restarted(running.product)
    right = guess(running, BURST, PASSWORD)
    ground.keep(
        "burst",
        {
            "promise": "S10", "seconds": round(time.monotonic() - began, 1), "accepted": BURST,
            "lost": checks - TRIES, "checks": checks,
        },
    )  # fmt: skip

    assert Counter(status for status, _body in heard) == {401: TRIES, 429: BURST - TRIES}
    assert len({body for _status, body in heard}) == 2
    assert checks == TRIES == books.number(running.product, _TRIED)
    assert books.number(running.product, _ADDRESSES) == 1
    assert right[0] == 429
