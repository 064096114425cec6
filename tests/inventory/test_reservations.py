"""Holding goods: all or nothing, numbers in the refusal, many documents at once."""

from __future__ import annotations

import pytest

from inventory.errors import AlreadyReserved, StockShort
from inventory.models import Reservation
from inventory.selectors import stock
from inventory.services import reservations
from inventory.types import BulkReserved, BulkWant
from ops.engines.kernel.errors import RuleViolation
from tests.inventory.factories import AT, ORDER, SYSTEM, Shop


def bulk(shop: Shop, *wants: tuple[int, int, int, int]) -> BulkReserved:
    return reservations.reserve_bulk(
        source_type=ORDER,
        wants=[
            BulkWant(
                source_id=order,
                line=line,
                sku_id=sku,
                warehouse_id=shop.warehouse.id,
                quantity=quantity,
            )
            for order, line, sku, quantity in wants
        ],
        actor=SYSTEM,
        at=AT,
    )


@pytest.mark.clause("SCM-2.3-01")
def test_an_order_beyond_available_is_refused_with_numbers_and_holds_nothing(shop: Shop) -> None:
    one, two, three = shop.skus
    shop.receive(one, 5)
    shop.receive(two, 5)
    shop.reserve(1, (two, 3))

    with pytest.raises(StockShort) as refusal:
        shop.reserve(2, (one, 5), (two, 3), (three, 1))

    short = refusal.value.context["short"]
    assert [(s["sku"], s["available"], s["needed"]) for s in short] == [("S1", 2, 3), ("S2", 0, 1)]
    assert shop.stock(one).reserved == 0
    assert Reservation.objects.count() == 1


def test_two_lines_of_one_sku_are_counted_together(shop: Shop) -> None:
    sku = shop.skus[0]
    shop.receive(sku, 5)

    with pytest.raises(StockShort):
        shop.reserve(1, (sku, 3), (sku, 3))
    shop.reserve(1, (sku, 3), (sku, 2))

    assert shop.stock(sku).reserved == 5


def test_a_line_is_held_once(shop: Shop) -> None:
    sku = shop.skus[0]
    shop.receive(sku, 5)
    shop.reserve(1, (sku, 1))

    with pytest.raises(AlreadyReserved):
        shop.reserve(1, (sku, 1))

    assert shop.stock(sku).reserved == 1


def test_released_goods_can_be_held_again(shop: Shop) -> None:
    sku = shop.skus[0]
    shop.receive(sku, 5)
    held = shop.reserve(1, (sku, 3), (sku, 2))

    part = reservations.release(source_type=ORDER, source_ids=[1], lines=[2], actor=SYSTEM, at=AT)
    rest = reservations.release(source_type=ORDER, source_ids=[1], actor=SYSTEM, at=AT)
    again = reservations.release(source_type=ORDER, source_ids=[1], actor=SYSTEM, at=AT)

    assert (part, rest, again) == ((held[1],), (held[0],), ())
    assert shop.stock(sku).reserved == 0
    shop.reserve(1, (sku, 5))
    assert stock.available(sku_ids=[sku]) == {(sku, shop.warehouse.id): 0}


def test_goods_in_quarantine_cannot_be_held(shop: Shop) -> None:
    sku = shop.skus[0]
    shop.receive(sku, 5)
    shop.post(shop.draft(sku, 4, shop.warehouse.bin_id, shop.warehouse.quarantine_id))

    with pytest.raises(StockShort):
        shop.reserve(1, (sku, 2))


def test_nothing_cannot_be_held(shop: Shop) -> None:
    with pytest.raises(RuleViolation):
        shop.reserve(1, (shop.skus[0], 0))


def test_bulk_takes_documents_in_order_of_arrival_and_blocks_nobody(shop: Shop) -> None:
    one, two, _three = shop.skus
    shop.receive(one, 10)
    shop.receive(two, 3)
    shop.reserve(9, (one, 1))

    outcome = bulk(
        shop,
        (1, 1, one, 4),
        (2, 1, one, 2),
        (2, 2, two, 5),  # does not fit: its two of the first SKU stay free
        (3, 1, one, 4),
        (4, 1, one, 2),  # one left
        (5, 1, one, 1),
        (6, 1, two, 3),
        (9, 1, one, 1),
    )

    assert outcome.reserved_source_ids == {1, 3, 5, 6}
    assert outcome.already_source_ids == {9}
    assert {
        order: [(s.sku_code, s.available, s.needed) for s in short]
        for order, short in outcome.short.items()
    } == {2: [("S0", 0, 2), ("S1", 0, 5)], 4: [("S0", 0, 2)]}
    assert (shop.stock(one).reserved, shop.stock(two).reserved) == (10, 3)


def test_bulk_gives_what_one_by_one_would_give(shop: Shop) -> None:
    for sku in shop.skus:
        shop.receive(sku, 20)
    wants = [
        (order, line, shop.skus[(order * 7 + line) % 3], 1 + (order * 5 + line * 3) % 6)
        for order in range(1, 40)
        for line in (1, 2)
    ]
    free = dict.fromkeys(shop.skus, 20)
    fitting = set()
    for order in range(1, 40):
        need: dict[int, int] = {}
        for _order, _line, sku, quantity in (w for w in wants if w[0] == order):
            need[sku] = need.get(sku, 0) + quantity
        if all(free[sku] >= quantity for sku, quantity in need.items()):
            fitting.add(order)
            for sku, quantity in need.items():
                free[sku] -= quantity

    outcome = bulk(shop, *wants)

    assert outcome.reserved_source_ids == fitting
    assert {sku: shop.stock(sku).on_hand - shop.stock(sku).reserved for sku in shop.skus} == free
