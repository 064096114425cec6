"""R5 and R11: a network that loses answers, delays, resets and goes silent has no second effect."""

from __future__ import annotations

import http.client
import itertools
import json
import os
import random
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings

from tests.faults import books, ground
from tests.faults.clients import Door, Reply
from tests.faults.ground import Ground
from tests.support.behind import REQUEST_SECONDS, Behind, behind_proxies
from tests.support.product import Product
from tests.support.proxy import Line, Proxy

KEYS = 200 if ground.IS_FULL else 12
REPEATS = 16 if ground.IS_FULL else 4
ROUNDS = 4 if ground.IS_FULL else 1  # of every fault on every wire
PARTED_SECONDS = (30, 30, 2, 4) if ground.IS_FULL else (1.5,)
SLOW_SECONDS = 6 if ground.IS_FULL else 2
BETWEEN_SECONDS = (1, 2) if ground.IS_FULL else (0.3, 0.6)
KEPT = b"INSERT INTO http_idempotencykey"
STUCK_SECONDS = 30  # promise R11
AGAIN_SECONDS = 30  # promise R3
CLAIM = b"FOR NO KEY UPDATE OF d SKIP LOCKED"
# The n-th statement of a delivery: killed as it is sent, or as its answer comes.
FAILPOINTS = [(n, side) for n in range(1, 11) for side in ("sent", "answered")]
POINTS = FAILPOINTS if ground.IS_FULL else random.Random(3).sample(FAILPOINTS, 3)
FAULTS = [(wire, fault) for wire in ("database", "broker") for fault in ("reset", "silent", "part")]
SEEN = FAULTS if ground.IS_FULL else [("database", "part"), ("broker", "reset")]
BACK_SECONDS = 10
NOTICED_SECONDS = 9  # keep-alives of the settings
LOST = (http.client.HTTPException, OSError)
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def net(running: Ground) -> Iterator[tuple[Ground, Behind]]:
    """Put a web server and the only worker of the running product behind proxies."""
    with behind_proxies(running.product) as behind:
        yield running, behind


@pytest.fixture(autouse=True)
def healed(net: tuple[Ground, Behind]) -> Iterator[None]:
    """Leave a sound network to the next test."""
    yield
    for proxy in (net[1].web, net[1].database, net[1].broker):
        proxy.on_question = proxy.on_answer = proxy.delay = None
        proxy.heal()


def question(here: Ground, name: str, quantity: int = 1) -> str:
    """Return a small order, the same text each time."""
    now = datetime(2026, 11, 26, 4, tzinfo=UTC).isoformat()
    lines = [{"sku": min(here.prices), "quantity": quantity}]
    told = {"channel": here.channel, "external_no": name, "placed_at": now, "paid_at": now}
    return json.dumps(told | {"lines": lines})


def until_answered(port: int, token: str, key: str, asked: str) -> Reply:
    """Ask again, on a new connection each time, until a definite answer comes."""
    door, deadline = Door(port, token, 40), time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            reply = door.ask(key, asked)
        except LOST:
            continue
        finally:
            door.close()
        if reply.status < 500 and not (reply.status == 409 and "in_flight" in reply.body):
            return reply
        time.sleep(0.1)
    raise AssertionError(f"{key} was never answered")


def orders_named(product: Product, pattern: str) -> int:
    """Count orders by their external number."""
    found = f"SELECT count(*) FROM customers_order WHERE external_no LIKE '{pattern}'"
    return books.number(product, found)


class LosingAnswers:
    """Loses half of the answers on their way and remembers what it lost."""

    def __init__(self) -> None:
        self.draws, self.lock = random.Random(5), threading.Lock()
        self.lost: list[str] = []

    def __call__(self, line: Line, data: bytes) -> bool:
        with self.lock:
            if self.draws.random() < 0.5:
                return True
            self.lost.append(data.decode())
            return False


def test_an_answer_that_was_lost_is_given_again_byte_for_byte(
    net: tuple[Ground, Behind],
) -> None:
    here, behind = net
    began = time.monotonic()
    behind.web.on_answer = losing = LosingAnswers()
    names = [f"L{n:04}" for n in range(KEYS)]
    asked = [name for name in names for _ in range(REPEATS)]
    random.Random(7).shuffle(asked)
    with ThreadPoolExecutor(12) as pool:
        replies = list(
            pool.map(
                lambda name: until_answered(
                    behind.web.port, here.token, f"key-{name}", question(here, name)
                ),
                asked,
            )
        )
    answers: dict[str, set[Reply]] = {}
    for name, reply in zip(asked, replies, strict=True):
        answers.setdefault(name, set()).add(reply)
    first = {name: next(iter(found)) for name, found in answers.items()}
    # The server sends head and body apart: either may be what was lost.
    bodies = (text.rpartition("\r\n\r\n")[2] for text in losing.lost)
    lost_bodies = [body for body in bodies if '"number"' in body]
    placed = orders_named(here.product, "L%")
    result = {
        "promise": "R5",
        "seconds": round(time.monotonic() - began, 1),
        "accepted": len(first),
        "lost": KEYS - placed,
        "doubled": placed - len(first),
        "other_answer": sum(len(found) - 1 for found in answers.values()),
        "answers_lost": len(losing.lost),
    }
    ground.keep("answers", result)

    assert all(len(found) == 1 for found in answers.values()), answers
    assert {reply.status for reply in first.values()} == {201}
    assert len(lost_bodies) >= KEYS // 8, result
    assert set(lost_bodies) <= {reply.body for reply in first.values()}
    assert placed == KEYS, result


