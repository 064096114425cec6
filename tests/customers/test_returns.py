"""Returns: no more than was sold, money to the cent (SCM-2.4-08)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from customers import errors
from customers.models import Order, Return, ReturnLine
from customers.services import returns
from customers.types import ReturnInfo, ReturnWant
from ops.engines.events.models import StoredFact
from tests.customers.house import AT, SYSTEM, House, order
from tests.customers.test_handling import ship
from tests.inventory.checking import assert_sound


def ask(shipped: Order, *wants: tuple[int, int], number: str = "") -> ReturnInfo:
    return returns.request_return(
        order_id=shipped.pk,
        lines=[ReturnWant(line_no=line, quantity=quantity) for line, quantity in wants],
        reason="does not fit",
        external_no=number,
        actor=SYSTEM,
        at=AT,
    )


@pytest.mark.clause("SCM-2.4-08")
def test_goods_come_back_and_the_money_follows(shop: House) -> None:
    shipped = ship(shop, "T1", ("A-1", 3), ("C-3", 1))

    parts = [ask(shipped, (1, 1)), ask(shipped, (1, 2), (2, 1), number="R-77")]
    for part in parts:
        returns.accept_return(return_id=part.id, actor=SYSTEM, at=AT)

    assert [part.total for part in parts] == [Decimal("199.00"), Decimal("408.50")]
    back = Return.objects.filter(order=shipped)
    assert sum(one.tax for one in back) == order_tax(shipped)
    assert {one.state for one in back} == {"accepted"}
    assert Order.objects.get(pk=shipped.pk).state == "refunding"
    told = StoredFact.objects.filter(name="customers.return_accepted")
    assert {fact.payload["return_id"] for fact in told} == {part.id for part in parts}
    for part in parts:
        returns.note_refund(return_id=part.id, actor=SYSTEM, at=AT)
    assert Order.objects.get(pk=shipped.pk).state == "closed"
    assert_sound()


def order_tax(shipped: Order) -> Decimal:
    return Order.objects.values_list("tax", flat=True).get(pk=shipped.pk)


def test_more_than_was_sold_never_comes_back(shop: House) -> None:
    shipped = ship(shop, "T1", ("A-1", 2))
    first = ask(shipped, (1, 2))

    with pytest.raises(errors.ReturnRefused):
        ask(shipped, (1, 1))
    returns.refuse_return(return_id=first.id, reason="worn", actor=SYSTEM, at=AT)
    again = ask(shipped, (1, 2))

    assert again.state == "requested"
    with pytest.raises(errors.ReturnRefused):
        returns.accept_return(return_id=first.id, actor=SYSTEM, at=AT)
    copy = Return.objects.create(
        number="X", channel_id=shipped.channel_id, external_no="X", order=shipped,
        state="requested", total=0, requested_at=AT, business_day=AT.date(),
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="return_exceeds_order"), transaction.atomic():
        ReturnLine.objects.create(
            back=copy, line_no=1, sku_id=shop.skus["A-1"], quantity=1, unit_price=1, amount=1
        )
    unknown = pytest.raises(IntegrityError, match="return_step_requested_to_refunded")
    with unknown, transaction.atomic():
        Return.objects.filter(pk=again.id).update(state="refunded")
    with pytest.raises(IntegrityError, match="return_born_in_accepted"), transaction.atomic():
        Return.objects.create(
            number="Y", channel_id=shipped.channel_id, external_no="Y", state="accepted",
            total=0, requested_at=AT, business_day=AT.date(),
        )  # fmt: skip


@pytest.mark.parametrize("wants", [[], [(1, 0)], [(1, 3)], [(9, 1)], [(1, 1), (1, 1)]])
def test_a_return_names_real_lines(shop: House, wants: list[tuple[int, int]]) -> None:
    shipped = ship(shop, "T1", ("A-1", 2))

    with pytest.raises(errors.ReturnRefused):
        ask(shipped, *wants)

    assert not Return.objects.exists()


def test_what_was_not_shipped_cannot_come_back(shop: House) -> None:
    with pytest.raises(errors.ReturnRefused):
        ask(order(shop.place("T1", ("A-1", 1))), (1, 1))


def test_a_refund_number_is_taken_once(shop: House) -> None:
    shipped = ship(shop, "T1", ("A-1", 2))
    ask(shipped, (1, 1), number="R-1")

    with pytest.raises(errors.ReturnRefused):
        ask(shipped, (1, 1), number="R-1")
