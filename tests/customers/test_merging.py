"""Joint parcels: one buyer, one recipient, one box, until it is picked (V8)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from customers import errors
from customers.models import OrderMerge, OrderRecipient
from customers.selectors import fulfilment
from customers.services import merging, orders, splitting
from customers.types import Outcome
from inventory.errors import WrongState
from inventory.models import Parcel, Shipment
from inventory.services import parcels as parcel_services
from inventory.services import shipments
from ops.engines.audit.models import Fact
from ops.engines.events import delivery
from ops.engines.identity.choices import Role
from tests.customers.house import AT, BUYER, SYSTEM, House, actor, house, order
from tests.inventory.checking import assert_sound


def place(shop: House, *numbers: str) -> list[Outcome]:
    """Return orders of one buyer to one address, their parcels open."""
    placed = [shop.place(number, ("A-1", 1), buyer=BUYER) for number in numbers]
    delivery.drain(at=AT)
    return placed


def ids(placed: list[Outcome]) -> list[int]:
    """Return the orders' ids."""
    return [one.order_id for one in placed]


def parcels(placed: list[Outcome]) -> set[int | None]:
    """Return the joint parcels the orders' live shipments are in."""
    live = Shipment.objects.filter(source_id__in=ids(placed)).exclude(state="cancelled")
    return set(live.values_list("parcel_id", flat=True))


def test_orders_of_one_recipient_go_out_in_one_parcel(shop: House) -> None:
    placed = place(shop, "T1", "T2")

    made = merging.merge(order_ids=ids(placed), actor=SYSTEM, at=AT)

    first, last = Shipment.objects.order_by("pk")
    assert parcels(placed) == {made.parcel_id}
    shipments.pick(shipment_id=last.pk, actor=SYSTEM, at=AT)
    shipments.pack(shipment_id=first.pk, carrier="SF", tracking_no="SF1", actor=SYSTEM, at=AT)
    shipments.ship(shipment_id=last.pk, actor=SYSTEM, at=AT)
    delivery.drain(at=AT)
    assert {order(one).state for one in placed} == {"shipped"}
    assert set(Shipment.objects.values_list("carrier", "tracking_no")) == {("SF", "SF1")}
    assert Fact.objects.filter(action="customers.order_merged").count() == 2
    assert_sound()


def test_a_joint_parcel_is_undone_before_it_is_picked(shop: House) -> None:
    placed = place(shop, "T1", "T2")
    merging.merge(order_ids=ids(placed), actor=SYSTEM, at=AT)

    merging.unmerge(order_id=placed[0].order_id, actor=SYSTEM, at=AT)
    apart = parcels(placed)
    merging.merge(order_ids=ids(placed), actor=SYSTEM, at=AT)
    shipments.pick(shipment_id=Shipment.objects.all()[0].pk, actor=SYSTEM, at=AT)

    with pytest.raises(errors.OrderStepRefused) as refusal:
        merging.unmerge(order_id=placed[0].order_id, actor=SYSTEM, at=AT)

    assert apart == {None}
    assert refusal.value.code == "customers.parcel_picked"
    assert None not in parcels(placed)


@pytest.mark.parametrize(
    "buyer",
    [
        replace(BUYER, address="浙江省杭州市西湖区文三路 2 号"),
        replace(BUYER, name="李大龙"),
        replace(BUYER, phone="13812342232"),
        replace(BUYER, code="buyer-2"),
    ],
)
def test_another_recipient_or_buyer_never_shares_the_parcel(shop: House, buyer: object) -> None:
    (one,) = place(shop, "T1")
    other = shop.place("T2", ("A-1", 1), buyer=buyer)
    delivery.drain(at=AT)

    with pytest.raises(errors.OrderRefused) as refusal:
        merging.merge(order_ids=[one.order_id, other.order_id], actor=SYSTEM, at=AT)

    assert refusal.value.code == "customers.merge_differs"
    assert not Parcel.objects.exists()
    assert fulfilment.alike(order_ids=[one.order_id]) == {}
    with pytest.raises(IntegrityError, match="never share a parcel"):
        _bypass(one.order_id, other.order_id)


def test_spaces_and_width_make_no_other_address(shop: House) -> None:
    (one,) = place(shop, "T1")
    wide = replace(BUYER, address="浙江省杭州市西湖区文三路１号")
    other = shop.place("T2", ("A-1", 1), buyer=wide)
    delivery.drain(at=AT)

    made = merging.merge(order_ids=[one.order_id, other.order_id], actor=SYSTEM, at=AT)

    assert made.order_ids == (one.order_id, other.order_id)


def test_names_and_addresses_never_reach_the_database_in_the_clear(shop: House) -> None:
    placed = place(shop, "T1", "T2")
    OrderRecipient.objects.all().delete()

    with CaptureQueriesContext(connection) as captured:
        merging.merge_alike(order_ids=ids(placed), actor=SYSTEM, at=AT)

    said = "".join(query["sql"] for query in captured)
    assert "ordermerge" in said
    assert not any(text in said for text in (BUYER.name, BUYER.phone, BUYER.address, "文三路"))


