"""Orders priced here get what promotions give, to the cent, once (CAT-4.4-02, CAT-4.4-06)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Coupon, PromotionUse
from catalog.services import promotions
from customers import errors
from customers.models import Order, OrderDiscount
from customers.services import placing
from customers.types import BuyerDraft, Verdict
from inventory.models import Reservation
from tests.catalog.promos import DURING
from tests.customers.house import SYSTEM, draft, order, statements
from tests.customers.promoted import CAPS, SAVE, TEN, Fair, fair, offs, taken, uses

pytestmark = pytest.mark.django_db


@pytest.fixture(name="fair")
def fixture_fair(db: None) -> Fair:
    return fair()


@pytest.mark.clause("CAT-4.4-02", "CAT-4.4-06")
def test_each_discount_is_a_row_and_list_less_discounts_is_what_is_paid(fair: Fair) -> None:
    save = fair.running(SAVE | {"stacking": {"combines_with": ["*"]}})
    ten = fair.running(
        TEN | {"condition": {"goods": {"skus": [fair.house.skus["B-2"]]}},
               "stacking": {"combines_with": ["*"]}}
    )  # fmt: skip

    done = fair.place("T1", ("A-1", 1), ("B-2", 2), ("C-3", 1), buyer="b1")

    # 199.00 + 118.00 + 10.50; ten percent of B-2 is 11.80, so 315.70 remain: 40.00 in proportion
    # 25.21, 13.46, 1.33.
    placed = order(done)
    assert offs(placed.pk) == [
        (1, save.id, Decimal("25.21")),
        (2, ten.id, Decimal("11.80")),
        (2, save.id, Decimal("13.46")),
        (3, save.id, Decimal("1.33")),
    ]
    lines = list(placed.lines.values_list("unit_price", "discount", "amount"))
    assert lines == [
        (Decimal(199), Decimal("25.21"), Decimal("173.79")),
        (Decimal(59), Decimal("25.26"), Decimal("92.74")),
        (Decimal("10.5"), Decimal("1.33"), Decimal("9.17")),
    ]
    assert placed.total == sum(line[2] for line in lines) == Decimal("275.70")
    # 13 % in 275.70.
    assert placed.tax == Decimal("31.72")
    assert taken(save) == (1, Decimal("40.00"))
    assert taken(ten) == (1, Decimal("11.80"))
    assert uses(save) == uses(ten) == [placed.pk]


def test_an_order_that_brings_its_prices_gets_no_second_discount(fair: Fair) -> None:
    made = fair.running()

    done = fair.place("T1", ("A-1", 2, "199.00"))
    mixed = fair.place("T2", ("A-1", 1, "199.00"), ("A-1", 1))

    assert order(done).total == order(mixed).total == Decimal("398.00")
    assert not OrderDiscount.objects.exists()
    assert taken(made) == (0, Decimal("0.00"))


def test_before_and_after_the_promotion_the_price_is_the_price(fair: Fair) -> None:
    made = fair.running()

    early = fair.house.place("T1", ("A-1", 2))
    promotions.end(promotion_id=made.id, reason="over", actor=SYSTEM, at=DURING)
    late = fair.place("T2", ("A-1", 2))

    assert order(early).total == order(late).total == Decimal("398.00")
    assert uses(made) == []


def test_a_plain_order_costs_no_statement_more_and_a_promoted_one_three(fair: Fair) -> None:
    def count(number: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            fair.place(number, ("A-1", 1), ("B-2", 2), buyer="b1")
        return len(statements(captured))

    fair.place("T0", ("A-1", 1), buyer="b1")
    plain = count("T1")
    made = fair.running()
    fair.place("T2", ("A-1", 1))
    promoted = count("T3")
    promotions.end(promotion_id=made.id, reason="over", actor=SYSTEM, at=DURING)
    fair.place("T4", ("A-1", 1))
    after = count("T5")

    assert plain <= 8
    assert after == plain
    assert promoted <= plain + 3
    assert len(uses(made)) == 1


def test_a_thousand_promoted_orders_take_as_many_statements_as_two(fair: Fair) -> None:
    fair.running()
    fair.place("T0", ("A-1", 1))

    def count(first: int, orders: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            placing.place_orders(
                [draft(f"N{n}", ("A-1", 1), ("C-3", 12)) for n in range(first, first + orders)],
                channel=fair.house.code,
                actor=SYSTEM,
                at=DURING,
            )
        return len(statements(captured))

    assert count(0, 2) == count(100, 5)


def test_of_a_batch_the_earlier_orders_get_what_is_left(fair: Fair) -> None:
    made = fair.running(SAVE | {"caps": {"budget": "100.00"}})

    done = placing.place_orders(
        [draft(f"N{n}", ("A-1", 2)) for n in range(4)],
        channel=fair.house.code,
        actor=SYSTEM,
        at=DURING,
    )

    # A budget that cannot pay the whole discount pays what it has.
    assert [order(one).total for one in done] == [358, 358, 378, 398]
    assert taken(made) == (3, Decimal("100.00"))


def test_a_coupon_opens_its_promotion_once(fair: Fair) -> None:
    made = fair.running(TEN | {"coupon": True}, coupon_mode="batch")
    code = fair.coupon(made)

    without = fair.place("T1", ("A-1", 1))
    # Case and width tell no codes apart.
    done = fair.place("T2", ("A-1", 1), coupons=(f" {code.lower()} ",))
    with pytest.raises(errors.OrderRefused) as caught:
        fair.place("T3", ("A-1", 1), coupons=(code,))

    assert order(without).total == Decimal("199.00")
    assert order(done).total == Decimal("179.10")
    assert OrderDiscount.objects.get().coupon == code
    assert caught.value.context["errors"][0]["code"] == "customers.coupon_idle"
    assert Coupon.objects.get().uses == 1
    assert Order.objects.count() == 2


@pytest.mark.parametrize("code", ["NOSUCHCODE12", "不是券", ""])
def test_a_coupon_that_opens_nothing_refuses_the_order(fair: Fair, code: str) -> None:
    with pytest.raises(errors.OrderRefused):
        fair.place("T1", ("A-1", 1), coupons=(code,))
    fair.running()
    with pytest.raises(errors.OrderRefused):
        fair.place("T1", ("A-1", 2), coupons=(code,))

    assert not Order.objects.exists()
    assert not PromotionUse.objects.exists()


def test_a_coupon_beside_given_prices_is_refused(fair: Fair) -> None:
    made = fair.running(TEN | {"coupon": True}, coupon_mode="batch")

    with pytest.raises(errors.OrderRefused) as caught:
        fair.place("T1", ("A-1", 1, "199.00"), coupons=(fair.coupon(made),))

    assert caught.value.context["errors"][0]["code"] == "customers.coupon_on_given_prices"
    assert Coupon.objects.get().uses == 0


def test_another_total_than_the_buyer_was_shown_is_refused_and_takes_nothing(fair: Fair) -> None:
    made = fair.running()

    with pytest.raises(errors.OrderRefused) as caught:
        fair.place("T1", ("A-1", 2), expected_total=Decimal("398.00"))
    done = fair.place("T2", ("A-1", 2), expected_total=Decimal("358.00"))

    assert caught.value.context["errors"][0]["code"] == "customers.other_total"
    assert "358.00" in caught.value.context["errors"][0]["detail"]
    assert order(done).total == Decimal("358.00")
    assert taken(made) == (1, Decimal("40.00"))


def test_too_little_stock_gives_back_what_the_order_took(fair: Fair) -> None:
    made = fair.running(TEN | {"coupon": True}, coupon_mode="batch")
    code = fair.coupon(made)

    with pytest.raises(errors.OrderRefused):
        fair.place("T1", ("A-1", 101), coupons=(code,))

    assert taken(made) == (0, Decimal("0.00"))
    assert Coupon.objects.get().uses == 0
    assert not OrderDiscount.objects.exists()
    held = fair.place("T2", ("A-1", 101), coupons=(code,), on_short="hold")
    assert held.verdict is Verdict.HELD
    assert taken(made) == (1, Decimal("2009.90"))


def test_a_cancelled_order_gives_everything_back_once(fair: Fair) -> None:
    made = fair.running(TEN | {"coupon": True, "caps": CAPS | {"buyer_uses": 1}},
                        coupon_mode="batch")  # fmt: skip
    code = fair.coupon(made)
    first = fair.place("T1", ("A-1", 1), coupons=(code,), buyer="b1")

    fair.cancel(first)
    assert taken(made) == (0, Decimal("0.00"))
    again = fair.place("T2", ("A-1", 1), coupons=(code,), buyer="b1")

    assert order(again).total == Decimal("179.10")
    assert taken(made) == (1, Decimal("19.90"))
    assert uses(made) == [again.order_id]
    assert not Reservation.objects.filter(source_id=first.order_id, state="open").exists()


def test_what_is_counted_by_buyer_is_not_for_unknown_ones(fair: Fair) -> None:
    fair.running(TEN | {"caps": CAPS | {"buyer_uses": 1}})

    totals = [
        order(fair.place(f"T{n}", ("A-1", 1), buyer=buyer)).total
        for n, buyer in enumerate(["", "b1", "b1", "b2"])
    ]

    assert totals == [Decimal(199), Decimal("179.10"), Decimal(199), Decimal("179.10")]


def test_a_first_order_is_the_first_that_was_not_cancelled(fair: Fair) -> None:
    fair.running(TEN | {"condition": {"first_order": True}})

    first = fair.place("T1", ("A-1", 1), buyer="b1")
    second = fair.place("T2", ("A-1", 1), buyer="b1")
    fair.cancel(first)
    fair.cancel(second)
    third = fair.place("T3", ("A-1", 1), buyer="b1")

    totals = [order(one).total for one in (first, second, third)]
    assert totals == [Decimal("179.10"), Decimal(199), Decimal("179.10")]


def test_the_same_order_again_uses_nothing_again(fair: Fair) -> None:
    made = fair.running()

    first = fair.place("T1", ("A-1", 2))
    again = fair.place("T1", ("A-1", 2))

    assert (again.verdict, again.number) == (Verdict.DUPLICATE, first.number)
    assert taken(made) == (1, Decimal("40.00"))


def test_orders_of_a_file_without_prices_are_promoted_and_those_with_are_not(fair: Fair) -> None:
    made = fair.running()
    given: list[tuple[Any, ...]] = [("A-1", 2), ("A-1", 2, "150.00")]

    done = placing.place_orders(
        [draft(f"N{n}", line, buyer=BuyerDraft(code="b")) for n, line in enumerate(given)],
        channel=fair.house.code,
        actor=SYSTEM,
        at=DURING,
        batch_id=77,
    )

    assert [order(one).total for one in done] == [358, 300]
    assert done[1].verdict is Verdict.HELD
    assert taken(made) == (1, Decimal("40.00"))
