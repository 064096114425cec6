"""From held goods to the carrier: pick, pack, ship, and back again."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from inventory.choices import LocationKind, MoveReason
from inventory.errors import PapersIncomplete, StockShort, UnknownPlace, WrongState
from inventory.models import Move, Pick, Reservation, Shipment
from inventory.services import places, returns, shipments
from inventory.types import Label, ReturnedLine, ReturnInfo, ShipmentDraft, ShipmentWant, Source
from ops.engines.events.models import StoredFact
from ops.engines.kernel.actor import Actor, ActorKind
from ops.engines.kernel.errors import RuleViolation
from tests.inventory.factories import AT, ORDER, SYSTEM, TODAY, Shop


def facts(name: str) -> list[dict[str, object]]:
    return list(
        StoredFact.objects.filter(name=name).order_by("id").values_list("payload", flat=True)
    )


@pytest.mark.clause("SCM-2.4-03")
def test_shipped_goods_leave_at_average_cost_and_end_their_reservation(shop: Shop) -> None:
    sku = shop.skus[0]
    shop.receive(sku, 10, "2.00")
    shop.receive(sku, 10, "4.00")

    shipped = shop.ship(7, (sku, 4))

    move = Move.objects.get(reason=MoveReason.SALE)
    assert (move.value, move.source_type, move.source_id) == (
        Decimal("12.00"),
        "inventory.shipment",
        shipped.id,
    )
    assert move.to_location_id == shop.virtual.customer
    counter = shop.stock(sku)
    assert (counter.on_hand, counter.reserved, counter.value) == (16, 0, Decimal("48.00"))
    assert Reservation.objects.get().state == "consumed"
    assert (shipped.state, shipped.shipped_on) == ("shipped", TODAY)
    assert facts("inventory.goods_shipped") == [{"shipment_id": shipped.id}]


@pytest.mark.clause("SCM-2.2-04")
def test_a_shipment_without_reservation_is_refused(shop: Shop) -> None:
    sku = shop.skus[0]
    shop.receive(sku, 10)
    shop.reserve(1, (sku, 3))

    for wants in [((sku, 2),), ((sku, 3), (sku, 1)), ((shop.skus[1], 3),)]:
        with pytest.raises(PapersIncomplete):
            shop.open(1, *wants)
    with pytest.raises(PapersIncomplete):
        shop.open(2, (sku, 3))

    assert not Shipment.objects.exists()


def test_what_is_on_a_shipment_is_not_shipped_by_another(shop: Shop) -> None:
    sku = shop.skus[0]
    shop.receive(sku, 10)
    shop.reserve(1, (sku, 3))
    first = shop.open(1, (sku, 3))

    with pytest.raises(PapersIncomplete):
        shop.open(1, (sku, 3))

    shipments.cancel(shipment_id=first.id, actor=SYSTEM, at=AT)
    assert shop.open(1, (sku, 3)).number != first.number


@pytest.mark.clause("SCM-2.2-04")
def test_a_parcel_without_label_is_refused(shop: Shop) -> None:
    shop.receive(shop.skus[0], 10)
    shop.reserve(1, (shop.skus[0], 3))
    made = shop.open(1, (shop.skus[0], 3))
    shipments.pick(shipment_id=made.id, actor=SYSTEM, at=AT)

    with pytest.raises(PapersIncomplete):
        shipments.pack(shipment_id=made.id, carrier=" ", actor=SYSTEM, at=AT)

    assert Shipment.objects.get().state == "picked"


@pytest.mark.clause("SCM-2.2-04")
def test_a_shipment_whose_reservation_broke_does_not_leave(shop: Shop) -> None:
    sku = shop.skus[0]
    shop.receive(sku, 5)
    made = shop.packed(1, (sku, 5))
    shop.lose(sku, 1)

    with pytest.raises(PapersIncomplete):
        shipments.ship(shipment_id=made.id, actor=SYSTEM, at=AT)

    assert not Move.objects.filter(reason=MoveReason.SALE).exists()
    assert Shipment.objects.get().state == "packed"


@pytest.mark.clause("SCM-2.4-03")
def test_steps_follow_each_other(shop: Shop) -> None:
    shop.receive(shop.skus[0], 10)
    shop.reserve(1, (shop.skus[0], 3))
    made = shop.open(1, (shop.skus[0], 3))

    with pytest.raises(WrongState):
        shipments.pack(shipment_id=made.id, carrier="SF", actor=SYSTEM, at=AT)
    with pytest.raises(WrongState):
        shipments.ship(shipment_id=made.id, actor=SYSTEM, at=AT)
    with pytest.raises(UnknownPlace):
        shipments.pick(shipment_id=made.id + 1, actor=SYSTEM, at=AT)

    assert not Pick.objects.exists()


def test_a_keeper_of_another_warehouse_does_not_see_the_shipment(shop: Shop) -> None:
    shop.receive(shop.skus[0], 10)
    made = shop.packed(1, (shop.skus[0], 3))
    keeper = Actor(
        kind=ActorKind.PERSON,
        name="keeper",
        rights={"inventory": frozenset("vcp")},
        scopes={"warehouse": frozenset({shop.warehouse.id + 1})},
    )

    with pytest.raises(UnknownPlace):
        shipments.ship(shipment_id=made.id, actor=keeper, at=AT)

    assert shop.stock(shop.skus[0]).on_hand == 10


def test_first_to_expire_is_picked_first_and_expired_lots_stay(shop: Shop) -> None:
    sku = shop.skus[0]
    dates = {
        "gone": TODAY - timedelta(days=1),
        "soon": TODAY + timedelta(days=3),
        "later": TODAY + timedelta(days=90),
    }
    lots = {
        code: places.create_lot(
            sku_id=sku,
            code=code,
            received_on=date(2026, 1, 1),
            expires_on=expires_on,
            actor=SYSTEM,
            at=AT,
        )
        for code, expires_on in dates.items()
    }
    for code in ("later", "gone", "soon"):
        shop.receive(sku, 4, lot_id=lots[code])
    shop.reserve(1, (sku, 6))
    made = shop.open(1, (sku, 6))

    shipments.pick(shipment_id=made.id, actor=SYSTEM, at=AT)

    assert dict(Pick.objects.values_list("lot", "quantity")) == {lots["soon"]: 4, lots["later"]: 2}


def test_two_waves_never_promise_the_same_pieces(shop: Shop) -> None:
    sku = shop.skus[0]
    shelf = places.create_location(
        warehouse_id=shop.warehouse.id, code="A-01", kind=LocationKind.BIN, actor=SYSTEM, at=AT
    )
    shop.receive(sku, 5)
    shop.post(shop.draft(sku, 2, shop.warehouse.bin_id, shelf))
    ids = []
    for order in (1, 2):
        shop.reserve(order, (sku, 2))
        ids.append(shop.open(order, (sku, 2)).id)

    for one in ids:
        shipments.pick(shipment_id=one, actor=SYSTEM, at=AT)

    taken = list(Pick.objects.order_by("id").values_list("location", "quantity"))
    assert taken == [(shop.warehouse.bin_id, 2), (shop.warehouse.bin_id, 1), (shelf, 1)]


def test_bins_emptied_behind_the_counter_stop_the_pick(shop: Shop) -> None:
    sku = shop.skus[0]
    lot = places.create_lot(
        sku_id=sku, code="old", received_on=TODAY, expires_on=date(2026, 1, 1), actor=SYSTEM, at=AT
    )
    shop.receive(sku, 5, lot_id=lot)
    shop.reserve(1, (sku, 2))
    made = shop.open(1, (sku, 2))

    with pytest.raises(StockShort):
        shipments.pick(shipment_id=made.id, actor=SYSTEM, at=AT)

    assert (Shipment.objects.get().state, Pick.objects.count()) == ("open", 0)


def test_picking_can_be_undone_and_done_anew(shop: Shop) -> None:
    sku = shop.skus[0]
    shop.receive(sku, 5)
    made = shop.packed(1, (sku, 2))

    shipments.reopen(shipment_id=made.id, actor=SYSTEM, at=AT)
    assert not Pick.objects.exists()
    shipments.pick(shipment_id=made.id, actor=SYSTEM, at=AT)
    shipments.pick(shipment_id=made.id, actor=SYSTEM, at=AT)

    assert Pick.objects.count() == 1


def test_many_shipments_leave_in_a_number_of_statements_that_does_not_grow(
    shop: Shop, django_assert_max_num_queries: object
) -> None:
    sku = shop.skus[0]
    shop.receive(sku, 100)
    for order in range(1, 21):
        shop.reserve(order, (sku, 2))
    drafts = [
        ShipmentDraft(
            source_id=order,
            warehouse_id=shop.warehouse.id,
            lines=(ShipmentWant(source_line=1, sku_id=sku, quantity=2),),
        )
        for order in range(1, 21)
    ]
    made = shipments.open_many(source_type=ORDER, drafts=drafts, actor=SYSTEM, at=AT)
    ids = [one.id for one in made]
    shipments.pick_many(shipment_ids=ids, actor=SYSTEM, at=AT)
    shipments.pack_many(labels={one: Label(carrier="SF") for one in ids}, actor=SYSTEM, at=AT)

    with django_assert_max_num_queries(14):  # type: ignore[operator]
        shipments.ship_many(shipment_ids=ids, actor=SYSTEM, at=AT)

    assert shop.stock(sku).on_hand == 60
    assert len(facts("inventory.goods_shipped")) == 20


def back(shop: Shop, key: str, quantity: int, **more: object) -> ReturnInfo:
    values = {
        "key": key,
        "source": Source(type="customers.return", id=1),
        "warehouse_id": shop.warehouse.id,
        "lines": [ReturnedLine(line=1, sku_id=shop.skus[0], quantity=quantity)],
        "origin": Source(type=ORDER, id=1),
        "actor": SYSTEM,
        "at": AT,
    } | more
    return returns.accept_return(**values)  # type: ignore[arg-type]


def test_goods_come_back_at_the_cost_they_left_with(shop: Shop) -> None:
    sku = shop.skus[0]
    shop.receive(sku, 3, "0.333333")
    shop.ship(1, (sku, 3))  # 1.00 left
    shop.receive(sku, 10, "9.00")

    parts = [back(shop, f"R{n}", 1, to=LocationKind.BIN) for n in range(3)]

    assert sum(part.value for part in parts) == Decimal("1.00")
    counter = shop.stock(sku)
    assert (counter.on_hand, counter.value) == (13, Decimal("91.00"))
    assert facts("inventory.goods_returned") == [{"return_key": f"R{n}"} for n in range(3)]


def test_a_return_is_taken_in_once(shop: Shop) -> None:
    shop.receive(shop.skus[0], 3)
    shop.ship(1, (shop.skus[0], 3))

    first, again = back(shop, "R", 2), back(shop, "R", 2)

    assert (first.id, first.is_new, again.is_new) == (again.id, True, False)
    counter = shop.stock(shop.skus[0])
    assert (counter.on_hand, counter.owned) == (0, 2)  # in quarantine, not for sale


def test_no_more_comes_back_than_left(shop: Shop) -> None:
    shop.receive(shop.skus[0], 9)
    shop.ship(1, (shop.skus[0], 3))
    back(shop, "R1", 2)

    with pytest.raises(RuleViolation) as refusal:
        back(shop, "R2", 2)

    assert refusal.value.context["left"] == 3
    assert shop.stock(shop.skus[0]).owned == 8


def test_without_an_origin_goods_come_back_at_the_average(shop: Shop) -> None:
    shop.receive(shop.skus[0], 10, "2.00")

    taken = back(shop, "R1", 3, origin=None)

    assert taken.value == Decimal("6.00")
