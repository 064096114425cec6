"""Moving, dividing and joining while others pick, buy and move: real threads and commits (R1)."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers import errors
from customers.models import Order, OrderPart
from customers.services import merging, moving, splitting
from customers.types import StepReport
from inventory.errors import WrongState
from inventory.models import Reservation, Shipment
from inventory.services import shipments
from ops.engines.events import delivery
from tests.customers.house import AT, BUYER, SYSTEM, House, house, statements
from tests.customers.test_moving import second
from tests.inventory.checking import assert_sound
from tests.inventory.test_races import together
from tests.support.cluster import OwnDatabase


def move(ids: list[int], place: House) -> StepReport:
    """Move orders to a warehouse."""
    return moving.move_orders(order_ids=ids, warehouse_id=place.warehouse_id, actor=SYSTEM, at=AT)


def test_moves_in_opposite_directions_never_deadlock_or_oversell(
    own_database: OwnDatabase,
) -> None:
    here = house(stock=40)
    there = second(here, A_1=40, B_2=40)
    ids = [here.place(f"T{n}", ("A-1", 1), ("B-2", 1)).order_id for n in range(16)]
    move(ids[8:], there)

    done = together(
        [partial(move, ids if n % 2 else ids[::-1], (here, there)[n % 2]) for n in range(12)]
        + [partial(here.place, f"N{n}", ("B-2", 1), ("A-1", 1)) for n in range(12)],
        threads=12,
    )

    assert not [one for one in done if isinstance(one, BaseException)]
    held = Reservation.objects.filter(state="open")
    assert held.count() == 2 * Order.objects.filter(state="allocated").count() == 56
    for order in Order.objects.all():
        places = set(held.filter(source_id=order.pk).values_list("warehouse_id", flat=True))
        assert places == {order.warehouse_id}
    assert_sound()


def test_a_parcel_is_either_picked_or_moved(own_database: OwnDatabase) -> None:
    here = house(stock=40)
    there = second(here, A_1=40)
    ids = [here.place(f"T{n}", ("A-1", 1)).order_id for n in range(12)]
    delivery.drain(at=AT)
    open_ones = list(Shipment.objects.values_list("pk", flat=True))

    calls: list[Any] = [
        partial(shipments.pick, shipment_id=pk, actor=SYSTEM, at=AT) for pk in open_ones
    ]
    calls += [partial(move, [pk], there) for pk in ids]
    done = together(calls, threads=12)

    assert all(isinstance(one, WrongState) for one in done if isinstance(one, BaseException))
    picked = Shipment.objects.filter(state="picked")
    assert set(picked.values_list("warehouse_id", flat=True)) <= {here.warehouse_id}
    moved = Order.objects.filter(warehouse_id=there.warehouse_id)
    assert picked.count() + moved.count() == 12
    assert not moved.filter(pk__in=picked.values("source_id")).exists()
    assert_sound()


def test_an_order_is_divided_once_however_many_try(own_database: OwnDatabase) -> None:
    shop = house(stock=40)
    order_id = shop.place("T1", ("A-1", 2)).order_id

    calls = [
        partial(splitting.split, order_id=order_id, now={1: 1}, actor=SYSTEM, at=AT)
        for _n in range(8)
    ]
    done = together(calls, threads=8)

    refused = [one for one in done if isinstance(one, errors.OrderStepRefused)]
    assert (len(refused), len(done)) == (7, 8)
    assert OrderPart.objects.count() == 2
    assert Shipment.objects.filter(state="open").count() == 2
    assert_sound()


def test_orders_join_while_others_pick_and_join(own_database: OwnDatabase) -> None:
    shop = house(stock=40)
    ids = [shop.place(f"T{n}", ("A-1", 1), buyer=BUYER).order_id for n in range(8)]
    delivery.drain(at=AT)
    open_ones = list(Shipment.objects.order_by("pk").values_list("pk", flat=True))

    calls: list[Any] = [
        partial(merging.merge_alike, order_ids=ids[n : n + 4], actor=SYSTEM, at=AT)
        for n in range(4)
    ]
    calls += [partial(shipments.pick, shipment_id=pk, actor=SYSTEM, at=AT) for pk in open_ones[:3]]
    done = together(calls, threads=8)

    assert all(isinstance(one, WrongState) for one in done if isinstance(one, BaseException))
    for parcel in set(Shipment.objects.exclude(parcel=None).values_list("parcel", flat=True)):
        inside = Shipment.objects.filter(parcel=parcel)
        assert inside.count() > 1
        assert inside.values_list("state", flat=True).distinct().order_by("state").count() == 1
    assert_sound()


def test_orders_are_locked_before_parcels_and_counters(own_database: OwnDatabase) -> None:
    here = house(stock=40)
    there = second(here, A_1=40)
    order_id = here.place("T1", ("A-1", 2)).order_id
    delivery.drain(at=AT)

    with CaptureQueriesContext(connection) as captured:
        move([order_id], there)

    said = statements(captured)
    order = next(n for n, sql in enumerate(said) if "customers_order" in sql and "FOR NO" in sql)
    parcel = next(
        n for n, sql in enumerate(said) if "inventory_shipment" in sql and "FOR NO" in sql
    )
    counter = next(n for n, sql in enumerate(said) if "inventory_lock_stock" in sql)
    written = next(n for n, sql in enumerate(said) if sql.startswith(("UPDATE", "INSERT")))
    assert order < parcel < counter < written
