"""What staff see of the outbox, and trying parked deliveries again."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command

from ops.engines.audit.models import Fact as AuditFact
from ops.engines.events import delivery, handling, publishing, selectors, services
from ops.engines.events.models import Delivery
from ops.engines.events.types import OutboxHealth
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor, ActorKind
from ops.engines.kernel.errors import Forbidden
from ops.engines.kernel.ports import ports
from tests.engines.events.conftest import Book, Packed

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 5, 3, 0, tzinfo=UTC)


def _person(role: str) -> Actor:
    return Actor(kind=ActorKind.PERSON, name=role, person_id=1, roles=frozenset({role}))


ADMINISTRATOR = _person(Role.INFORMATION_SUPERVISOR)


def _park(book: Book, *facts: Packed) -> list[int]:
    def effect(_facts: object) -> None:
        raise ValueError("no room")

    publishing.publish(*facts)
    book.effect = effect
    for hours in range(10):
        delivery.deliver_due(at=AT + timedelta(hours=hours))
    book.effect = lambda facts: None
    book.batches.clear()
    return list(Delivery.objects.filter(state="parked").values_list("id", flat=True))


def test_many_parked_deliveries_are_tried_again_in_one_go(book: Book) -> None:
    ids = _park(book, *(Packed(box_id=n) for n in range(5)))
    assert len(ids) == 5

    report = services.retry_many(delivery_ids=[*ids, 999_999], actor=ADMINISTRATOR, at=AT)

    assert (report.retried, report.left) == (tuple(ids), (999_999,))
    assert delivery.drain(at=AT) == 5
    assert sorted(book.boxes) == [0, 1, 2, 3, 4]
    (fact,) = AuditFact.objects.filter(action="events.delivery_retried")
    assert json.loads(fact.body)["deliveries"] == ids
    assert services.retry_many(delivery_ids=ids, actor=ADMINISTRATOR, at=AT).left == tuple(ids)
    assert delivery.drain(at=AT) == 0


@pytest.mark.parametrize("role", [Role.OPERATIONS_MANAGER, Role.AUDITOR, Role.EXECUTIVE])
def test_only_the_system_administrator_tries_again(book: Book, role: str) -> None:
    ids = _park(book, Packed(box_id=1))

    with pytest.raises(Forbidden):
        services.retry_many(delivery_ids=ids, actor=_person(role), at=AT)

    assert selectors.parked_count() == 1
    assert not AuditFact.objects.filter(action="events.delivery_retried").exists()


def test_the_depth_of_a_queue_is_counted_by_ordering_key(book: Book) -> None:
    _park(book, *(Packed(box_id=n, order="A") for n in range(3)), Packed(box_id=9))
    publishing.publish(*(Packed(box_id=n, order="B") for n in range(2)))

    depths = selectors.key_depths()

    assert [(each.key, each.waiting, each.is_held) for each in depths] == [
        ("A", 3, True),
        ("B", 2, False),
    ]
    health = selectors.health(at=depths[0].oldest_at + timedelta(seconds=90))
    assert (health.pending, health.parked, health.deepest) == (4, 2, 3)
    assert health.oldest_seconds >= 90


def test_an_outbox_with_nothing_left_is_all_zero(book: Book) -> None:
    publishing.publish(Packed(box_id=1, order="A"))
    delivery.drain(at=AT)

    assert selectors.health(at=AT) == OutboxHealth(pending=0, parked=0, deepest=0, oldest_seconds=0)


def test_the_commands_print_queues_ports_and_handlers(
    book: Book, capsys: pytest.CaptureFixture[str]
) -> None:
    publishing.publish(Packed(box_id=1, order="A"))

    call_command("queues", "--json")
    queues = json.loads(capsys.readouterr().out)
    call_command("ports", "--json")
    said = json.loads(capsys.readouterr().out)

    assert (queues["pending"], queues["deepest"], queues["keys"][0]["key"]) == (1, 1, "A")
    assert set(said["ports"]) == set(ports())
    assert said["ports"]["periods.closing"]
    assert set(said["handlers"]) == set(handling.handlers())