def test_the_same_key_with_another_body_is_refused_after_a_lost_answer(
    net: tuple[Ground, Behind],
) -> None:
    here, behind = net
    behind.web.on_answer = lambda _line, _data: False
    door = Door(behind.web.port, here.token)
    with pytest.raises(LOST):
        door.ask("key-B1", question(here, "B1"))
    behind.web.on_answer = None

    other = door.ask("key-B1", question(here, "B1", quantity=2))
    same = door.ask("key-B1", question(here, "B1"))

    assert (other.status, json.loads(other.body)["code"]) == (422, "http.idempotency_reused")
    assert same.status == 201
    assert orders_named(here.product, "B1") == 1


def test_a_repeat_while_the_first_is_under_way_is_told_so(net: tuple[Ground, Behind]) -> None:
    here, behind = net
    held, free = threading.Event(), threading.Event()

    def hold(_line: Line, data: bytes) -> bool:
        if KEPT in data and b"key-H1" in data and not held.is_set():
            held.set()
            free.wait(20)
        return True

    behind.database.on_question = hold
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(until_answered, behind.port, here.token, "key-H1", question(here, "H1"))
        assert held.wait(20)
        during = Door(behind.port, here.token).ask("key-H1", question(here, "H1"))
        free.set()
        answer = first.result(timeout=30)
    after = Door(behind.port, here.token).ask("key-H1", question(here, "H1"))

    assert (during.status, json.loads(during.body)["code"]) == (409, "http.in_flight")
    assert answer.status == 201
    assert after == answer
    assert orders_named(here.product, "H1") == 1


@pytest.mark.parametrize("turn", range(5 if ground.IS_FULL else 2))
def test_a_server_killed_between_commit_and_answer_answers_what_it_would_have(
    net: tuple[Ground, Behind], turn: int
) -> None:
    here, behind = net
    name = f"K{turn}"
    killed = threading.Event()

    def mark(line: Line, data: bytes) -> bool:
        if KEPT in data and f"key-{name}".encode() in data:
            line.marks.add(name)
        return True

    def kill_at_commit(line: Line, data: bytes) -> bool:
        if name in line.marks and b"COMMIT\0" in data and not killed.is_set():
            assert behind.kill_children("web")
            killed.set()
        return True

    behind.database.on_question, behind.database.on_answer = mark, kill_at_commit
    with pytest.raises(LOST):
        Door(behind.port, here.token, 20).ask(f"key-{name}", question(here, name))
    assert killed.is_set()
    committed = books.ask(
        here.product,
        f"SELECT convert_from(body, 'UTF8') FROM http_idempotencykey WHERE key = 'key-{name}'",
    )
    behind.database.on_question = behind.database.on_answer = None
    behind.wait_until_it_answers()

    again = until_answered(behind.port, here.token, f"key-{name}", question(here, name))

    assert [(again.body,)] == committed
    assert again.status == 201
    assert orders_named(here.product, name) == 1


def spoil(wire: Proxy, kind: str, parted: Iterator[float]) -> None:
    """Let one fault happen; one that lasts is over when this returns, but for the silence."""
    if kind == "reset":
        wire.reset()
    elif kind == "silent":
        wire.go_silent(noticed_after=NOTICED_SECONDS)
    elif kind == "part":
        wire.part()
        time.sleep(next(parted))
        wire.heal()
    else:
        wire.delay = (0.2, 2.0)
        time.sleep(SLOW_SECONDS)
        wire.delay = None


def test_no_fault_of_the_network_doubles_loses_or_hangs(
    net: tuple[Ground, Behind], tmp_path: Path
) -> None:
    here, behind = net
    clients = here.clients(tmp_path / "acknowledged.jsonl")
    clients.port, clients.patience = behind.port, 60
    draws = random.Random(11)
    began, faults = time.monotonic(), 0
    clients.start(6)
    time.sleep(2)
    parted = itertools.cycle(PARTED_SECONDS)
    for kind in ("reset", "slow", "part", "silent") * ROUNDS:  # the silence goes on by itself
        for spoilt in (behind.database, behind.broker):
            spoil(spoilt, kind, parted)
            faults += 1
            time.sleep(draws.uniform(*BETWEEN_SECONDS))
    clients.finish()
    drained = books.seconds_until_delivered(here.product, patience=60)
    difference = books.compare(here.product, clients.acks, here.prices)
    result = {
        "promise": "R11",
        "seconds": round(time.monotonic() - began, 1),
        "faults": faults,
        "accepted": sum(ack.status == 201 for ack in clients.acks),
        "lost": len(difference.lost),
        "doubled": len(difference.doubled),
        "longest_s": round(clients.longest, 1),
        "seen": dict(clients.seen),
        "drained_s": None if drained is None else round(drained, 1),
    }
    ground.keep("network", result)

    assert faults == 8 * ROUNDS
    assert sum(ack.status == 201 for ack in clients.acks) >= 3 * faults, result
    assert difference.is_none, difference
    assert clients.unanswered == []
    assert clients.longest <= STUCK_SECONDS, result
    assert set(clients.seen) <= {"201", "422", "409", "503"}, result
    assert drained is not None, result
    assert books.parcels(here.product) == (0, 0)
    held, reserved = books.counters(here.product)
    assert held == reserved


