"""Posting: quantities, values, numbers of moves, effects once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.models import Sum

from inventory.choices import MoveReason
from inventory.errors import DayClosed, StockShort
from inventory.models import Balance, Effect, Move, Reservation
from inventory.services import moves, places
from inventory.types import Source
from ops.engines.kernel.errors import RuleViolation
from ops.engines.periods import selectors as periods_now
from tests.inventory.factories import AT, SYSTEM, TODAY, Shop


def test_receipt_raises_quantity_value_and_average(shop: Shop) -> None:
    sku = shop.skus[0]

    shop.receive(sku, 10, "2.50")
    shop.receive(sku, 5, "4.00")

    counter = shop.stock(sku)
    assert (counter.on_hand, counter.owned, counter.value) == (15, 15, Decimal("45.00"))
    assert counter.avg_cost == Decimal("3.000000")
    assert counter.is_costed


def test_issues_take_every_cent_and_leave_nothing_behind(shop: Shop) -> None:
    sku = shop.skus[0]
    shop.receive(sku, 3, "0.333333")  # 1.00 in whole cents

    values = [shop.lose(sku, 1).moves[0].value for _n in range(3)]

    assert sum(values) == Decimal("1.00")
    counter = shop.stock(sku)
    assert (counter.on_hand, counter.value) == (0, Decimal("0.00"))
    assert counter.avg_cost == values[2]  # the last known cost stays readable


@pytest.mark.clause("SCM-2.2-01")
def test_same_key_again_posts_nothing_and_returns_what_was_posted(shop: Shop) -> None:
    draft = shop.draft(
        shop.skus[0], 4, shop.virtual.supplier, shop.warehouse.bin_id, unit_cost=Decimal(1)
    )
    first = shop.post(draft)

    again = shop.post(draft, replace(draft, effect_key=shop.key()), draft)

    assert again.moves[0] == again.moves[2] == replace(first.moves[0], is_new=False)
    assert again.moves[1].is_new
    assert shop.stock(shop.skus[0]).on_hand == 8
    assert (Move.objects.count(), Effect.objects.count()) == (2, 2)


def test_world_sums_to_zero_and_moves_are_numbered_at_both_ends(shop: Shop) -> None:
    sku = shop.skus[0]
    shop.receive(sku, 10)
    shop.post(
        shop.draft(sku, 2, shop.warehouse.bin_id, shop.warehouse.quarantine_id),
        shop.draft(sku, 1, shop.warehouse.quarantine_id, shop.warehouse.bin_id),
        shop.draft(sku, 3, shop.warehouse.bin_id, shop.virtual.customer),
    )

    assert Balance.objects.aggregate(n=Sum("on_hand"))["n"] == 0
    bin_balance = Balance.objects.get(location=shop.warehouse.bin_id, sku=sku)
    assert (bin_balance.on_hand, bin_balance.seq) == (6, 4)
    numbers = [
        move.to_seq if move.to_location_id == shop.warehouse.bin_id else move.from_seq
        for move in Move.objects.order_by("id")
    ]
    assert numbers == [1, 2, 3, 4]
    counter = shop.stock(sku)
    assert (counter.on_hand, counter.owned) == (6, 7)


def test_moves_within_a_warehouse_change_no_value(shop: Shop) -> None:
    sku = shop.skus[0]
    shop.receive(sku, 4, "2.50")

    posted = shop.post(shop.draft(sku, 1, shop.warehouse.bin_id, shop.warehouse.damage_id))

    assert posted.moves[0].value == Decimal("2.50")
    assert shop.stock(sku).value == Decimal("10.00")


def test_transfer_carries_its_value_to_the_other_warehouse(shop: Shop) -> None:
    other = places.create_warehouse(code="WH2", name="二号仓", actor=SYSTEM, at=AT)
    sku = shop.skus[0]
    shop.receive(sku, 3, "0.333333")

    shop.post(shop.draft(sku, 1, shop.warehouse.bin_id, other.transit_id))

    here, there = shop.stock(sku), shop.stock(sku, other.id)
    assert (here.value, there.value) == (Decimal("0.67"), Decimal("0.33"))
    assert (there.on_hand, there.owned) == (0, 1)
    assert there.is_costed


def test_uncosted_stock_is_shown_as_uncosted(shop: Shop) -> None:
    sku = shop.skus[0]
    shop.receive(sku, 3, None)

    issued = shop.lose(sku, 1)

    assert not shop.stock(sku).is_costed
    assert (issued.moves[0].value, issued.moves[0].is_costed) == (Decimal("0.00"), False)


def test_found_goods_come_in_at_the_average(shop: Shop) -> None:
    sku = shop.skus[0]
    shop.receive(sku, 3, "1.111111")  # 3.33

    posted = shop.post(
        shop.draft(sku, 6, shop.virtual.gain_loss, shop.warehouse.bin_id, reason=MoveReason.FOUND)
    )

    assert posted.moves[0].value == Decimal("6.66")
    assert shop.stock(sku).value == Decimal("9.99")


@pytest.mark.clause("SCM-2.2-01")
def test_negative_stock_is_refused_with_numbers_and_changes_nothing(shop: Shop) -> None:
    first, second, _third = shop.skus
    shop.receive(first, 2)

    with pytest.raises(StockShort) as refusal:
        shop.post(
            shop.draft(second, 5, shop.virtual.supplier, shop.warehouse.bin_id),
            shop.draft(first, 3, shop.warehouse.bin_id, shop.virtual.customer),
        )

    assert refusal.value.context["short"] == [
        {"sku": "S0", "location": "MAIN", "lot": "", "available": 2, "needed": 3}
    ]
    assert Move.objects.count() == Effect.objects.count() == 1
    assert not Balance.objects.filter(sku=second).exists()


def test_arriving_by_transfer_cannot_leave_in_the_same_posting(shop: Shop) -> None:
    other = places.create_warehouse(code="WH2", name="二号仓", actor=SYSTEM, at=AT)
    sku = shop.skus[0]
    shop.receive(sku, 3)

    with pytest.raises(RuleViolation, match=r"transfer|调拨"):
        shop.post(
            shop.draft(sku, 1, shop.warehouse.bin_id, other.bin_id),
            shop.draft(sku, 1, other.bin_id, shop.virtual.customer),
        )

    assert Move.objects.count() == 1


def test_a_loss_breaks_the_youngest_reservations(shop: Shop) -> None:
    sku = shop.skus[0]
    shop.receive(sku, 10)
    old, middle, young = (shop.reserve(order, (sku, 3))[0] for order in (1, 2, 3))

    posting = shop.lose(sku, 5)

    assert posting.broken_reservation_ids == (middle, young)
    assert Reservation.objects.get(pk=old).state == "open"
    counter = shop.stock(sku)
    assert (counter.on_hand, counter.reserved) == (5, 3)


def test_a_move_is_reversed_once(shop: Shop) -> None:
    sku = shop.skus[0]
    received = shop.receive(sku, 5).moves[0]
    back = shop.draft(
        sku,
        5,
        shop.warehouse.bin_id,
        shop.virtual.supplier,
        reason=MoveReason.REVERSAL,
        reverses_id=received.id,
    )
    shop.post(back)
    shop.receive(sku, 5)

    with pytest.raises(RuleViolation, match=r"reversed|冲销"):
        shop.post(replace(back, effect_key=shop.key()))

    assert shop.stock(sku).owned == 5


@pytest.mark.clause("SCM-2.3-02")
def test_future_and_unopened_days_are_refused(shop: Shop) -> None:
    draft = shop.draft(shop.skus[0], 1, shop.virtual.supplier, shop.warehouse.bin_id)

    for day in (TODAY + timedelta(days=1), TODAY - timedelta(days=40)):
        with pytest.raises(DayClosed):
            shop.post(draft, day=day)

    assert not Move.objects.exists()


def test_first_posting_of_the_current_month_opens_it(shop: Shop) -> None:
    later = AT + timedelta(days=30)
    draft = shop.draft(shop.skus[0], 1, shop.virtual.supplier, shop.warehouse.bin_id)

    moves.post([draft], actor=SYSTEM, at=later, business_day=later.date())

    assert periods_now.state_on(module="stock", day=later.date()) == "open"


def test_nothing_to_post_is_nothing(shop: Shop) -> None:
    assert shop.post().moves == ()


def test_source_is_opaque_and_kept(shop: Shop) -> None:
    shop.receive(shop.skus[0], 1, source=Source(type="anything.at_all", id=77))

    move = Move.objects.get()
    assert (move.source_type, move.source_id) == ("anything.at_all", 77)
