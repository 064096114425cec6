"""Several workers at once, a worker that dies, a broker that is away."""

from __future__ import annotations

import threading
import time
from collections import Counter as Tally
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from celery import Celery, current_app
from django.db import DatabaseError, InterfaceError, connection, transaction

from ops.engines.events import delivery, nudging, publishing, tasks
from ops.engines.events.facts import Fact
from ops.engines.events.models import Delivery
from ops.engines.numbering import services as numbering
from ops.engines.numbering.models import Counter
from tests.engines.events.conftest import Book, Packed
from tests.support.cluster import OwnDatabase

AT = datetime(2026, 11, 5, 3, 0, tzinfo=UTC)


def _publish(*facts: Fact) -> None:
    with transaction.atomic():
        publishing.publish(*facts)


def _count_boxes(facts: Sequence[Fact]) -> None:
    numbering.take("BOX", at=AT, count=len(facts))


def _drain(_worker: int = 0) -> int:
    try:
        return delivery.drain(at=AT)
    finally:
        connection.close()


def test_two_workers_share_the_work_and_nothing_is_done_twice(
    own_database: OwnDatabase, book: Book
) -> None:
    _publish(*[Packed(box_id=n, order=f"K{n % 7}" if n % 2 else "") for n in range(300)])
    book.effect = _count_boxes

    def work(_worker: int) -> int:
        try:
            total = 0
            while done := delivery.deliver_due(at=AT, limit=5).delivered:
                total += done
            return total
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    _drain()

    assert Tally(book.boxes) == Tally(range(300))
    assert Counter.objects.get().last == 300
    for key in range(7):
        mine = [n for n in book.boxes if n % 2 and n % 7 == key]
        assert mine == sorted(mine)


def test_a_key_in_work_is_not_overtaken_by_another_worker(
    own_database: OwnDatabase, book: Book
) -> None:
    _publish(Packed(box_id=1, order="A"))
    begun, go = threading.Event(), threading.Event()

    def effect(_facts: Sequence[Fact]) -> None:
        begun.set()
        assert go.wait(10)

    book.effect = effect
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(_drain)
        assert begun.wait(10)
        book.effect = lambda facts: None
        _publish(Packed(box_id=2, order="A"), Packed(box_id=3))

        assert delivery.deliver_due(at=AT).delivered == 1
        assert book.boxes == [1, 3]
        go.set()
        first.result(timeout=10)

    _drain()
    assert book.boxes == [1, 3, 2]


def test_a_worker_that_dies_in_the_middle_leaves_no_trace(
    own_database: OwnDatabase, book: Book
) -> None:
    _publish(Packed(box_id=1))

    def die(facts: Sequence[Fact]) -> None:
        numbering.take("BOX", at=AT, count=len(facts))
        with own_database.connect(superuser=True).cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        raise SystemExit

    book.effect = die
    with pytest.raises((SystemExit, DatabaseError, InterfaceError)):
        delivery.deliver_due(at=AT)
    connection.close()

    assert Delivery.objects.get().attempts == 0
    assert not Counter.objects.exists()
    book.effect = _count_boxes
    assert delivery.drain(at=AT) == 1
    assert Counter.objects.get().last == 1


def test_a_broker_that_is_away_is_not_felt_and_nothing_is_missing(
    own_database: OwnDatabase, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = Celery("gone", broker="redis://127.0.0.1:1/0", set_as_current=False)
    monkeypatch.setattr(nudging, "current_app", gone)

    begun = time.monotonic()
    for number in range(200):
        _publish(Packed(box_id=number))
    took = time.monotonic() - begun

    assert took < 4, "publishing waited for the broker"
    assert book.boxes == []
    tasks.deliver()
    assert book.boxes == list(range(200))


def test_the_wake_up_swallows_whatever_the_broker_says(monkeypatch: pytest.MonkeyPatch) -> None:
    class Angry:
        def send_task(self, *_names: str, **_options: object) -> None:
            raise ConnectionResetError("no broker")

    monkeypatch.setattr(nudging, "current_app", Angry())

    assert not nudging.send()


def test_a_silent_broker_is_not_felt(
    own_database: OwnDatabase, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = threading.Event()
    monkeypatch.setattr(nudging, "send", lambda: release.wait(5))

    begun = time.monotonic()
    _publish(Packed(box_id=1))
    took = time.monotonic() - begun
    release.set()

    assert took < 1


def test_one_transaction_asks_once_and_a_rolled_back_one_never(
    own_database: OwnDatabase, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def ask() -> None:
        asked.append(1)

    monkeypatch.setattr(nudging, "ask", ask)
    with transaction.atomic():
        publishing.publish(Packed(box_id=1))
        publishing.publish(Packed(box_id=2))
    with transaction.atomic():
        publishing.publish(Packed(box_id=3))
        transaction.set_rollback(True)

    assert asked == [1]


def test_the_wake_up_is_a_task_that_survives_its_worker() -> None:
    task = current_app.tasks[nudging.TASK]

    assert (task.acks_late, task.reject_on_worker_lost) == (True, True)


def test_every_thread_sends_to_our_own_app() -> None:
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: current_app.main).result() == "guifan"