def test_a_request_whose_database_is_silent_for_ever_is_cut_and_answered(
    net: tuple[Ground, Behind],
) -> None:
    here, behind = net
    hushed = threading.Event()

    def hush(line: Line, data: bytes) -> bool:
        if KEPT in data and b"key-S1" in data and not hushed.is_set():
            line.is_dead = True
            hushed.set()
        return True

    behind.database.on_question = hush
    began = time.monotonic()
    reply = Door(behind.port, here.token, 40).ask("key-S1", question(here, "S1"))
    seconds = time.monotonic() - began
    behind.database.on_question = None

    again = until_answered(behind.port, here.token, "key-S1", question(here, "S1"))

    assert reply.status == 503
    assert REQUEST_SECONDS <= seconds <= REQUEST_SECONDS + 5
    assert again.status == 201
    assert orders_named(here.product, "S1") == 1


def test_the_kernel_is_told_to_look_for_a_server_that_is_gone(net: tuple[Ground, Behind]) -> None:
    _here, behind = net
    told = settings.DATABASES["default"]["OPTIONS"]
    link = psycopg2.connect(
        behind.url("default"), **{name: value for name, value in told.items() if name != "options"}
    )
    with socket.socket(fileno=os.dup(link.fileno())) as wire:
        idle, every, times = (
            wire.getsockopt(socket.IPPROTO_TCP, option)
            for option in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
        )
        is_on = wire.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        unheard = wire.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
    link.close()

    assert is_on
    assert idle + every * times <= NOTICED_SECONDS
    assert 0 < unheard <= NOTICED_SECONDS * 1000


@pytest.mark.parametrize(("wire", "fault"), SEEN)
def test_the_worker_is_back_soon_after_the_network_is(
    net: tuple[Ground, Behind], wire: str, fault: str
) -> None:
    here, behind = net
    spoilt = behind.database if wire == "database" else behind.broker
    assert books.seconds_until_delivered(here.product, patience=60) is not None
    if fault == "reset":
        spoilt.reset()
    elif fault == "silent":
        spoilt.go_silent(noticed_after=NOTICED_SECONDS)
        time.sleep(NOTICED_SECONDS)
    else:
        spoilt.part()
        time.sleep(5)
        spoilt.heal()
    name = f"W-{wire}-{fault}"
    began = time.monotonic()
    placed = until_answered(here.product.port, here.token, f"key-{name}", question(here, name))
    drained = books.seconds_until_delivered(here.product, patience=60)
    back = time.monotonic() - began
    ground.keep(f"back-{wire}-{fault}", {"promise": "R11", "part_back_s": round(back, 1)})

    assert placed.status == 201
    assert drained is not None
    assert back <= BACK_SECONDS, (wire, fault, back)


@pytest.mark.parametrize(("statement", "side"), POINTS)
def test_a_worker_killed_in_the_middle_of_a_task_has_its_effect_once_and_soon(
    net: tuple[Ground, Behind], statement: int, side: str
) -> None:
    here, behind = net
    assert books.seconds_until_delivered(here.product, patience=60) is not None
    killed, lock, count = threading.Event(), threading.Lock(), 0

    def strike() -> bool:
        if killed.is_set():
            return True
        killed.set()
        assert behind.kill_children("worker")
        return False

    def sent(line: Line, data: bytes) -> bool:
        nonlocal count
        with lock:
            if CLAIM in data:
                line.marks.add("claims")
            if "claims" not in line.marks:
                return True
            count += 1
            return strike() if side == "sent" and count >= statement else True

    def answered(line: Line, _data: bytes) -> bool:
        with lock:
            is_due = side == "answered" and "claims" in line.marks and count >= statement
            return strike() if is_due else True

    behind.database.on_question, behind.database.on_answer = sent, answered
    name = f"X{statement}-{side}"
    placed = until_answered(here.product.port, here.token, f"key-{name}", question(here, name))
    assert killed.wait(30)
    began = time.monotonic()
    behind.database.on_question = behind.database.on_answer = None
    again = books.seconds_until_delivered(here.product, patience=60)
    seconds = round(time.monotonic() - began, 1)
    ground.keep(f"again-{name}", {"promise": "R3", "part_back_s": seconds})

    assert placed.status == 201
    assert again is not None
    assert seconds <= AGAIN_SECONDS
    assert books.parcels(here.product) == (0, 0)
