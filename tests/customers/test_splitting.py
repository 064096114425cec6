"""Divided orders: what is there leaves now, the rest follows; the order ships once (ADR 0010)."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from customers import errors
from customers.events import OrderShipped
from customers.models import OrderPart
from customers.services import moving, orders, splitting
from finance.models import JournalEntry
from inventory.models import Reservation, Shipment
from inventory.services import shipments
from ops.engines.audit.models import Fact
from ops.engines.events import delivery
from ops.engines.events.models import StoredFact
from tests.customers.house import AT, SYSTEM, House, order
from tests.customers.test_moving import second
from tests.inventory.checking import assert_sound


def send(shipment: Shipment) -> None:
    """Take a parcel out of the door."""
    shipments.pick(shipment_id=shipment.pk, actor=SYSTEM, at=AT)
    shipments.pack(shipment_id=shipment.pk, carrier="SF", actor=SYSTEM, at=AT)
    shipments.ship(shipment_id=shipment.pk, actor=SYSTEM, at=AT)
    delivery.drain(at=AT)


def parts(order_id: int) -> list[tuple[int, int, int, bool]]:
    """Return part, line, pieces and whether they have left."""
    rows = OrderPart.objects.filter(order_id=order_id).order_by("part_no", "line_no")
    return [(p.part_no, p.line_no, p.quantity, p.left_at is not None) for p in rows]


def told(order_id: int) -> int:
    """Return how often the order was announced as shipped."""
    return StoredFact.objects.filter(name=OrderShipped.name, payload__order_id=order_id).count()


def test_what_is_there_leaves_now_and_the_order_ships_when_the_rest_has_left(shop: House) -> None:
    short = shop.place("T1", ("A-1", 103), ("B-2", 1), on_short="hold")

    report = splitting.split_available(order_ids=[short.order_id], actor=SYSTEM, at=AT)

    assert report.done == (short.order_id,)
    assert parts(short.order_id) == [(1, 1, 100, False), (1, 2, 1, False), (2, 1, 3, False)]
    assert (order(short).state, order(short).hold_reason) == ("confirmed", "inventory.short")
    first = Shipment.objects.get()
    send(first)
    assert [left for *_, left in parts(short.order_id)] == [True, True, False]
    assert (order(short).state, told(short.order_id)) == ("confirmed", 0)
    assert Fact.objects.filter(action="customers.order_shipped_in_part").count() == 1

    shop.receive("A-1", 3)
    assert orders.release(order_ids=[short.order_id], actor=SYSTEM, at=AT).done
    delivery.drain(at=AT)
    second_parcel = Shipment.objects.get(state="open")
    send(second_parcel)

    assert (order(short).state, order(short).hold_reason) == ("shipped", "")
    assert told(short.order_id) == 1
    assert list(second_parcel.lines.values_list("quantity", flat=True)) == [3]
    assert_sound()


def test_revenue_is_booked_once_and_cost_with_each_parcel(shop: House) -> None:
    placed = shop.place("T1", ("A-1", 3))
    delivery.drain(at=AT)

    splitting.split(order_id=placed.order_id, now={1: 2}, actor=SYSTEM, at=AT)
    first, last = Shipment.objects.filter(state="open").order_by("pk")
    send(first)
    sales = JournalEntry.objects.filter(source_type="customers.order")
    costs = JournalEntry.objects.filter(source_type="inventory.shipment")
    early = (sales.count(), costs.count())
    send(last)

    assert early == (0, 1)
    assert (sales.count(), costs.count()) == (1, 2)
    assert_sound()


def test_an_allocated_order_is_divided_into_two_open_parcels(shop: House) -> None:
    placed = shop.place("T1", ("A-1", 3), ("B-2", 2), ("C-3", 1))
    delivery.drain(at=AT)

    made = splitting.split(order_id=placed.order_id, now={1: 2, 3: 1}, actor=SYSTEM, at=AT)

    assert (made.part_no, made.now, made.later) == (1, 3, 3)
    assert parts(placed.order_id) == [
        (1, 1, 2, False), (1, 3, 1, False), (2, 1, 1, False), (2, 2, 2, False),
    ]  # fmt: skip
    assert order(placed).state == "allocated"
    assert Shipment.objects.filter(state="open").count() == 2
    assert Shipment.objects.filter(state="cancelled").count() == 1
    assert (shop.free("A-1"), shop.free("B-2"), shop.free("C-3")) == (97, 98, 99)
    assert_sound()


def test_the_rest_is_divided_again(shop: House) -> None:
    placed = shop.place("T1", ("A-1", 4))
    splitting.split(order_id=placed.order_id, now={1: 1}, actor=SYSTEM, at=AT)

    splitting.split(order_id=placed.order_id, now={1: 2}, actor=SYSTEM, at=AT)

    assert parts(placed.order_id) == [(1, 1, 1, False), (2, 1, 2, False), (3, 1, 1, False)]
    assert Shipment.objects.filter(state="open").count() == 3
    assert_sound()


@pytest.mark.parametrize("now", [{}, {1: 3}, {1: 4}, {2: 1}, {1: -1}])
def test_pieces_that_are_not_there_or_leave_nothing_are_refused(
    shop: House, now: dict[int, int]
) -> None:
    placed = shop.place("T1", ("A-1", 3))

    with pytest.raises(errors.OrderRefused):
        splitting.split(order_id=placed.order_id, now=now, actor=SYSTEM, at=AT)

    assert not OrderPart.objects.exists()
    assert Reservation.objects.get(state="open").quantity == 3


def test_too_little_for_the_chosen_pieces_changes_nothing(shop: House) -> None:
    short = shop.place("T1", ("A-1", 103), on_short="hold")

    with pytest.raises(errors.OrderRefused) as refusal:
        splitting.split(order_id=short.order_id, now={1: 101}, actor=SYSTEM, at=AT)

    assert refusal.value.code == "inventory.short"
    assert not OrderPart.objects.exists()
    assert shop.free("A-1") == 100
    assert order(short).state == "paid"


def test_each_order_that_cannot_be_divided_says_why(shop: House) -> None:
    fine = shop.place("T1", ("A-1", 2))
    one = shop.place("T2", ("A-1", 1))
    unpaid = shop.place("T3", ("A-1", 2), paid_at=None)
    held = shop.place("T4", ("A-1", 2))
    orders.hold(order_ids=[held.order_id], reason="address", actor=SYSTEM, at=AT)
    picked = shop.place("T5", ("B-2", 2))
    delivery.drain(at=AT)
    parcel = Shipment.objects.get(source_id=picked.order_id)
    shipments.pick(shipment_id=parcel.pk, actor=SYSTEM, at=AT)
    empty = shop.place("T6", ("C-3", 300), on_short="hold")
    shop.place("T7", ("C-3", 100))
    ids = [o.order_id for o in (fine, one, unpaid, held, picked, empty)]

    report = splitting.split_available(order_ids=ids, actor=SYSTEM, at=AT)

    assert report.done == ()
    assert {refusal.order_id: refusal.code for refusal in report.refused} == {
        fine.order_id: "customers.all_there",
        one.order_id: "customers.one_piece",
        unpaid.order_id: "customers.unpaid",
        held.order_id: "customers.held",
        picked.order_id: "customers.parcel_picked",
        empty.order_id: "customers.nothing_there",
    }
    assert not OrderPart.objects.exists()


def test_an_order_of_which_a_part_has_left_is_not_cancelled(shop: House) -> None:
    placed = shop.place("T1", ("A-1", 2))
    splitting.split(order_id=placed.order_id, now={1: 1}, actor=SYSTEM, at=AT)
    send(Shipment.objects.filter(state="open").order_by("pk")[0])

    with pytest.raises(errors.OrderStepRefused):
        orders.cancel(order_id=placed.order_id, reason="buyer", actor=SYSTEM, at=AT)

    assert order(placed).state == "allocated"
    assert Shipment.objects.filter(state="open").count() == 1
    with pytest.raises(IntegrityError, match="has left in part"):
        _sql("UPDATE customers_order SET state = 'cancelled' WHERE id = %s", placed.order_id)


def test_goods_that_left_the_house_are_not_cancelled_before_the_news_arrives(shop: House) -> None:
    placed = shop.place("T1", ("A-1", 2))
    delivery.drain(at=AT)
    parcel = Shipment.objects.get()
    shipments.pick(shipment_id=parcel.pk, actor=SYSTEM, at=AT)
    shipments.pack(shipment_id=parcel.pk, carrier="SF", actor=SYSTEM, at=AT)
    shipments.ship(shipment_id=parcel.pk, actor=SYSTEM, at=AT)

    with pytest.raises(errors.OrderStepRefused):
        orders.cancel(order_id=placed.order_id, reason="buyer", actor=SYSTEM, at=AT)
    delivery.drain(at=AT)

    assert order(placed).state == "shipped"


def test_the_rest_moves_to_another_warehouse_and_what_left_stays(shop: House) -> None:
    other = second(shop, A_1=3)
    short = shop.place("T1", ("A-1", 103), on_short="hold")
    splitting.split_available(order_ids=[short.order_id], actor=SYSTEM, at=AT)
    send(Shipment.objects.get())

    report = moving.move_orders(
        order_ids=[short.order_id], warehouse_id=other.warehouse_id, actor=SYSTEM, at=AT
    )
    last = Shipment.objects.get(state="open")
    send(last)

    assert report.done == (short.order_id,)
    assert last.warehouse_id == other.warehouse_id
    assert order(short).state == "shipped"
    assert told(short.order_id) == 1
    assert_sound()


def test_orders_held_in_part_are_confirmed_among_others(shop: House) -> None:
    short = shop.place("T1", ("A-1", 103), on_short="hold")
    splitting.split_available(order_ids=[short.order_id], actor=SYSTEM, at=AT)
    other = shop.place("T2", ("B-2", 101), on_short="hold")
    shop.receive("B-2", 1)
    ids = [short.order_id, other.order_id]

    early = orders.confirm(order_ids=ids, actor=SYSTEM, at=AT)
    shop.receive("A-1", 3)
    late = orders.confirm(order_ids=ids, actor=SYSTEM, at=AT)

    assert early.done == (other.order_id,)
    assert [one.code for one in early.refused] == ["inventory.short"]
    assert late.done == (short.order_id,)
    assert Reservation.objects.filter(source_id=short.order_id, state="open").count() == 2
    assert_sound()


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ("UPDATE customers_orderpart SET quantity = quantity + 1 WHERE order_id = %s", "add up"),
        ("DELETE FROM customers_orderpart WHERE part_no = 2 AND order_id = %s", "add up"),
        ("UPDATE customers_orderpart SET quantity = 0 WHERE order_id = %s", "orderpart_positive"),
    ],
)
def test_parts_always_add_up_to_their_line(shop: House, change: str, name: str) -> None:
    placed = shop.place("T1", ("A-1", 2))
    splitting.split(order_id=placed.order_id, now={1: 1}, actor=SYSTEM, at=AT)

    with pytest.raises(IntegrityError, match=name):
        _checked(change, placed.order_id)


def test_a_part_that_has_left_is_fixed(shop: House) -> None:
    placed = shop.place("T1", ("A-1", 2))
    splitting.split(order_id=placed.order_id, now={1: 1}, actor=SYSTEM, at=AT)
    send(Shipment.objects.filter(state="open").order_by("pk")[0])

    with pytest.raises(IntegrityError, match="has left"):
        _sql("UPDATE customers_orderpart SET left_at = NULL WHERE order_id = %s", placed.order_id)


def _checked(statement: str, *values: int) -> None:
    with transaction.atomic():
        _sql(statement, *values)
        _sql("SET CONSTRAINTS ALL IMMEDIATE")


def _sql(statement: str, *values: int) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
