"""Orders enter the book priced, reserved and once (SCM-2.4-03, SCM-2.4-04, SCM-2.4-11)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Channel
from customers import errors, rules
from customers.models import ChannelRoute, Customer, Order, OrderLine, OrderStep
from customers.services import placing
from customers.types import LineDraft, Verdict
from inventory.models import Reservation
from ops.engines.audit.models import Fact
from ops.engines.identity.choices import Role
from ops.engines.notices.models import Notice
from tests.customers.house import AT, BUYER, SYSTEM, House, actor, draft, house, order, statements


@pytest.mark.clause("SCM-2.4-03")
def test_a_paid_order_is_priced_reserved_and_allocated(shop: House) -> None:
    done = shop.place("T1", ("A-1", 1), ("C-3", 3), buyer=BUYER, country="CN")

    placed = order(done)
    assert (done.verdict, done.state, placed.state) == (Verdict.ACCEPTED, "allocated", "allocated")
    assert placed.total == Decimal("230.50")
    assert placed.tax == Decimal("26.52")
    assert placed.paid_at
    assert placed.ship_by == placed.paid_at + timedelta(hours=48)
    assert list(placed.lines.values_list("line_no", "quantity", "amount")) == [
        (1, 1, Decimal("199.00")),
        (2, 3, Decimal("31.50")),
    ]
    assert (shop.free("A-1"), shop.free("B-2"), shop.free("C-3")) == (99, 100, 97)
    assert Reservation.objects.filter(source_type=placing.SOURCE, source_id=placed.pk).count() == 2
    assert OrderStep.objects.get(order=placed).state == "allocated"


def test_one_order_takes_eight_statements_at_most(shop: House) -> None:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        shop.place("T1", ("A-1", 1), ("B-2", 2), ("C-3", 3), buyer=BUYER)

    assert len(statements(captured)) <= 8


def test_a_thousand_orders_take_as_many_statements_as_two(shop: House) -> None:
    def count(first: int, orders: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            placing.place_orders(
                [draft(f"N{n}", ("C-3", 1)) for n in range(first, first + orders)],
                channel=shop.code,
                actor=SYSTEM,
                at=AT,
            )
        return len(statements(captured))

    assert count(0, 2) == count(100, 40)


@pytest.mark.clause("SCM-2.3-01")
def test_too_little_stock_is_refused_with_numbers_and_changes_nothing(shop: House) -> None:
    with pytest.raises(errors.OrderRefused) as caught:
        shop.place("T1", ("A-1", 101), ("B-2", 1))

    (short,) = caught.value.context["errors"]
    assert short["code"] == "inventory.short"
    assert "100" in short["detail"]
    assert "101" in short["detail"]
    assert shop.free("B-2") == 100
    assert not Order.objects.exists()


@pytest.mark.clause("SCM-2.4-04")
def test_too_little_stock_holds_an_order_of_a_file(shop: House) -> None:
    short, fits = placing.place_orders(
        [draft("T1", ("A-1", 60), ("B-2", 101)), draft("T2", ("A-1", 60))],
        channel=shop.code,
        actor=SYSTEM,
        at=AT,
    )

    assert (short.verdict, short.state) == (Verdict.HELD, "paid")
    assert (fits.verdict, fits.state) == (Verdict.ACCEPTED, "allocated")
    assert order(short).hold_reason == "inventory.short"
    assert (shop.free("A-1"), shop.free("B-2")) == (40, 100)


@pytest.mark.clause("SCM-2.4-04")
def test_a_price_below_the_approved_one_and_half_an_address_hold_the_order(shop: House) -> None:
    user = shop.worker("li", Role.OPERATIONS_SPECIALIST)
    buyer = type(BUYER)(code="b2", name="王", address="")

    done = shop.place("T1", ("A-1", 1, "198.99"), buyer=buyer)

    assert done.verdict is Verdict.HELD
    assert order(done).hold_reason == "customers.address_incomplete,customers.below_price"
    assert shop.free("A-1") == 100
    assert Notice.objects.filter(person_id=user.person_id, kind="act").count() == 1


def test_unpaid_orders_wait_and_cash_on_delivery_does_not(shop: House) -> None:
    unpaid = shop.place("T1", ("A-1", 1), paid_at=None)
    at_the_door = shop.place("T2", ("A-1", 1), paid_at=None, cash_on_delivery=True)

    assert (unpaid.state, at_the_door.state) == ("placed", "allocated")
    assert shop.free("A-1") == 99
    assert order(at_the_door).path == "cod"


@pytest.mark.clause("SCM-2.4-11")
def test_the_same_order_again_is_a_duplicate_without_effect(shop: House) -> None:
    first = shop.place("T1", ("A-1", 1))
    facts = Fact.objects.count()

    again = shop.place("T1", ("A-1", 5), ("B-2", 1))

    assert (again.verdict, again.number) == (Verdict.DUPLICATE, first.number)
    assert shop.free("A-1") == 99
    assert Fact.objects.count() == facts
    assert OrderLine.objects.count() == 1


def test_each_order_of_a_batch_has_its_own_verdict(shop: House) -> None:
    shop.place("T0", ("A-1", 1))

    done = placing.place_orders(
        [
            draft("T0", ("A-1", 1)),
            draft("T1", ("A-1", 1)),
            draft("T1", ("B-2", 1)),
            draft("T2", ("no such", 1)),
            draft("T3", ("A-1", 1, "0")),
            draft("T4"),
            draft("T5", ("A-1", 0)),
            draft("T6", ("A-1", 1, "NaN")),
            draft("T7", ("A-1", 1, "1.0000001")),
            draft("T8", ("A-1", 1), paid_at=AT - timedelta(days=9)),
        ],
        channel=shop.code,
        actor=SYSTEM,
        at=AT,
    )

    verdicts = [(one.verdict.value, [c.code for c in one.complaints]) for one in done]
    assert verdicts == [
        ("duplicate", []),
        ("accepted", []),
        ("refused", ["customers.number_twice"]),
        ("refused", ["customers.sku_unknown"]),
        ("held", ["customers.below_price"]),
        ("refused", ["customers.lines_count"]),
        ("refused", ["customers.quantity"]),
        ("refused", ["customers.price_unreadable"]),
        ("refused", ["customers.price_unreadable"]),
        ("refused", ["customers.paid_before_placed"]),
    ]
    assert Order.objects.count() == 3
    assert OrderLine.objects.get(order__external_no="T3").kind == "gift"


def test_a_channel_without_route_holds_or_refuses(shop: House) -> None:
    ChannelRoute.objects.all().delete()

    assert shop.place("T1", ("A-1", 1), on_short="hold").verdict is Verdict.HELD
    with pytest.raises(errors.OrderRefused):
        shop.place("T2", ("A-1", 1))


@pytest.mark.parametrize("code", ["nowhere", "closed", "other"])
def test_only_open_channels_of_the_actor_take_orders(shop: House, code: str) -> None:
    who = actor(shop.worker("li", Role.OPERATIONS_SPECIALIST))
    house("other", stock=0)
    Channel.objects.create(code="closed", name="x", platform="own", is_active=False)

    with pytest.raises(errors.ChannelUnknown):
        placing.place_order(draft("T1", ("A-1", 1)), channel=code, actor=who, at=AT)

    assert shop.place("T1", ("A-1", 1), actor=who).verdict is Verdict.ACCEPTED


def test_a_known_buyer_is_not_entered_twice(shop: House) -> None:
    shop.place("T1", ("A-1", 1), buyer=BUYER)
    shop.place("T2", ("A-1", 1), buyer=BUYER)

    assert Customer.objects.count() == 1
    assert Customer.objects.get().orders.count() == 2


def test_more_than_a_batch_at_once_is_refused(shop: House) -> None:
    one = draft("T1", ("A-1", 1))

    with pytest.raises(errors.OrderRefused):
        placing.place_orders(
            [one] * (rules.MOST_ORDERS_IN_A_BATCH + 1), channel=shop.code, actor=SYSTEM, at=AT
        )


def test_a_huge_amount_is_refused(shop: House) -> None:
    lines = tuple(
        LineDraft(code="A-1", quantity=1_000_000, unit_price=Decimal(999999999)) for _ in range(2)
    )

    with pytest.raises(errors.OrderRefused) as caught:
        shop.place("T1", lines=lines)

    assert caught.value.context["errors"][0]["code"] == "customers.amount_too_large"
