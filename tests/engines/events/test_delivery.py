"""Every fact has its effect once, in order where order matters, whatever fails."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction

from ops.engines.audit import selectors as audit_trail
from ops.engines.events import delivery, handling, publishing, selectors, services
from ops.engines.events.errors import DeliveryMissing, DeliveryNotParked
from ops.engines.events.facts import Fact
from ops.engines.events.models import Delivery
from ops.engines.events.types import DeliveryReport
from ops.engines.kernel.actor import Actor, ActorKind
from ops.engines.numbering import services as numbering
from ops.engines.numbering.models import Counter
from tests.engines.events.conftest import Book, Packed

AT = datetime(2026, 11, 5, 3, 0, tzinfo=UTC)
DAY = date(2026, 11, 5)
MANAGER = Actor(
    kind=ActorKind.PERSON,
    name="manager",
    person_id=1,
    roles=frozenset({"information_supervisor"}),
)

pytestmark = pytest.mark.django_db


class Broken(Exception):
    pass


def _failing_on(*boxes: int) -> handling.Handle[Fact]:
    def effect(facts: Sequence[Fact]) -> None:
        numbering.take("BOX", at=AT, count=len(facts))  # an effect that must go when it fails
        if any(f.box_id in boxes for f in facts if isinstance(f, Packed)):
            raise Broken("no \x00room")

    return effect


def _effects() -> int:
    return sum(Counter.objects.values_list("last", flat=True))


def test_a_batch_is_handled_at_once_and_once(book: Book) -> None:
    publishing.publish(*[Packed(box_id=n) for n in range(1500)])

    assert delivery.deliver_due(at=AT) == DeliveryReport(delivered=1000)
    assert delivery.drain(at=AT) == 500
    assert delivery.drain(at=AT) == 0
    assert [len(batch) for batch in book.batches] == [1000, 500]
    assert book.boxes == list(range(1500))


def test_one_bad_fact_does_not_hold_the_good_ones(book: Book) -> None:
    publishing.publish(*[Packed(box_id=n) for n in range(5)])
    book.effect = _failing_on(2)

    assert delivery.deliver_due(at=AT) == DeliveryReport(delivered=4, failed=1)

    assert _effects() == 4
    (left,) = Delivery.objects.exclude(state="done")
    assert (left.state, left.attempts, left.error) == (
        "pending",
        1,
        "Broken: no room",
    )
    assert left.due_at == AT + timedelta(seconds=2)


def test_a_handler_that_fails_then_works_has_one_effect(book: Book) -> None:
    publishing.publish(Packed(box_id=1))
    book.effect = _failing_on(1)
    assert delivery.deliver_due(at=AT) == DeliveryReport(failed=1)
    assert _effects() == 0
    book.effect = _failing_on()

    assert delivery.deliver_due(at=AT + timedelta(seconds=1)) == DeliveryReport()
    assert delivery.deliver_due(at=AT + timedelta(seconds=2)) == DeliveryReport(delivered=1)

    assert _effects() == 1
    assert book.boxes == [1, 1]
    assert Delivery.objects.get().error == ""


def test_waits_double_and_the_eighth_failure_parks(book: Book) -> None:
    publishing.publish(Packed(box_id=1, dated_on=DAY))
    book.effect = _failing_on(1)
    at, waits = AT, []

    for _ in range(8):
        delivery.deliver_due(at=at)
        due_at = Delivery.objects.get().due_at
        waits.append((due_at - at).total_seconds())
        at = due_at

    assert waits == [2, 4, 8, 16, 32, 64, 128, 256]
    (parked,) = selectors.parked()
    assert (parked.fact, parked.state, parked.attempts) == ("tests.packed", "parked", 8)
    assert delivery.deliver_due(at=at + timedelta(days=9)) == DeliveryReport()
    assert selectors.undelivered(until=DAY) == 1
    assert _effects() == 0


def test_a_parked_fact_is_tried_again_by_hand_and_audited(book: Book) -> None:
    publishing.publish(Packed(box_id=1))
    Delivery.objects.update(state="parked", attempts=8, error="Broken: x")
    number = Delivery.objects.get().id

    info = services.retry(delivery_id=number, actor=MANAGER, at=AT)

    assert (info.state, info.attempts) == ("pending", 0)
    (entry,) = audit_trail.timeline(object_type="events.delivery", object_id=number)
    assert (entry.action, entry.person_id) == ("events.delivery_retried", 1)
    assert entry.body["error"] == "Broken: x"
    assert delivery.drain(at=AT) == 1
    with pytest.raises(DeliveryNotParked):
        services.retry(delivery_id=number, actor=MANAGER, at=AT)
    with pytest.raises(DeliveryMissing):
        services.retry(delivery_id=number + 1, actor=MANAGER, at=AT)


def test_an_earlier_failure_holds_the_later_facts_of_its_key_only(book: Book) -> None:
    publishing.publish(
        Packed(box_id=1, order="A"),
        Packed(box_id=2, order="A"),
        Packed(box_id=3, order="B"),
        Packed(box_id=4),
        Packed(box_id=5, order="A"),
    )
    book.effect = _failing_on(1)

    assert delivery.deliver_due(at=AT) == DeliveryReport(delivered=2, failed=1)
    assert delivery.drain(at=AT) == 0
    Delivery.objects.filter(state="pending", attempts=1).update(state="parked")
    book.effect = _failing_on()
    assert delivery.drain(at=AT + timedelta(days=1)) == 0

    services.retry(delivery_id=selectors.parked()[0].delivery_id, actor=MANAGER, at=AT)
    book.batches.clear()
    assert delivery.drain(at=AT) == 3
    assert book.boxes == [1, 2, 5]


def test_facts_of_one_key_share_a_batch_in_order(book: Book) -> None:
    publishing.publish(*[Packed(box_id=n, order=f"K{n % 2}") for n in range(6)])

    assert delivery.deliver_due(at=AT, limit=4) == DeliveryReport(delivered=4)
    assert delivery.drain(at=AT) == 2

    assert book.boxes == [0, 1, 2, 3, 4, 5]
    assert [len(batch) for batch in book.batches] == [4, 2]


def test_a_handler_that_fails_blocks_no_other(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    @handling.subscribe(Packed)
    def second(facts: Sequence[Packed]) -> None:
        seen.extend(fact.box_id for fact in facts)

    publishing.publish(Packed(box_id=1))
    book.effect = _failing_on(1)

    assert delivery.deliver_due(at=AT) == DeliveryReport(delivered=1, failed=1)
    assert seen == [1]


def test_what_the_commit_would_refuse_is_refused_in_the_batch(book: Book) -> None:
    def effect(_facts: Sequence[Fact]) -> None:
        # A foreign key is checked at commit: only then does this show.
        Delivery.objects.create(fact_id=10**12, handler="x", key="", due_at=AT)

    publishing.publish(Packed(box_id=1))
    book.effect = effect

    assert delivery.deliver_due(at=AT) == DeliveryReport(failed=1)
    assert Delivery.objects.get().error.startswith("IntegrityError")


def test_depths_count_what_is_not_done(book: Book) -> None:
    publishing.publish(*[Packed(box_id=n, dated_on=DAY) for n in range(3)])
    delivery.deliver_due(at=AT, limit=1)
    Delivery.objects.filter(state="pending").filter(
        id=Delivery.objects.filter(state="pending").order_by("id").first().id  # type: ignore[union-attr]
    ).update(state="parked")

    (depth,) = selectors.queue_depths()
    assert (depth.pending, depth.parked) == (1, 1)
    assert selectors.undelivered(until=DAY) == 2
    assert selectors.undelivered(until=DAY - timedelta(days=1)) == 0
    assert selectors.undelivered(until=DAY, handlers_prefix="tests.") == 2
    assert selectors.undelivered(until=DAY, handlers_prefix="finance.") == 0


def test_delivery_inside_a_callers_transaction_is_undone_with_it(book: Book) -> None:
    publishing.publish(Packed(box_id=1))

    with transaction.atomic():
        delivery.drain(at=AT)
        transaction.set_rollback(True)

    assert Delivery.objects.get().state == "pending"
