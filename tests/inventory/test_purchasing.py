"""Purchase orders: limits decide the approver, the buyer decides nothing (SCM-2.4-01)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from inventory.errors import NotReady, UnknownDocument, WrongState
from inventory.models import PurchaseLine, PurchaseOrder, Supplier
from inventory.services import purchasing, suppliers
from inventory.types import PurchaseWant
from ops.engines.approvals import services as approvals
from ops.engines.approvals.errors import NotApprover, OwnRequest, RequesterMayNotAsk, StepUpNeeded
from ops.engines.approvals.models import Request
from ops.engines.kernel.errors import Conflict
from tests.inventory.documents import House, house, request_of
from tests.inventory.factories import AT, SYSTEM, Shop


@pytest.fixture(name="house")
def fixture_house(shop: Shop) -> House:
    return house(shop)


def state(purchase_id: int) -> str:
    return PurchaseOrder.objects.get(pk=purchase_id).state


def submitted(house: House, quantity: int, cost: str) -> Request:
    made = house.draft((house.shop.skus[0], quantity, cost))
    purchasing.submit_purchase(purchase_id=made.id, actor=house.who("buyer"), at=AT)
    return Request.objects.get(pk=request_of(purchasing.SUBJECT, made.id))


@pytest.mark.clause("SCM-2.4-01")
@pytest.mark.parametrize(
    ("quantity", "roles"),
    [
        (500, ["operations_supervisor"]),
        (501, ["operations_supervisor", "operations_manager"]),
        (2001, ["operations_supervisor", "operations_manager", "finance_manager"]),
    ],
)
def test_the_amount_decides_who_approves(house: House, quantity: int, roles: list[str]) -> None:
    request = submitted(house, quantity, "100.00")

    assert [step["role"] for step in request.steps] == roles


def test_the_finance_manager_proves_a_purchase_beyond_the_limit(house: House) -> None:
    request = submitted(house, 2001, "100.00")
    house.approve(request.pk, "supervisor", "manager")

    with pytest.raises(StepUpNeeded):
        house.approve(request.pk, "chief")

    assert state(request.subject_id) == "submitted"


@pytest.mark.clause("SCM-2.4-01")
def test_an_approved_order_is_sent(house: House) -> None:
    order = house.ordered((house.shop.skus[0], 10, "2.345678"))

    assert (order.state, order.total) == ("sent", Decimal("23.46"))


@pytest.mark.clause("SCM-2.4-01")
def test_the_buyer_cannot_approve(house: House) -> None:
    request = submitted(house, 1, "1.00")

    with pytest.raises((OwnRequest, NotApprover)):
        house.approve(request.pk, "buyer")

    assert state(request.subject_id) == "submitted"


@pytest.mark.clause("SCM-2.4-01")
def test_nobody_sends_what_is_not_approved(house: House) -> None:
    request = submitted(house, 1, "1.00")

    with pytest.raises(WrongState):
        purchasing.send_purchase(purchase_id=request.subject_id, actor=house.who("buyer"), at=AT)

    assert state(request.subject_id) == "submitted"


@pytest.mark.clause("SCM-2.4-01")
def test_a_line_without_plan_needs_a_reason(house: House) -> None:
    with pytest.raises(NotReady):
        purchasing.draft_purchase(
            supplier_id=house.supplier_id,
            warehouse_id=house.shop.warehouse.id,
            lines=[PurchaseWant(sku_id=house.shop.skus[0], quantity=1, unit_cost=Decimal(1))],
            actor=house.who("buyer"),
            at=AT,
        )

    assert not PurchaseOrder.objects.exists()


def test_only_purchasing_hands_orders_in(house: House) -> None:
    made = house.draft((house.shop.skus[0], 1, "1.00"))

    with pytest.raises(RequesterMayNotAsk):
        purchasing.submit_purchase(purchase_id=made.id, actor=house.who("keeper"), at=AT)

    assert state(made.id) == "draft"


def test_a_returned_order_is_a_draft_that_may_be_changed(house: House) -> None:
    request = submitted(house, 1, "1.00")
    approvals.send_back(
        request_id=request.pk,
        reason="Too few",
        content_hash=request.content_hash,
        actor=house.who("supervisor"),
        at=AT,
    )

    edited = purchasing.edit_purchase(
        purchase_id=request.subject_id,
        lines=[
            PurchaseWant(
                sku_id=house.shop.skus[1], quantity=5, unit_cost=Decimal(2), plan_ref="P-1"
            )
        ],
        actor=house.who("buyer"),
        at=AT,
    )

    assert (edited.state, edited.total) == ("draft", Decimal("10.00"))
    assert PurchaseLine.objects.get(purchase_id=edited.id).plan_ref == "P-1"


def test_a_submitted_order_is_fixed(house: House) -> None:
    request = submitted(house, 1, "1.00")

    with pytest.raises(WrongState):
        purchasing.edit_purchase(
            purchase_id=request.subject_id, note="more", actor=house.who("buyer"), at=AT
        )


def test_nothing_is_ordered_from_a_suspended_supplier(house: House) -> None:
    suppliers.suspend_supplier(
        supplier_id=house.supplier_id, reason="Late", actor=house.who("buyer"), at=AT
    )

    with pytest.raises(NotReady):
        house.draft((house.shop.skus[0], 1, "1.00"))


def test_unknown_goods_are_not_ordered(house: House) -> None:
    with pytest.raises(UnknownDocument):
        house.draft((987654321, 1, "1.00"))


def test_a_sent_order_is_closed_with_a_reason(house: House) -> None:
    order = house.ordered((house.shop.skus[0], 10, "2.00"))

    closed = purchasing.close_purchase(
        purchase_id=order.id, reason="No longer made", actor=house.who("buyer"), at=AT
    )

    assert closed.state == "closed"
    with pytest.raises(WrongState):
        purchasing.cancel_purchase(
            purchase_id=order.id, reason="Again", actor=house.who("buyer"), at=AT
        )


def test_a_supplier_code_is_given_once(house: House) -> None:
    with pytest.raises(Conflict):
        suppliers.create_supplier(code="HY", name="另一家", actor=SYSTEM, at=AT)

    assert Supplier.objects.count() == 1
