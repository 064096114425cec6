"""Change of warehouse: whole or not at all, with what is held and what is packed (V8)."""

from __future__ import annotations

from functools import partial

import pytest

from customers.services import moving, orders
from inventory.errors import UnknownPlace
from inventory.models import Reservation, Shipment, Stock
from inventory.services import places, shipments
from ops.engines.audit.models import Fact
from ops.engines.events import delivery
from ops.engines.identity.choices import Role
from tests.customers.house import AT, SYSTEM, House, actor, house, order
from tests.inventory.checking import assert_sound


def second(shop: House, **stock: int) -> House:
    """Return the same shop seen from another warehouse with its own goods."""
    made = places.create_warehouse(code=f"{shop.code}-2", name="上海仓", actor=SYSTEM, at=AT)
    other = House(shop.channel_id, f"{shop.code}-2", made.id, made.bin_id, shop.skus)
    for code, quantity in stock.items():
        other.receive(code.replace("_", "-"), quantity)
    return other


def reserved(shop: House, code: str) -> int:
    """Return the pieces held in a warehouse."""
    return Stock.objects.get(sku_id=shop.skus[code], warehouse_id=shop.warehouse_id).reserved


def test_an_order_moves_with_its_goods_and_its_open_parcel(shop: House) -> None:
    other = second(shop, A_1=5, B_2=5)
    placed = shop.place("T1", ("A-1", 2), ("B-2", 1))
    delivery.drain(at=AT)
    first = Shipment.objects.get()

    report = moving.move_orders(
        order_ids=[placed.order_id], warehouse_id=other.warehouse_id, actor=SYSTEM, at=AT
    )

    first.refresh_from_db()
    assert report.done == (placed.order_id,)
    assert first.state == "cancelled"
    assert (shop.free("A-1"), other.free("A-1"), other.free("B-2")) == (100, 3, 4)
    assert Shipment.objects.get(state="open").warehouse_id == other.warehouse_id
    assert (order(placed).state, order(placed).warehouse_id) == ("allocated", other.warehouse_id)
    assert Fact.objects.filter(action="customers.order_moved").count() == 1
    assert_sound()


def test_a_warehouse_that_cannot_hold_all_of_it_refuses_with_figures(shop: House) -> None:
    other = second(shop, A_1=5, B_2=1)
    placed = shop.place("T1", ("A-1", 2), ("B-2", 3))
    delivery.drain(at=AT)

    report = moving.move_orders(
        order_ids=[placed.order_id], warehouse_id=other.warehouse_id, actor=SYSTEM, at=AT
    )

    assert report.done == ()
    assert [one.code for one in report.refused] == ["inventory.short"]
    assert "1 of B-2 available, 3 needed" in report.refused[0].reason or (
        "B-2" in report.refused[0].reason
    )
    assert order(placed).warehouse_id == shop.warehouse_id
    assert (reserved(shop, "A-1"), reserved(other, "A-1")) == (2, 0)
    assert Shipment.objects.get().state == "open"
    assert_sound()


def test_the_first_orders_take_what_the_other_warehouse_has(shop: House) -> None:
    other = second(shop, A_1=3)
    ids = [shop.place(f"T{n}", ("A-1", 2)).order_id for n in range(3)]
    small = shop.place("T9", ("A-1", 1)).order_id

    report = moving.move_orders(
        order_ids=[*ids, small, 10**9], warehouse_id=other.warehouse_id, actor=SYSTEM, at=AT
    )

    assert report.done == (ids[0], small)
    assert sorted(one.code for one in report.refused) == [
        "customers.order_missing", "inventory.short", "inventory.short",
    ]  # fmt: skip
    assert other.free("A-1") == 0
    assert_sound()


