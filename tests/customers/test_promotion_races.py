"""Many buyers of one promotion at once, through the order book: real threads and commits (R1)."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import connection

from catalog.models import Coupon
from catalog.selectors import promotions as selectors
from customers import errors
from customers.models import Order, OrderDiscount, OrderGift
from customers.selectors import promoted
from customers.types import Outcome
from tests.customers.promoted import CAPS, SAVE, TEN, fair, taken
from tests.inventory.checking import assert_sound
from tests.inventory.test_races import together
from tests.support.cluster import OwnDatabase


def sorted_out(results: list[Any]) -> tuple[list[Outcome], list[errors.OrderRefused]]:
    """Return orders and refusals, and that there is nothing else."""
    sold = [one for one in results if isinstance(one, Outcome)]
    refused = [one for one in results if isinstance(one, errors.OrderRefused)]
    assert len(sold) + len(refused) == len(results), results
    return sold, refused


def assert_books_agree() -> None:
    """Counters, uses, discounts and stock tell the same."""
    assert selectors.differences() == []
    assert promoted.differences() == []
    assert_sound()
    connection.close()


def test_one_coupon_in_fifty_concurrent_orders_is_used_once(own_database: OwnDatabase) -> None:
    shop = fair()
    made = shop.running(TEN | {"coupon": True}, coupon_mode="batch")
    code = shop.coupon(made)
    calls = [
        partial(shop.place, f"T{n}", ("A-1", 1), buyer=f"b{n}", coupons=(code,)) for n in range(50)
    ]

    sold, refused = sorted_out(together(calls, threads=25))

    assert (len(sold), len(refused)) == (1, 49)
    assert {one.context["errors"][0]["code"] for one in refused} == {"customers.coupon_idle"}
    assert Coupon.objects.get().uses == 1
    assert Order.objects.get().total == Decimal("179.10")
    assert shop.house.free("A-1") == 99
    assert_books_agree()


@pytest.mark.clause("CAT-4.4-08")
def test_a_flash_sale_of_200_pieces_under_64_buyers_sells_200(own_database: OwnDatabase) -> None:
    shop = fair(stock=1000)
    caps = {"budget": "50000", "pieces": 200, "pieces_per_buyer": 4}
    made = shop.running({"type": "flash_sale", "price": "150.00", "caps": caps})
    # Each buyer was shown the flash price: whoever comes too late is told, and charged nothing.
    calls = [
        partial(
            shop.place, f"T{n}", ("A-1", 1), buyer=f"b{n % 64}", expected_total=Decimal("150.00")
        )
        for n in range(320)
    ]

    sold, refused = sorted_out(together(calls, threads=32))

    assert len(sold) == 200
    assert {one.context["errors"][0]["code"] for one in refused} == {"customers.other_total"}
    assert taken(made) == (200, Decimal("9800.00"))
    assert OrderDiscount.objects.count() == 200
    assert shop.house.free("A-1") == 800
    buyers = Order.objects.values_list("customer__code", flat=True)
    assert max(list(buyers).count(code) for code in set(buyers)) == 4
    assert_books_agree()


def test_a_budget_is_never_overshot_by_orders(own_database: OwnDatabase) -> None:
    shop = fair(stock=1000)
    made = shop.running(SAVE | {"caps": {"budget": "990.00"}})
    calls = [partial(shop.place, f"T{n}", ("A-1", 2), buyer=f"b{n}") for n in range(64)]

    sold, refused = sorted_out(together(calls, threads=16))

    # 24 orders save 40.00, one gets the last 30.00, the others pay the price.
    assert (len(sold), len(refused)) == (64, 0)
    totals = sorted(Order.objects.values_list("total", flat=True))
    assert totals == [Decimal(358)] * 24 + [Decimal(368)] + [Decimal(398)] * 39
    assert taken(made) == (25, Decimal("990.00"))
    assert_books_agree()


def test_orders_and_cancellations_of_several_promotions_never_deadlock(
    own_database: OwnDatabase,
) -> None:
    shop = fair(stock=1000)
    both = {"stacking": {"combines_with": ["*"]}}
    first = shop.running(TEN | both | {"caps": CAPS | {"uses": 60, "buyer_uses": 3}})
    second = shop.running(SAVE | both | {"caps": {"budget": "600.00"}})
    stand = [shop.place(f"S{n}", ("A-1", 2), buyer=f"b{n % 8}") for n in range(16)]
    calls: list[Any] = [partial(shop.cancel, one) for one in stand]
    calls += [
        partial(shop.place, f"T{n}", ("A-1", 2), ("B-2", 1), buyer=f"b{n % 8}") for n in range(64)
    ]

    results = together(calls[::2] + calls[1::2], threads=16)

    failed = [one for one in results if isinstance(one, Exception)]
    assert failed == []
    assert Order.objects.filter(state="cancelled").count() == 16
    # Three for each of eight; who came before a cancellation gave back went without.
    assert 16 <= taken(first)[0] <= 24
    assert taken(second)[1] <= Decimal("600.00")
    assert_books_agree()


def test_the_last_gifts_go_to_some_and_nobody_is_refused_for_them(
    own_database: OwnDatabase,
) -> None:
    shop = fair()
    skus = shop.house.skus
    gift = {"sku_id": skus["C-3"], "quantity": 1, "value": "10.50"}
    made = shop.running(
        {"type": "gift", "gifts": [gift], "condition": {"goods": {"skus": [skus["A-1"]]}},
         "caps": CAPS},
        gift_stock=50,
    )  # fmt: skip
    shop.place("T-all", ("C-3", 95))
    calls = [partial(shop.place, f"T{n}", ("A-1", 1), buyer=f"b{n}") for n in range(32)]

    sold, refused = sorted_out(together(calls, threads=8))

    assert (len(sold), len(refused)) == (32, 0)
    assert OrderGift.objects.count() == taken(made)[0] == 5
    assert shop.house.free("C-3") == 0
    assert_books_agree()


def test_the_same_order_from_all_sides_uses_its_promotion_once(own_database: OwnDatabase) -> None:
    shop = fair()
    made = shop.running(SAVE)
    calls = [partial(shop.place, f"T{n % 4}", ("A-1", 2), buyer=f"b{n % 4}") for n in range(32)]

    sold, refused = sorted_out(together(calls, threads=16))

    assert (len(sold), len(refused)) == (32, 0)
    assert Order.objects.count() == 4
    assert taken(made) == (4, Decimal("160.00"))
    assert shop.house.free("A-1") == 92
    assert_books_agree()
