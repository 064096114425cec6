"""History from before go-live: order of time, values, refusals, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from inventory.errors import StockShort
from inventory.models import Balance, HistoryLine, Move
from inventory.services import history
from inventory.types import HistoryPosted, HistoryRow
from ops.engines.events.models import StoredFact
from ops.engines.kernel.actor import Actor, ActorKind
from ops.engines.kernel.errors import Forbidden, RuleViolation
from ops.engines.periods import selectors as periods_now
from tests.inventory.factories import AT, Shop

START = datetime(2025, 3, 1, 1, 0, tzinfo=UTC)
IMPORTER = Actor.importer()


def row(number: int, sku_id: int, quantity: int, reason: str, **more: object) -> HistoryRow:
    at = START + timedelta(days=number)
    values = HistoryRow(
        line_no=number,
        sku_id=sku_id,
        quantity=quantity,
        reason=reason,
        business_day=at.date(),
        at=at,
        effect_key=f"uci:{number}",
    )
    return replace(values, **more)  # type: ignore[arg-type]


def take_in(shop: Shop, *rows: HistoryRow, batch: int = 1) -> HistoryPosted:
    return history.import_history(
        batch_id=batch, warehouse_id=shop.warehouse.id, rows=rows, actor=IMPORTER, at=AT
    )


def test_history_is_posted_by_reason_in_the_order_of_time(shop: Shop) -> None:
    sku = shop.skus[0]

    posted = take_in(
        shop,
        row(6, sku, 7, "found"),
        row(1, sku, -30, "sale"),
        row(3, sku, 2, "return"),
        row(4, sku, -5, "write_off"),
        row(5, sku, -1, "giveaway"),
        row(0, sku, 40, "opening"),
    )

    assert posted == HistoryPosted(1, 6, 0, START.date(), START.date() + timedelta(days=6))
    assert shop.stock(sku).on_hand == 13
    by_time = Move.objects.order_by("id")
    assert [move.reason for move in by_time] == [
        "opening", "sale", "return", "write_off", "giveaway", "found",
    ]  # fmt: skip
    seqs = [
        move.to_seq if move.to_location_id == shop.warehouse.bin_id else move.from_seq
        for move in by_time
    ]
    assert seqs == [1, 2, 3, 4, 5, 6]
    places = {b.location_id: (b.on_hand, b.seq) for b in Balance.objects.filter(sku=sku)}
    assert places == {
        shop.warehouse.bin_id: (13, 6),
        shop.virtual.opening: (-40, 1),
        shop.virtual.customer: (29, 3),
        shop.virtual.gain_loss: (-2, 2),
    }
    assert {move.value for move in by_time} == {Decimal("0.00")}
    assert not shop.stock(sku).is_costed
    assert not HistoryLine.objects.exists()
    fact = StoredFact.objects.get(name="inventory.moves_imported")
    assert (fact.payload, fact.dated_on) == ({"batch_id": 1}, START.date())
    assert periods_now.state_on(module="stock", day=START.date()) == "open"


def test_costed_opening_sets_the_average_and_no_cent_drifts(shop: Shop) -> None:
    sku = shop.skus[0]

    take_in(
        shop,
        row(0, sku, 3, "opening", unit_cost=Decimal("0.333333")),
        row(1, sku, -1, "sale"),
        row(2, sku, -1, "sale"),
        row(3, sku, 1, "return"),
        row(4, sku, -2, "sale"),
    )

    counter = shop.stock(sku)
    assert (counter.on_hand, counter.value, counter.is_costed) == (0, Decimal("0.00"), True)
    signed = [
        move.value if move.to_location_id == shop.warehouse.bin_id else -move.value
        for move in Move.objects.order_by("id")
    ]
    assert signed == [Decimal(v) for v in ("1.00", "-0.33", "-0.34", "0.34", "-0.67")]


def test_the_same_lines_again_have_no_effect(shop: Shop) -> None:
    rows = [row(0, shop.skus[0], 9, "opening"), row(1, shop.skus[0], -2, "sale")]
    take_in(shop, *rows)

    again = take_in(shop, *rows, row(2, shop.skus[0], -1, "sale"), batch=2)

    assert (again.posted, again.already) == (1, 2)
    assert shop.stock(shop.skus[0]).on_hand == 6


def test_lines_without_opening_stock_are_refused_by_line(shop: Shop) -> None:
    one, two, _three = shop.skus

    with pytest.raises(StockShort) as refusal:
        take_in(
            shop,
            row(0, one, 5, "opening"),
            row(1, one, -3, "sale"),
            row(2, two, -4, "sale"),
            row(3, one, -3, "sale"),
        )

    assert refusal.value.context["short"] == [
        {"line": 2, "sku_id": two, "missing": 4},
        {"line": 3, "sku_id": one, "missing": 1},
    ]
    assert not Move.objects.exists()
    assert not HistoryLine.objects.exists()


def test_never_below_zero_on_the_way_even_if_the_end_is_fine(shop: Shop) -> None:
    with pytest.raises(StockShort):
        take_in(shop, row(0, shop.skus[0], -1, "sale"), row(1, shop.skus[0], 5, "return"))


@pytest.mark.parametrize(
    ("quantity", "reason"), [(5, "sale"), (-5, "return"), (0, "sale"), (5, "receipt")]
)
def test_signs_that_contradict_the_reason_are_refused(
    shop: Shop, quantity: int, reason: str
) -> None:
    with pytest.raises(RuleViolation) as refusal:
        take_in(shop, row(0, shop.skus[0], 9, "opening"), row(1, shop.skus[0], quantity, reason))

    assert refusal.value.context["lines"] == [1]
    assert not Move.objects.exists()


def test_a_person_brings_in_no_history(shop: Shop) -> None:
    person = Actor(kind=ActorKind.PERSON, name="buyer", person_id=1)

    with pytest.raises(Forbidden):
        history.import_history(
            batch_id=1, warehouse_id=shop.warehouse.id, rows=[], actor=person, at=AT
        )


def test_opening_stock_may_come_first_in_a_batch_of_its_own(shop: Shop) -> None:
    sku = shop.skus[0]
    take_in(shop, row(0, sku, 10, "opening", unit_cost=Decimal("1.50")))

    take_in(shop, row(1, sku, -4, "sale"), row(2, sku, 2, "return"), batch=2)

    counter = shop.stock(sku)
    assert (counter.on_hand, counter.value) == (8, Decimal("12.00"))