@pytest.mark.parametrize("reached", ["picked", "packed"])
def test_a_picked_parcel_refuses_the_change_until_it_is_reopened(shop: House, reached: str) -> None:
    other = second(shop, A_1=5)
    placed = shop.place("T1", ("A-1", 2))
    delivery.drain(at=AT)
    parcel = Shipment.objects.get()
    shipments.pick(shipment_id=parcel.pk, actor=SYSTEM, at=AT)
    if reached == "packed":
        shipments.pack(shipment_id=parcel.pk, carrier="SF", actor=SYSTEM, at=AT)
    move = partial(
        moving.move_orders,
        order_ids=[placed.order_id], warehouse_id=other.warehouse_id, actor=SYSTEM, at=AT,
    )  # fmt: skip

    refused = move()
    stayed = order(placed).warehouse_id
    shipments.reopen(shipment_id=parcel.pk, actor=SYSTEM, at=AT)
    moved = move()

    assert [one.code for one in refused.refused] == ["customers.parcel_picked"]
    assert parcel.number in refused.refused[0].reason
    assert stayed == shop.warehouse_id
    assert moved.done == (placed.order_id,)
    assert_sound()


def test_an_order_that_waited_for_goods_is_allocated_where_they_are(shop: House) -> None:
    other = second(shop, A_1=200)
    short = shop.place("T1", ("A-1", 150), on_short="hold")

    report = moving.move_orders(
        order_ids=[short.order_id], warehouse_id=other.warehouse_id, actor=SYSTEM, at=AT
    )

    assert report.done == (short.order_id,)
    assert (order(short).state, order(short).hold_reason) == ("allocated", "")
    assert other.free("A-1") == 50
    assert Shipment.objects.get().warehouse_id == other.warehouse_id


def test_another_hold_stays_and_what_is_held_moves_along(shop: House) -> None:
    other = second(shop, A_1=5)
    placed = shop.place("T1", ("A-1", 2))
    orders.hold(order_ids=[placed.order_id], reason="address", actor=SYSTEM, at=AT)

    moving.move_orders(
        order_ids=[placed.order_id], warehouse_id=other.warehouse_id, actor=SYSTEM, at=AT
    )

    assert order(placed).hold_reason == "address"
    assert (shop.free("A-1"), other.free("A-1")) == (100, 3)
    assert not Shipment.objects.exclude(state="cancelled").exists()


def test_unpaid_shipped_and_unmoved_orders_are_refused_with_reasons(shop: House) -> None:
    other = second(shop, A_1=5)
    unpaid = shop.place("T1", ("A-1", 1), paid_at=None)
    same = shop.place("T2", ("A-1", 1))
    gone = shop.place("T3", ("A-1", 1))
    delivery.drain(at=AT)
    parcel = Shipment.objects.get(source_id=gone.order_id)
    shipments.pick(shipment_id=parcel.pk, actor=SYSTEM, at=AT)
    shipments.pack(shipment_id=parcel.pk, carrier="SF", actor=SYSTEM, at=AT)
    shipments.ship(shipment_id=parcel.pk, actor=SYSTEM, at=AT)

    away = moving.move_orders(
        order_ids=[unpaid.order_id, gone.order_id], warehouse_id=other.warehouse_id,
        actor=SYSTEM, at=AT,
    )  # fmt: skip
    back = moving.move_orders(
        order_ids=[same.order_id], warehouse_id=shop.warehouse_id, actor=SYSTEM, at=AT
    )
    delivery.drain(at=AT)
    late = moving.move_orders(
        order_ids=[gone.order_id], warehouse_id=other.warehouse_id, actor=SYSTEM, at=AT
    )

    assert sorted(one.code for one in (*away.refused, *back.refused, *late.refused)) == [
        "customers.order_state",
        "customers.parcel_left",
        "customers.same_warehouse",
        "customers.unpaid",
    ]
    assert Reservation.objects.filter(warehouse_id=other.warehouse_id).count() == 0
    with pytest.raises(UnknownPlace):
        moving.move_orders(order_ids=[same.order_id], warehouse_id=10**9, actor=SYSTEM, at=AT)


def test_nobody_moves_orders_of_other_channels(shop: House) -> None:
    other = second(shop, A_1=5)
    placed = shop.place("T1", ("A-1", 1))
    stranger = actor(house("other", stock=0).worker("li", Role.OPERATIONS_SPECIALIST))

    report = moving.move_orders(
        order_ids=[placed.order_id], warehouse_id=other.warehouse_id, actor=stranger, at=AT
    )

    assert [one.code for one in report.refused] == ["customers.order_missing"]
    assert order(placed).warehouse_id == shop.warehouse_id
