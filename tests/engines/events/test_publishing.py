"""A fact exists only if the transaction that made it true commits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, ClassVar

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from ops.engines.events import delivery, handling, publishing, selectors
from ops.engines.events.facts import Fact
from ops.engines.events.models import Delivery, StoredFact
from tests.engines.events.conftest import Book, Counted, Packed

AT = datetime(2026, 11, 5, 3, 0, tzinfo=UTC)
DAY = date(2026, 11, 5)


_INSERT = "INSERT INTO events_delivery (fact_id, handler, key, state, attempts, due_at, error)"


def _run(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(text)


@pytest.mark.django_db
def test_publishing_is_one_statement_in_the_order_given(
    book: Book, django_assert_num_queries: Callable[[int], Any]
) -> None:
    facts = [Packed(box_id=n, dated_on=DAY) for n in range(5)]

    with django_assert_num_queries(1):
        publishing.publish(*facts, Counted(box_ids=(1, 2)))

    stored = list(StoredFact.objects.order_by("id"))
    assert [f.name for f in stored] == ["tests.packed"] * 5 + ["tests.counted"]
    assert [f.payload for f in stored[:2]] == [
        {"box_id": 0, "order": ""},
        {"box_id": 1, "order": ""},
    ]
    assert [f.dated_on for f in stored] == [DAY] * 5 + [None]
    assert Delivery.objects.filter(state="pending").count() == 6


@pytest.mark.django_db
def test_a_fact_comes_back_as_it_was(book: Book) -> None:
    fact = Counted(box_ids=(3, 4), lot="L1", best_before=DAY, dated_on=DAY)
    bare = Counted(box_ids=())

    publishing.publish(fact, bare)

    assert delivery.drain(at=AT) == 2
    assert book.batches == [[fact, bare]]


@pytest.mark.django_db
def test_a_fact_nobody_wants_is_kept_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handling, "_handlers", {})

    publishing.publish(Packed(box_id=1))

    assert (StoredFact.objects.count(), Delivery.objects.count()) == (1, 0)


def test_publishing_needs_a_transaction(own_database: object, book: Book) -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        publishing.publish(Packed(box_id=1))

    assert not StoredFact.objects.exists()


def test_a_rolled_back_fact_never_was(own_database: object, book: Book) -> None:
    with transaction.atomic():
        publishing.publish(Packed(box_id=1))
        transaction.set_rollback(True)

    assert not StoredFact.objects.exists()
    assert delivery.drain(at=AT) == 0


def test_two_facts_cannot_share_a_name() -> None:
    with pytest.raises(TypeError, match=r"tests\.packed is declared by"):

        class Twin(Fact):
            name: ClassVar[str] = "tests.packed"


def test_a_fact_holds_ids_texts_and_dates_only() -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Loaded(Fact):
        name: ClassVar[str] = "tests.loaded"
        weight: float

    with pytest.raises(TypeError, match="ids, texts"):
        handling.subscribe(Loaded)


def test_one_function_takes_one_kind_of_fact(book: Book) -> None:
    def take(facts: Sequence[Any]) -> None: ...

    handling.subscribe(Packed)(take)

    with pytest.raises(TypeError, match="already takes"):
        handling.subscribe(Counted)(take)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events_fact SET key = 'x'",
        "DELETE FROM events_fact",
        "TRUNCATE events_fact CASCADE",
        "INSERT INTO events_fact_000000 (name, key, payload, at) VALUES ('x', '', '{}', now())",
        "DELETE FROM events_delivery",
        "UPDATE events_delivery SET handler = 'other'",
        "UPDATE events_delivery SET dated_on = '2027-01-01'",
    ],
)
def test_the_app_role_cannot_rewrite_the_outbox(book: Book, statement: str) -> None:
    publishing.publish(Packed(box_id=1, dated_on=DAY))

    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        _run(statement)

    assert selectors.undelivered(until=DAY) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("statement", "claim"),
    [
        (
            f"{_INSERT} SELECT fact_id, handler, '', 'pending', 0, now(), '' FROM events_delivery",
            "delivery_once",
        ),
        ("UPDATE events_delivery SET state = 'pending', done_at = NULL", "stays done"),
        ("UPDATE events_delivery SET attempts = 0", "stays done"),
    ],
)
def test_a_receipt_cannot_be_taken_back(book: Book, statement: str, claim: str) -> None:
    publishing.publish(Packed(box_id=1))
    delivery.drain(at=AT)

    with pytest.raises(IntegrityError, match=claim), transaction.atomic():
        _run(statement)

    assert delivery.drain(at=AT) == 0
    assert book.boxes == [1]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "claim"),
    [
        ("state = 'lost'", "delivery_state_known"),
        ("state = 'done'", "delivery_done_has_its_moment"),
        ("done_at = now()", "delivery_done_has_its_moment"),
        ("attempts = -1", "delivery_attempts_counted"),
    ],
)
def test_odd_deliveries_are_refused(book: Book, change: str, claim: str) -> None:
    publishing.publish(Packed(box_id=1))

    with pytest.raises(IntegrityError, match=claim), transaction.atomic():
        _run(f"UPDATE events_delivery SET {change}")
