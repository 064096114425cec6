"""Many at once: real threads, real commits; nothing is overshot."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from functools import partial
from threading import Barrier

import pytest
from django.db import connection

from catalog.models import Coupon, PromotionUse
from catalog.selectors import promotions as selectors
from catalog.services import coupons, promotions, redemption
from catalog.types.promotions import UseWanted
from ops.engines.kernel.errors import OpsError
from tests.catalog.promos import DURING, PERCENT, approved, plan, running, wish
from tests.catalog.shop import START, actor, open_shop
from tests.engines.identity.factories import AT, SYSTEM
from tests.support.cluster import OwnDatabase

THREADS = 16


def ordering(*wanted: UseWanted) -> Callable[[], object]:
    """Return an order that wants something of promotions."""
    return partial(redemption.consume, wanted=wanted, actor=SYSTEM, at=DURING)


def cancelling(order: int) -> Callable[[], object]:
    """Return the cancellation of an order."""
    return partial(
        redemption.release, sources=[("customers.order", order)], actor=SYSTEM, at=DURING
    )


def at_once(calls: Sequence[Callable[[], object]], *, threads: int = THREADS) -> list[str]:
    """Run the calls in so many threads, all starting together; return what became of each."""
    start = Barrier(threads)
    shares = [calls[place::threads] for place in range(threads)]

    def run(share: Sequence[Callable[[], object]]) -> list[str]:
        results = []
        try:
            start.wait()
            for call in share:
                try:
                    call()
                    results.append("done")
                except OpsError as refusal:
                    results.append(refusal.code)
        finally:
            connection.close()
        return results

    with ThreadPoolExecutor(threads) as pool:
        return [one for share in pool.map(run, shares) for one in share]


def test_one_coupon_in_fifty_concurrent_orders_is_used_once(own_database: OwnDatabase) -> None:
    shop = open_shop()
    made = running(shop, coupon_mode="batch")
    coupons.make_batch(promotion_id=made.id, count=1, actor=actor(shop.specialist), at=AT)
    code = Coupon.objects.get().code
    results = at_once([ordering(wish(made, n, coupon=code)) for n in range(50)], threads=25)

    assert results.count("done") == 1
    assert results.count("catalog.promotion_used_up") == 49
    assert Coupon.objects.get().uses == 1
    assert PromotionUse.objects.count() == 1
    connection.close()


@pytest.mark.clause("CAT-4.4-08")
def test_a_flash_sale_of_200_pieces_under_64_buyers_sells_200(own_database: OwnDatabase) -> None:
    shop = open_shop()
    rule = {
        "type": "flash_sale",
        "price": "150.00",
        "caps": {"budget": "50000", "pieces": 200, "pieces_per_buyer": 4},
    }
    made = running(shop, rule)
    calls = [ordering(wish(made, n, buyer_key=f"b{n % 64}", amount="49.00")) for n in range(320)]

    results = at_once(calls, threads=32)

    assert results.count("done") == 200
    found = selectors.standing(promotion_id=made.id)
    assert (found.pieces, found.amount) == (200, Decimal("9800.00"))
    assert selectors.differences() == []
    connection.close()


def test_a_budget_is_never_overshot(own_database: OwnDatabase) -> None:
    shop = open_shop()
    made, other = running(shop), running(shop)
    calls = []
    for n in range(64):
        both = [wish(made, n, amount="33.00"), wish(other, n, amount="33.00")]
        # Half of them name the promotions the other way round: locks have one order.
        calls.append(ordering(*(both if n % 2 else reversed(both))))

    results = at_once(calls)

    assert results.count("done") == 30
    for each in (made, other):
        assert selectors.standing(promotion_id=each.id).amount == Decimal("990.00")
    connection.close()


def test_uses_and_cancellations_leave_the_sum_of_what_stands(own_database: OwnDatabase) -> None:
    shop = open_shop()
    made = running(shop)
    first = [wish(made, n, amount="10.00") for n in range(40)]
    redemption.consume(wanted=first, actor=SYSTEM, at=DURING)
    calls = [cancelling(n % 20) for n in range(40)]
    calls += [ordering(wish(made, 100 + n)) for n in range(24)]

    results = at_once(calls)

    assert set(results) == {"done"}
    assert selectors.standing(promotion_id=made.id).amount == Decimal("440.00")
    assert selectors.differences() == []
    connection.close()


def test_two_machines_start_a_promotion_once(own_database: OwnDatabase) -> None:
    shop = open_shop()
    made = approved(shop)

    results = at_once([lambda: promotions.run_clock(actor=SYSTEM, at=START)] * 2, threads=2)

    assert results == ["done", "done"]
    assert len(selectors.runs(promotion_id=made.id)) == 1
    connection.close()


def test_of_two_exclusive_drafts_one_is_handed_in(own_database: OwnDatabase) -> None:
    shop = open_shop()
    rule = {**PERCENT, "stacking": {"exclusive": True}}
    who = actor(shop.specialist)
    drafts = [
        promotions.draft(channel_id=shop.channel_id, plan=plan(rule), actor=who, at=AT)
        for _n in range(2)
    ]

    results = at_once(
        [partial(promotions.submit, promotion_id=d.id, actor=who, at=AT) for d in drafts], threads=2
    )

    assert sorted(results) == ["catalog.promotions_conflict", "done"]
    connection.close()
