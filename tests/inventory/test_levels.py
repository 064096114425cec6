"""Stock against its levels, and goods whose papers were not complete."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from inventory.choices import SHIPMENT_STEPS, ShipmentState
from inventory.errors import PapersIncomplete, UnknownPlace, WrongState
from inventory.models import RefusedIssue, Shipment, StockAlert
from inventory.services import levels, shipments
from inventory.types import LevelDraft
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor, ActorKind
from ops.engines.kernel.errors import RuleViolation
from ops.engines.notices.models import Notice
from tests.engines.identity.factories import account
from tests.inventory.factories import AT, SYSTEM, Shop, shop
from tests.support.cluster import OwnDatabase


def set_level(shop: Shop, sku: int, least: int, most: int | None = None) -> None:
    levels.set_levels(
        levels=[LevelDraft(sku_id=sku, warehouse_id=shop.warehouse.id, least=least, most=most)],
        actor=SYSTEM,
        at=AT,
    )


def alerts() -> list[tuple[str, int, bool]]:
    return [
        (row.kind, row.available, row.closed_at is None)
        for row in StockAlert.objects.order_by("id")
    ]


@pytest.mark.clause("SCM-2.3-01")
def test_low_out_and_over_stock_are_alerted_once_and_end(shop: Shop) -> None:
    low, out, over = shop.skus
    account("specialist", Role.OPERATIONS_SPECIALIST)
    account("director", Role.OPERATIONS_DIRECTOR)
    set_level(shop, low, 5)
    set_level(shop, out, 1)
    set_level(shop, over, 0, 9)
    shop.receive(low, 8)
    shop.reserve(1, (low, 4))
    shop.receive(over, 10)

    first = levels.watch(actor=SYSTEM, at=AT)
    again = levels.watch(actor=SYSTEM, at=AT + timedelta(minutes=5))

    assert (first.low, first.out, first.over, first.ended) == (1, 1, 1, 0)
    assert (again.low, again.out, again.over, again.ended) == (0, 0, 0, 0)
    assert alerts() == [("low", 4, True), ("out", 0, True), ("over", 10, True)]
    shop.receive(low, 1)
    assert levels.watch(actor=SYSTEM, at=AT).ended == 1
    assert alerts()[0] == ("low", 4, False)


@pytest.mark.clause("SCM-2.3-01")
def test_an_alert_has_an_owner_and_a_time_and_is_taken_once(shop: Shop) -> None:
    set_level(shop, shop.skus[0], 5)
    levels.watch(actor=SYSTEM, at=AT)
    alert = StockAlert.objects.get()
    keeper = Actor(
        kind=ActorKind.PERSON,
        name="keeper",
        person_id=5,
        rights={"inventory": frozenset("vc")},
        scopes={"warehouse": frozenset({shop.warehouse.id})},
    )
    elsewhere = Actor(
        kind=ActorKind.PERSON, name="x", person_id=6, rights={"inventory": frozenset("vc")}
    )

    with pytest.raises(UnknownPlace):
        levels.take(alert_id=alert.pk, actor=elsewhere, at=AT)
    levels.take(alert_id=alert.pk, actor=keeper, at=AT)
    with pytest.raises(WrongState):
        levels.take(alert_id=alert.pk, actor=keeper, at=AT)

    alert.refresh_from_db()
    assert (alert.taken_by, alert.due_at) == (5, AT + levels.TIME_TO_REACT)


def test_levels_that_contradict_themselves_are_refused(shop: Shop) -> None:
    with pytest.raises(RuleViolation):
        set_level(shop, shop.skus[0], 5, 5)
    draft = LevelDraft(sku_id=shop.skus[0], warehouse_id=shop.warehouse.id, least=1)
    with pytest.raises(RuleViolation):
        levels.set_levels(levels=[draft, draft], actor=SYSTEM, at=AT)


@pytest.mark.clause("SCM-2.2-04")
def test_a_refused_issue_is_recorded_and_told(own_database: OwnDatabase) -> None:
    here = shop()
    director = account("director", Role.OPERATIONS_DIRECTOR)
    manager = account("manager", Role.STORE_MANAGER)
    here.receive(here.skus[0], 5)
    made = here.packed(1, (here.skus[0], 5))
    here.lose(here.skus[0], 1)

    with pytest.raises(PapersIncomplete):
        shipments.ship(shipment_id=made.id, actor=SYSTEM, at=AT)

    row = RefusedIssue.objects.get()
    assert (row.shipment_id, row.step, row.missing) == (
        made.id,
        "ship",
        "inventory.reservation_lost",
    )
    assert set(Notice.objects.values_list("person_id", flat=True)) == {
        director.person_id,
        manager.person_id,
    }
    assert Shipment.objects.get().state == "packed"


def test_refused_issues_stay(db: None) -> None:
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM inventory_refusedissue")


@pytest.mark.clause("SCM-2.4-03")
@pytest.mark.parametrize("before", [s for s in ShipmentState if s != ShipmentState.SHIPPED])
@pytest.mark.parametrize("after", ShipmentState)
def test_the_database_takes_the_steps_of_the_table(
    shop: Shop, before: ShipmentState, after: ShipmentState
) -> None:
    shop.receive(shop.skus[0], 5)
    made = shop.packed(1, (shop.skus[0], 1))
    way = {"open": ["open"], "cancelled": ["cancelled"], "picked": ["open", "picked"]}
    with connection.cursor() as cursor:
        for state in way.get(before.value, []):
            cursor.execute("UPDATE inventory_shipment SET state = %s", [state])
    said = ""

    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE inventory_shipment SET state = %s", [after.value])
    except DatabaseError as error:
        said = error.__cause__.diag.constraint_name  # type: ignore[union-attr]

    allowed = after == before or after in SHIPMENT_STEPS[before]
    assert (said != "shipment_step_allowed") is allowed, (made.number, said)
