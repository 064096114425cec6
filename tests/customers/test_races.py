"""Many at once: real threads and commits (R1)."""

from __future__ import annotations

from functools import partial

import pytest

from customers import errors
from customers.models import Customer, Order
from customers.services import placing
from customers.types import BuyerDraft, Outcome, Verdict
from inventory.models import Reservation
from tests.customers.house import AT, BUYER, SYSTEM, draft, house
from tests.inventory.checking import assert_sound
from tests.inventory.test_races import together
from tests.support.cluster import OwnDatabase

PIECES = 200


@pytest.mark.clause("SCM-2.3-01")
@pytest.mark.clause("SCM-2.4-11")
def test_sixty_four_threads_cannot_oversell_the_last_pieces(own_database: OwnDatabase) -> None:
    shop = house(stock=PIECES)

    def sell(n: int) -> Outcome:
        return shop.place(f"T{n}", ("A-1", 1 + n % 3), ("B-2", 1))

    done = together([partial(sell, n) for n in range(192)])

    sold = [one for one in done if isinstance(one, Outcome)]
    refused = [one for one in done if isinstance(one, errors.OrderRefused)]
    assert len(sold) + len(refused) == 192
    assert Order.objects.filter(state="allocated").count() == len(sold)
    assert shop.free("A-1") in {0, 1, 2}
    assert shop.free("B-2") == PIECES - len(sold)
    assert_sound()


def test_the_same_order_from_all_sides_enters_once(own_database: OwnDatabase) -> None:
    shop = house(stock=PIECES)

    def sell(n: int) -> Outcome:
        buyer = BuyerDraft(code=f"b{n % 2}", name="李", address="杭州")
        return shop.place(f"T{n % 4}", ("A-1", 1), buyer=buyer)

    done = together([partial(sell, n) for n in range(32)], threads=16)

    verdicts = [one.verdict for one in done if isinstance(one, Outcome)]
    assert verdicts.count(Verdict.ACCEPTED) == 4
    assert verdicts.count(Verdict.DUPLICATE) == 28
    assert shop.free("A-1") == PIECES - 4
    assert Reservation.objects.filter(state="open").count() == 4
    assert Customer.objects.count() == 2
    assert_sound()


def test_batches_in_opposite_order_never_deadlock(own_database: OwnDatabase) -> None:
    shop = house(stock=PIECES)
    drafts = [draft(f"T{n}", ("A-1", 1), ("B-2", 1), buyer=BUYER) for n in range(40)]

    def bring(n: int) -> list[Outcome]:
        return placing.place_orders(
            drafts if n % 2 else drafts[::-1], channel=shop.code, actor=SYSTEM, at=AT
        )

    done = together([partial(bring, n) for n in range(8)], threads=8)

    taken = [
        outcome
        for one in done
        if isinstance(one, list)
        for outcome in one
        if outcome.verdict is Verdict.ACCEPTED
    ]
    assert len(taken) == Order.objects.count() == 40
    assert shop.free("A-1") == PIECES - 40
    assert_sound()
