"""Confirm, hold, release, cancel, ship: each order with its own result (SCM-2.4-03)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from customers import errors
from customers.choices import OrderState
from customers.events import OrderShipped
from customers.models import Order, OrderStep
from customers.selectors import book
from customers.services import orders, shipping
from customers.types import BuyerDraft
from inventory.models import Reservation, Shipment
from inventory.selectors import places as where
from inventory.services import moves, shipments
from inventory.types import MoveDraft, Source
from ops.engines.audit.models import Fact as AuditFact
from ops.engines.events import delivery
from ops.engines.events.models import StoredFact
from ops.engines.identity.choices import Role
from tests.customers.house import AT, SYSTEM, House, actor, house, order
from tests.inventory.checking import assert_sound


@pytest.mark.clause("SCM-2.4-04")
def test_held_orders_are_confirmed_when_goods_have_come(shop: House) -> None:
    short = shop.place("T1", ("A-1", 101), on_short="hold")
    fine = shop.place("T2", ("B-2", 1))
    unpaid = shop.place("T3", ("B-2", 1), paid_at=None)
    ids = [short.order_id, fine.order_id, unpaid.order_id, 10**9]

    before = orders.confirm(order_ids=ids, actor=SYSTEM, at=AT)
    shop.receive("A-1", 1)
    after = orders.confirm(order_ids=ids, actor=SYSTEM, at=AT)

    assert before.done == ()
    assert sorted(one.code for one in before.refused) == [
        "customers.order_missing",
        "customers.order_state",
        "customers.unpaid",
        "inventory.short",
    ]
    assert after.done == (short.order_id,)
    assert (order(short).state, order(short).hold_reason) == ("allocated", "")
    assert [m.state for m in book.timeline(order(short))] == [
        "placed",
        "paid",
        "confirmed",
        "allocated",
    ]
    assert shop.free("A-1") == 0


def test_a_price_below_the_approved_one_takes_a_supervisor(shop: House) -> None:
    low = shop.place("T1", ("A-1", 1, "150"))
    specialist = actor(shop.worker("li", Role.OPERATIONS_SPECIALIST))
    supervisor = actor(shop.worker("chen", Role.OPERATIONS_SUPERVISOR))

    refused = orders.release(order_ids=[low.order_id], actor=specialist, at=AT)
    taken = orders.release(order_ids=[low.order_id], actor=supervisor, at=AT)

    assert [one.code for one in refused.refused] == ["customers.below_price"]
    assert taken.done == (low.order_id,)
    assert order(low).total == Decimal("150.00")
    assert OrderStep.objects.filter(order_id=low.order_id, person_id=supervisor.person_id).exists()


def test_another_hold_does_not_lift_the_supervisors(shop: House) -> None:
    low = shop.place("T1", ("A-1", 1, "150"))
    unpaid = shop.place("T2", ("A-1", 1, "150"), paid_at=None)
    specialist = actor(shop.worker("li", Role.OPERATIONS_SPECIALIST))
    ids = [low.order_id, unpaid.order_id]

    orders.hold(order_ids=ids, reason="address", actor=specialist, at=AT)
    report = orders.release(order_ids=ids, actor=specialist, at=AT)

    assert report.done == ()
    assert {one.code for one in report.refused} == {"customers.below_price"}
    assert order(low).hold_reason == "customers.below_price,address"


def test_a_payment_confirms_the_order(shop: House) -> None:
    unpaid = shop.place("T1", ("A-1", 1), paid_at=None)

    for wrong in (AT - timedelta(days=1), AT + timedelta(days=1)):
        with pytest.raises(errors.OrderRefused):
            orders.note_payment(order_id=unpaid.order_id, paid_at=wrong, actor=SYSTEM, at=AT)
    orders.note_payment(order_id=unpaid.order_id, paid_at=AT, actor=SYSTEM, at=AT)

    assert (order(unpaid).state, order(unpaid).paid_at) == ("allocated", AT)
    assert order(unpaid).ship_by == AT + timedelta(hours=48)
    assert shop.free("A-1") == 99
    with pytest.raises(errors.OrderStepRefused):
        orders.note_payment(order_id=unpaid.order_id, paid_at=AT, actor=SYSTEM, at=AT)


def test_hold_takes_the_parcel_back_and_release_opens_a_new_one(shop: House) -> None:
    placed = shop.place("T1", ("A-1", 2))
    delivery.drain(at=AT)
    first = Shipment.objects.get(source_id=placed.order_id)
    shipments.pick(shipment_id=first.pk, actor=SYSTEM, at=AT)

    report = orders.hold(order_ids=[placed.order_id], reason="address", actor=SYSTEM, at=AT)
    first.refresh_from_db()
    held = order(placed)
    orders.release(order_ids=[placed.order_id], actor=SYSTEM, at=AT)
    delivery.drain(at=AT)

    assert report.done == (placed.order_id,)
    assert (held.hold_reason, first.state) == ("address", "cancelled")
    assert order(placed).hold_reason == ""
    assert Shipment.objects.filter(source_id=placed.order_id, state="open").count() == 1
    assert shop.free("A-1") == 98


def test_a_hold_needs_a_reason(shop: House) -> None:
    placed = shop.place("T1", ("A-1", 1))

    with pytest.raises(errors.OrderRefused):
        orders.hold(order_ids=[placed.order_id], reason=" ", actor=SYSTEM, at=AT)

    assert order(placed).hold_reason == ""


def test_cancelling_sets_the_goods_free(shop: House) -> None:
    placed = shop.place("T1", ("A-1", 2))
    delivery.drain(at=AT)

    orders.cancel(order_id=placed.order_id, reason="buyer", actor=SYSTEM, at=AT)

    assert order(placed).state == "cancelled"
    assert shop.free("A-1") == 100
    assert Shipment.objects.get().state == "cancelled"
    assert StoredFact.objects.filter(name="customers.order_cancelled").exists()
    assert AuditFact.objects.filter(action="customers.order_cancelled").count() == 1
    with pytest.raises(errors.OrderStepRefused):
        orders.cancel(order_id=placed.order_id, reason="again", actor=SYSTEM, at=AT)


def ship(shop: House, number: str, *lines: tuple[str, int]) -> Order:
    """Take an order from nothing to shipped."""
    placed = shop.place(number, *lines, buyer=BuyerDraft(code="b"))
    delivery.drain(at=AT)
    parcel = Shipment.objects.get(source_id=placed.order_id)
    shipments.pick(shipment_id=parcel.pk, actor=SYSTEM, at=AT)
    shipments.pack(shipment_id=parcel.pk, carrier="SF", actor=SYSTEM, at=AT)
    shipments.ship(shipment_id=parcel.pk, actor=SYSTEM, at=AT)
    delivery.drain(at=AT)
    return order(placed)


@pytest.mark.clause("SCM-2.4-03")
def test_an_order_is_shipped_when_its_goods_have_left(shop: House) -> None:
    shipped = ship(shop, "T1", ("A-1", 2), ("B-2", 1))

    assert (shipped.state, shipped.shipped_at) == ("shipped", AT)
    told = StoredFact.objects.get(name=OrderShipped.name)
    assert told.payload["order_id"] == shipped.pk
    assert told.dated_on == AT.date()
    assert [m.state for m in book.timeline(shipped)][-3:] == ["picked", "packed", "shipped"]
    with pytest.raises(errors.OrderStepRefused):
        orders.cancel(order_id=shipped.pk, reason="late", actor=SYSTEM, at=AT)

    shipping.goods_shipped(shipment_ids=[Shipment.objects.get().pk], actor=SYSTEM, at=AT)
    assert StoredFact.objects.filter(name=OrderShipped.name).count() == 1
    report = shipping.mark(order_ids=[shipped.pk], state=OrderState.DELIVERED, actor=SYSTEM, at=AT)
    assert report.done == (shipped.pk,)
    assert_sound()


def test_an_order_whose_goods_are_gone_is_held_and_told(shop: House) -> None:
    user = shop.worker("li", Role.OPERATIONS_SPECIALIST)
    placed = shop.place("T1", ("A-1", 60), ("B-2", 1))
    delivery.drain(at=AT)
    virtual = where.virtual_places()
    moves.post(
        [
            MoveDraft(
                sku_id=shop.skus["A-1"],
                from_location_id=shop.bin_id,
                to_location_id=virtual.gain_loss,
                quantity=50,
                reason="write_off",
                source=Source(type="tests.loss", id=1),
                effect_key="loss",
            )
        ],
        actor=SYSTEM,
        at=AT,
        business_day=AT.date(),
    )
    delivery.drain(at=AT)

    assert order(placed).hold_reason == "inventory.reservation_broken"
    assert Shipment.objects.get().state == "cancelled"
    assert user.person_id is not None
    again = orders.release(order_ids=[placed.order_id], actor=SYSTEM, at=AT)
    assert [one.code for one in again.refused] == ["inventory.short"]
    assert Reservation.objects.filter(state="open").count() == 1
    shop.receive("A-1", 50)
    assert orders.release(order_ids=[placed.order_id], actor=SYSTEM, at=AT).done
    assert shop.free("A-1") == 40
    assert_sound()


def test_nobody_handles_orders_of_other_channels(shop: House) -> None:
    placed = shop.place("T1", ("A-1", 1))
    stranger = actor(house("other", stock=0).worker("li", Role.OPERATIONS_SPECIALIST))

    report = orders.hold(order_ids=[placed.order_id], reason="x", actor=stranger, at=AT)

    assert [one.code for one in report.refused] == ["customers.order_missing"]
    with pytest.raises(errors.OrderMissing):
        orders.cancel(order_id=placed.order_id, reason="x", actor=stranger, at=AT)
    assert not book.orders(actor=stranger).exists()
    assert book.find_source(number=placed.number, actor=stranger) is None
    assert book.find_source(number="T1", actor=SYSTEM) is not None
    assert order(placed).hold_reason == ""