def test_each_order_that_cannot_be_joined_says_why(shop: House) -> None:
    fit = place(shop, "T1", "T2")
    alone = shop.place("T3", ("A-1", 1), buyer=replace(BUYER, code="b3", address="上海市 1 号"))
    unknown = shop.place("T4", ("A-1", 1))
    held, divided = place(shop, "T5", "T6")
    orders.hold(order_ids=[held.order_id], reason="x", actor=SYSTEM, at=AT)
    big = shop.place("T7", ("A-1", 2), buyer=BUYER)
    splitting.split(order_id=big.order_id, now={1: 1}, actor=SYSTEM, at=AT)
    picked = divided
    delivery.drain(at=AT)
    parcel = Shipment.objects.get(source_id=picked.order_id, state="open")
    shipments.pick(shipment_id=parcel.pk, actor=SYSTEM, at=AT)
    everyone = [*ids(fit), *(o.order_id for o in (alone, unknown, held, picked, big))]

    report = merging.merge_alike(order_ids=everyone, actor=SYSTEM, at=AT)

    assert report.done == tuple(ids(fit))
    assert {one.order_id: one.code for one in report.refused} == {
        alone.order_id: "customers.merge_alone",
        unknown.order_id: "customers.no_recipient",
        held.order_id: "customers.held",
        picked.order_id: "customers.parcel_picked",
        big.order_id: "customers.divided",
    }


def test_one_selected_order_brings_its_likes_along(shop: House) -> None:
    placed = place(shop, "T1", "T2", "T3")
    seen = fulfilment.together(order_ids=ids(placed)[:1])

    report = merging.merge_alike(order_ids=ids(placed)[:1], actor=SYSTEM, at=AT)

    assert seen[placed[0].order_id].alike == 3
    assert report.done == tuple(ids(placed))
    assert len(parcels(placed)) == 1
    now = fulfilment.together(order_ids=ids(placed))
    assert {(one.alike, one.joined) for one in now.values()} == {(0, 3)}


def test_a_third_order_joins_the_parcel_of_two(shop: House) -> None:
    placed = place(shop, "T1", "T2")
    merging.merge(order_ids=ids(placed), actor=SYSTEM, at=AT)
    (third,) = place(shop, "T3")

    made = merging.merge(order_ids=[placed[0].order_id, third.order_id], actor=SYSTEM, at=AT)

    assert made.order_ids == tuple(ids([*placed, third]))
    assert parcels([*placed, third]) == {made.parcel_id}


def test_a_held_order_leaves_the_parcel_and_the_others_are_picked_anew(shop: House) -> None:
    placed = place(shop, "T1", "T2", "T3")
    merging.merge(order_ids=ids(placed), actor=SYSTEM, at=AT)
    first = Shipment.objects.order_by("pk")[0]
    shipments.pick(shipment_id=first.pk, actor=SYSTEM, at=AT)

    orders.hold(order_ids=[placed[0].order_id], reason="x", actor=SYSTEM, at=AT)

    states = list(Shipment.objects.order_by("pk").values_list("state", flat=True))
    assert states == ["cancelled", "open", "open"]
    assert len(parcels(placed[1:])) == 1
    orders.cancel(order_id=placed[1].order_id, reason="x", actor=SYSTEM, at=AT)
    assert parcels(placed[2:]) == {None}
    assert_sound()


def test_hashes_are_kept_only_while_orders_wait(shop: House) -> None:
    placed = place(shop, "T1", "T2")
    before = OrderRecipient.objects.count()
    shipment = Shipment.objects.get(source_id=placed[0].order_id)

    shipments.pick(shipment_id=shipment.pk, actor=SYSTEM, at=AT)
    shipments.pack(shipment_id=shipment.pk, carrier="SF", actor=SYSTEM, at=AT)
    shipments.ship(shipment_id=shipment.pk, actor=SYSTEM, at=AT)
    delivery.drain(at=AT)
    orders.cancel(order_id=placed[1].order_id, reason="x", actor=SYSTEM, at=AT)

    assert before == 2
    assert not OrderRecipient.objects.exists()


def test_nobody_joins_orders_of_other_channels(shop: House) -> None:
    placed = place(shop, "T1", "T2")
    stranger = actor(house("other", stock=0).worker("li", Role.OPERATIONS_SPECIALIST))

    with pytest.raises(errors.OrderMissing):
        merging.merge(order_ids=ids(placed), actor=stranger, at=AT)
    with pytest.raises(errors.OrderMissing):
        merging.unmerge(order_id=placed[0].order_id, actor=stranger, at=AT)

    assert not Parcel.objects.exists()


def test_what_is_joined_stays_together_in_the_database(shop: House) -> None:
    placed = place(shop, "T1", "T2")
    merging.merge(order_ids=ids(placed), actor=SYSTEM, at=AT)
    first = Shipment.objects.order_by("pk")[0]

    with pytest.raises(IntegrityError, match="left its parcel behind"):
        _pick_alone(first.pk)
    shipments.pick(shipment_id=first.pk, actor=SYSTEM, at=AT)
    with pytest.raises(IntegrityError, match="before it is picked"), transaction.atomic():
        Shipment.objects.filter(pk=first.pk).update(parcel=None)
    with pytest.raises(DatabaseError, match=r"append-only|permission"), transaction.atomic():
        OrderMerge.objects.all().delete()
    with pytest.raises(WrongState):
        parcel_services.join(
            shipment_ids=Shipment.objects.values_list("pk", flat=True), actor=SYSTEM, at=AT
        )


def _bypass(*order_ids: int) -> None:
    with transaction.atomic():
        parcel = Parcel.objects.create(joined_at=AT)
        OrderMerge.objects.bulk_create(OrderMerge(parcel=parcel, order_id=pk) for pk in order_ids)


def _pick_alone(shipment_id: int) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE inventory_shipment SET state = 'picked' WHERE id = %s", [shipment_id]
        )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
