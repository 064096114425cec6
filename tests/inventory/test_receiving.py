"""Receiving: blind count, differences as found, no posting without a decision."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from inventory.errors import DecisionNeeded, NotReady, SamePerson, WrongState
from inventory.models import Move, PurchaseOrder, Receipt, ReceiptDiscrepancy
from inventory.services import discrepancies, findings, receiving
from inventory.types import DiscrepancyInfo, FoundLine, NotedLine, ReceiptInfo
from ops.engines.approvals import services as approvals
from ops.engines.approvals.models import Request
from ops.engines.events.models import StoredFact
from ops.engines.kernel.errors import Conflict
from ops.engines.notices.models import Notice
from tests.inventory.checking import assert_sound
from tests.inventory.documents import House, house
from tests.inventory.factories import AT, Shop


@pytest.fixture(name="house")
def fixture_house(shop: Shop) -> House:
    return house(shop)


def post(house: House, receipt: ReceiptInfo) -> ReceiptInfo:
    return receiving.post_receipt(receipt_id=receipt.id, actor=house.who("keeper"), at=AT)


def report(
    house: House, receipt: ReceiptInfo, *, choice: str = "refuse_part", treatment: str = "accept"
) -> DiscrepancyInfo:
    return discrepancies.report_discrepancy(
        receipt_id=receipt.id,
        choice=choice,
        treatment=treatment,
        reason="Boxes were wet",
        actor=house.who("keeper"),
        at=AT,
    )


@pytest.mark.clause("SCM-2.2-02")
def test_matching_goods_go_in_at_the_cost_of_the_order(house: House) -> None:
    sku = house.shop.skus[0]
    order = house.ordered((sku, 10, "2.345678"))

    posted = post(house, house.delivered(order, (sku, 10, 10)))

    move = Move.objects.get(source_type="inventory.receipt", source_id=posted.id)
    stock = house.shop.stock(sku)
    assert posted.state == "posted"
    assert (move.quantity, move.unit_cost) == (10, Decimal("2.345678"))
    assert (stock.on_hand, stock.value) == (10, Decimal("23.46"))
    assert PurchaseOrder.objects.get(pk=order.id).state == "received"
    fact = StoredFact.objects.get(name="inventory.receipt_posted")
    assert (fact.payload["receipt_id"], fact.dated_on) == (posted.id, date(2026, 11, 21))
    assert_sound()


@pytest.mark.clause("SCM-2.2-02")
def test_differences_are_stored_as_found(house: House) -> None:
    first, second, third = house.shop.skus
    order = house.ordered((first, 10, "2.00"), (second, 10, "2.00"), (third, 10, "2.00"))

    receipt = house.delivered(order, (first, 12, 12), (second, 8, 8), (third, 10, 7))

    found = {sku: line.mismatch for sku, line in house.lines_of(receipt).items()}
    assert found == {first: "over", second: "short", third: "damaged"}
    assert receipt.differing == 2


@pytest.mark.clause("SCM-2.2-03")
@pytest.mark.clause("HR-1.2-06")
@pytest.mark.clause("HR-1.2-08")
def test_director_and_store_manager_hear_of_differences_at_once(house: House) -> None:
    sku = house.shop.skus[0]

    receipt = house.delivered(house.ordered((sku, 10, "2.00")), (sku, 9, 9))

    told = Notice.objects.filter(subject=f"inventory.receipt:{receipt.id}")
    assert {notice.person_id for notice in told} == {
        house.users["director"].person_id,
        house.users["store"].person_id,
    }


@pytest.mark.clause("SCM-2.2-03")
def test_a_pure_shortage_is_posted_as_counted(house: House) -> None:
    sku = house.shop.skus[0]
    order = house.ordered((sku, 10, "2.00"))

    posted = post(house, house.delivered(order, (sku, 8, 8)))

    assert posted.state == "posted"
    assert house.shop.stock(sku).on_hand == 8
    assert PurchaseOrder.objects.get(pk=order.id).state == "partly_received"


@pytest.mark.clause("SCM-2.2-03")
@pytest.mark.parametrize(("counted", "good"), [(12, 12), (10, 7)])
def test_goods_that_differ_are_not_posted_without_a_decision(
    house: House, counted: int, good: int
) -> None:
    sku = house.shop.skus[0]
    receipt = house.delivered(house.ordered((sku, 10, "2.00")), (sku, counted, good))

    with pytest.raises(DecisionNeeded):
        post(house, receipt)
    report(house, receipt)
    with pytest.raises(DecisionNeeded):
        post(house, receipt)

    assert not Move.objects.exists()
    assert house.lines_of(receipt)[sku].state == "open"


@pytest.mark.clause("SCM-2.2-03")
def test_matching_lines_are_posted_while_others_wait(house: House) -> None:
    first, second, _third = house.shop.skus
    order = house.ordered((first, 10, "2.00"), (second, 10, "2.00"))
    receipt = house.delivered(order, (first, 10, 10), (second, 10, 6))

    after = post(house, receipt)

    assert after.state == "checked"
    assert house.shop.stock(first).on_hand == 10
    assert house.lines_of(receipt)[second].state == "open"


@pytest.mark.clause("SCM-2.2-03")
def test_accepted_goods_go_in_and_the_damaged_into_quarantine(house: House) -> None:
    sku = house.shop.skus[0]
    receipt = house.delivered(house.ordered((sku, 10, "2.00")), (sku, 10, 7))

    made = report(house, receipt, treatment="accept")
    house.approve(made.approval_id, "store")

    line = house.lines_of(receipt)[sku]
    stock = house.shop.stock(sku)
    assert (line.state, line.to_bin, line.to_quarantine) == ("posted", 7, 3)
    assert (stock.on_hand, stock.owned) == (7, 10)
    assert Receipt.objects.get(pk=receipt.id).state == "posted"
    assert ReceiptDiscrepancy.objects.get(pk=made.id).state == "decided"
    assert_sound()


@pytest.mark.clause("SCM-2.2-03")
def test_the_difference_goes_back_and_the_rest_comes_in(house: House) -> None:
    sku = house.shop.skus[0]
    receipt = house.delivered(house.ordered((sku, 10, "2.00")), (sku, 12, 12))

    made = report(house, receipt, choice="refuse_part", treatment="return")
    house.approve(made.approval_id, "store")

    assert house.shop.stock(sku).on_hand == 10


@pytest.mark.clause("SCM-2.2-03")
def test_refused_goods_never_come_in(house: House) -> None:
    sku = house.shop.skus[0]
    receipt = house.delivered(house.ordered((sku, 10, "2.00")), (sku, 10, 2))

    made = report(house, receipt, choice="refuse_all", treatment="return")
    house.approve(made.approval_id, "store")

    assert Receipt.objects.get(pk=receipt.id).state == "refused"
    assert not Move.objects.exists()


@pytest.mark.clause("SCM-2.2-03")
def test_value_brings_the_director_in(house: House) -> None:
    sku = house.shop.skus[0]
    receipt = house.delivered(house.ordered((sku, 10, "500.00")), (sku, 10, 7))

    made = report(house, receipt)

    steps = Request.objects.get(pk=made.approval_id or 0).steps
    assert [step["role"] for step in steps] == ["store_manager", "operations_director"]
    house.approve(made.approval_id, "store")
    assert not Move.objects.exists()
    house.approve(made.approval_id, "director")
    assert house.shop.stock(sku).on_hand == 7


def test_a_returned_report_may_be_made_anew(house: House) -> None:
    sku = house.shop.skus[0]
    receipt = house.delivered(house.ordered((sku, 10, "2.00")), (sku, 10, 7))
    made = report(house, receipt)
    request = Request.objects.get(pk=made.approval_id or 0)
    with pytest.raises(NotReady):
        report(house, receipt)

    approvals.send_back(
        request_id=request.pk,
        reason="Send photos",
        content_hash=request.content_hash,
        actor=house.who("store"),
        at=AT,
    )

    assert report(house, receipt).number != made.number


@pytest.mark.clause("SCM-2.2-02")
def test_whoever_ordered_does_not_count(house: House) -> None:
    sku = house.shop.skus[0]
    order = house.ordered((sku, 10, "2.00"))
    receipt = receiving.open_receipt(
        purchase_id=order.id, delivery_note="N-9", actor=house.who("buyer"), at=AT
    )

    with pytest.raises(SamePerson):
        findings.record_found(
            receipt_id=receipt.id,
            lines=[FoundLine(sku_id=sku, counted=10)],
            actor=house.who("buyer"),
            at=AT,
        )

    assert house.lines_of(receipt)[sku].counted is None


@pytest.mark.clause("SCM-2.2-02")
def test_a_count_ends_when_every_line_is_counted(house: House) -> None:
    first, second, _third = house.shop.skus
    order = house.ordered((first, 10, "2.00"), (second, 1, "2.00"))
    receipt = receiving.open_receipt(
        purchase_id=order.id, delivery_note="N-9", actor=house.who("keeper"), at=AT
    )
    findings.record_found(
        receipt_id=receipt.id,
        lines=[FoundLine(sku_id=first, counted=10)],
        actor=house.who("keeper"),
        at=AT,
    )

    with pytest.raises(NotReady):
        receiving.finish_count(receipt_id=receipt.id, actor=house.who("keeper"), at=AT)


def test_goods_the_note_does_not_name_become_a_line_that_waits(house: House) -> None:
    first, second, _third = house.shop.skus
    order = house.ordered((first, 10, "2.00"))

    receipt = house.delivered(order, (first, 10, 10), (second, 3, 3))

    assert house.lines_of(receipt)[second].mismatch == "over"


def test_a_typed_note_is_what_is_compared(house: House) -> None:
    sku = house.shop.skus[0]
    order = house.ordered((sku, 10, "2.00"))
    receipt = receiving.open_receipt(
        purchase_id=order.id,
        delivery_note="N-2",
        noted=[NotedLine(sku_id=sku, quantity=6)],
        actor=house.who("buyer"),
        at=AT,
    )
    findings.record_found(
        receipt_id=receipt.id,
        lines=[FoundLine(sku_id=sku, counted=6)],
        actor=house.who("keeper"),
        at=AT,
    )

    receiving.finish_count(receipt_id=receipt.id, actor=house.who("keeper"), at=AT)

    assert house.lines_of(receipt)[sku].mismatch == "none"


def test_a_note_is_received_once(house: House) -> None:
    sku = house.shop.skus[0]
    order = house.ordered((sku, 10, "2.00"))
    house.delivered(order, (sku, 5, 5), note="N-1")

    with pytest.raises(Conflict):
        receiving.open_receipt(
            purchase_id=order.id, delivery_note="N-1", actor=house.who("keeper"), at=AT
        )


def test_a_posted_receipt_is_not_posted_again(house: House) -> None:
    sku = house.shop.skus[0]
    receipt = house.delivered(house.ordered((sku, 10, "2.00")), (sku, 10, 10))
    post(house, receipt)

    with pytest.raises(WrongState):
        post(house, receipt)

    assert house.shop.stock(sku).on_hand == 10


def test_a_count_may_be_opened_again_before_anything_is_posted(house: House) -> None:
    sku = house.shop.skus[0]
    receipt = house.delivered(house.ordered((sku, 10, "2.00")), (sku, 1, 1))

    again = receiving.count_again(
        receipt_id=receipt.id, reason="Mistyped", actor=house.who("keeper"), at=AT
    )

    assert again.state == "counting"
