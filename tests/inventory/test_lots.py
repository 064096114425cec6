"""Lot and expiry at the door: entered, kept, refused by name and by the database (SCM-2.3-10)."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

import pytest
from django.db import IntegrityError, transaction

from catalog.models import Sku
from inventory.errors import ExpiredGoods, LotWanted, UnknownDocument
from inventory.models import Balance, Lot, Move, Pick, ReceiptLine, ShelfLife
from inventory.selectors import lots as selected
from inventory.services import findings, lots, moves, receiving
from inventory.types import FoundLine, FoundLot, ReceiptInfo
from ops.engines.kernel.errors import BadInput, Conflict, RuleViolation
from tests.inventory.checking import assert_sound
from tests.inventory.documents import House, house
from tests.inventory.factories import AT, SYSTEM, TODAY, Shop, shop
from tests.inventory.test_races import together
from tests.support.cluster import OwnDatabase

NEXT_YEAR = date(2027, 6, 30)


@pytest.fixture(name="house")
def fixture_house(shop: Shop) -> House:
    return house(shop)


@pytest.fixture(name="food")
def fixture_food(house: House) -> int:
    """Return a SKU whose category needs an expiry date."""
    lots.set_shelf_life(category="goods", needs_expiry=True, actor=SYSTEM, at=AT)
    return house.shop.skus[0]


def opened(house: House, *lines: tuple[int, int, str]) -> ReceiptInfo:
    order = house.ordered(*lines)
    return receiving.open_receipt(
        purchase_id=order.id, delivery_note="N-1", actor=house.who("helper"), at=AT
    )


def find(house: House, receipt: ReceiptInfo, *lines: FoundLine) -> ReceiptInfo:
    return findings.record_found(
        receipt_id=receipt.id, lines=lines, actor=house.who("keeper"), at=AT
    )


def found(sku: int, counted: int, lot: FoundLot | None = None, **more: object) -> FoundLine:
    return FoundLine(sku_id=sku, counted=counted, lot=lot, **more)  # type: ignore[arg-type]


def finish(house: House, receipt: ReceiptInfo) -> ReceiptInfo:
    return receiving.finish_count(receipt_id=receipt.id, actor=house.who("keeper"), at=AT)


def post(house: House, receipt: ReceiptInfo) -> ReceiptInfo:
    return receiving.post_receipt(receipt_id=receipt.id, actor=house.who("keeper"), at=AT)


def test_lots_flow_from_the_carton_to_balances_and_the_earliest_expiry_is_picked(
    house: House, food: int
) -> None:
    receipt = opened(house, (food, 120, "2.00"))
    find(
        house,
        receipt,
        found(food, 70, FoundLot(code="LATE", made_on=date(2026, 1, 1), expires_on=NEXT_YEAR)),
        found(food, 50, FoundLot(code="SOON", expires_on=date(2027, 1, 31))),
    )
    finish(house, receipt)
    post(house, receipt)

    held = dict(
        Balance.objects.filter(location_id=house.shop.warehouse.bin_id).values_list(
            "lot__code", "on_hand"
        )
    )
    assert held == {"LATE": 70, "SOON": 50}
    assert {line.mismatch for line in ReceiptLine.objects.all()} == {"none"}
    house.shop.packed(1, (food, 60))
    picked = dict(Pick.objects.values_list("lot__code", "quantity"))
    assert picked == {"SOON": 50, "LATE": 10}
    assert_sound()


def test_a_note_is_shared_among_lots_and_its_sum_stays(house: House) -> None:
    sku = house.shop.skus[0]
    receipt = opened(house, (sku, 100, "2.00"))

    find(house, receipt, found(sku, 60, FoundLot(code="A")), found(sku, 30, FoundLot(code="B")))
    short = {line.lot.code: (line.noted, line.mismatch) for line in lines(receipt) if line.lot}
    find(house, receipt, found(sku, 50, FoundLot(code="B")))
    over = {line.lot.code: (line.noted, line.mismatch) for line in lines(receipt) if line.lot}

    assert short == {"A": (60, "none"), "B": (40, "short")}
    assert over == {"A": (60, "none"), "B": (40, "over")}
    assert {line.unit_cost for line in lines(receipt)} == {lines(receipt)[0].unit_cost}


def lines(receipt: ReceiptInfo) -> list[ReceiptLine]:
    rows = ReceiptLine.objects.filter(receipt_id=receipt.id).select_related("lot")
    return list(rows.order_by("line_no"))


@pytest.mark.parametrize("lot", [None, FoundLot(code="L1")], ids=["no lot", "no day"])
def test_goods_that_need_an_expiry_date_are_refused_without_it(
    house: House, food: int, lot: FoundLot | None
) -> None:
    receipt = opened(house, (food, 10, "2.00"))

    with pytest.raises(LotWanted) as refused:
        find(house, receipt, found(food, 10, lot))

    assert "S0" in str(refused.value)
    assert lines(receipt)[0].counted is None
    assert not Lot.objects.exists()
    find(house, receipt, found(food, 0))
    assert lines(receipt)[0].counted == 0


def test_the_nearest_category_decides(house: House, food: int) -> None:
    lots.set_shelf_life(category="goods", needs_expiry=False, actor=SYSTEM, at=AT)

    assert selected.needing_expiry([food]) == {}
    with pytest.raises(UnknownDocument):
        lots.set_shelf_life(category="nowhere", needs_expiry=True, actor=SYSTEM, at=AT)
    assert ShelfLife.objects.count() == 1


def test_expired_goods_are_not_good_and_are_kept_as_found(house: House, food: int) -> None:
    receipt = opened(house, (food, 10, "2.00"))
    old = FoundLot(code="OLD", expires_on=TODAY - timedelta(days=1))

    with pytest.raises(ExpiredGoods, match="OLD"):
        find(house, receipt, found(food, 10, old))
    assert not Lot.objects.exists()
    find(house, receipt, found(food, 10, old, good=0))

    line = lines(receipt)[0]
    assert (line.counted, line.good, line.mismatch) == (10, 0, "damaged")
    find(house, receipt, found(food, 10, FoundLot(code="TODAY", expires_on=TODAY)))


@pytest.mark.parametrize(
    ("lot", "code"),
    [
        (
            FoundLot(code="L", made_on=NEXT_YEAR, expires_on=NEXT_YEAR - timedelta(days=1)),
            "inventory.lot_expires_before",
        ),
        (
            FoundLot(code="L", made_on=TODAY + timedelta(days=1), expires_on=NEXT_YEAR),
            "inventory.lot_made_later",
        ),
    ],
)
def test_days_that_cannot_be_are_refused_by_name(house: House, lot: FoundLot, code: str) -> None:
    sku = house.shop.skus[0]
    receipt = opened(house, (sku, 10, "2.00"))

    with pytest.raises(RuleViolation) as refused:
        find(house, receipt, found(sku, 10, lot))

    assert refused.value.code == code
    assert not Lot.objects.exists()


def test_a_lot_is_corrected_until_it_moves(house: House) -> None:
    sku = house.shop.skus[0]
    receipt = opened(house, (sku, 10, "2.00"))
    find(house, receipt, found(sku, 10, FoundLot(code="L1", expires_on=date(2027, 3, 6))))

    find(house, receipt, found(sku, 10, FoundLot(code="L1", expires_on=NEXT_YEAR)))
    find(house, receipt, found(sku, 10, FoundLot(code="L1")))
    assert Lot.objects.get().expires_on == NEXT_YEAR
    finish(house, receipt)
    post(house, receipt)

    again = receiving.open_receipt(
        purchase_id=house.ordered((sku, 5, "2.00")).id,
        delivery_note="N-2",
        actor=house.who("helper"),
        at=AT,
    )
    with pytest.raises(Conflict, match="2027-06-30"):
        find(house, again, found(sku, 5, FoundLot(code="L1", expires_on=date(2028, 1, 1))))
    assert Lot.objects.get().expires_on == NEXT_YEAR


def test_what_was_found_is_taken_back(house: House) -> None:
    sku = house.shop.skus[0]
    receipt = opened(house, (sku, 10, "2.00"))
    find(house, receipt, found(sku, 4, FoundLot(code="A")), found(sku, 9, FoundLot(code="B")))
    second = lines(receipt)[1]

    findings.clear_found(receipt_id=receipt.id, line_id=second.pk, actor=house.who("keeper"), at=AT)
    after = [(line.counted, line.noted) for line in lines(receipt)]
    with pytest.raises(UnknownDocument):
        findings.clear_found(receipt_id=receipt.id, line_id=0, actor=house.who("keeper"), at=AT)

    assert after[0][0] == 4
    assert sum(noted for _counted, noted in after) == 10
    assert after[1][0] in (0, None)


def test_the_database_refuses_goods_without_expiry_and_expired_ones(
    house: House, food: int
) -> None:
    receipt = opened(house, (food, 10, "2.00"))
    old = Lot.objects.create(
        sku_id=food, code="OLD", expires_on=TODAY - timedelta(days=1), received_on=TODAY
    )
    rows = ReceiptLine.objects.filter(receipt_id=receipt.id)

    with pytest.raises(IntegrityError, match="lot and expiry"), transaction.atomic():
        rows.update(counted=10, good=10)
    with pytest.raises(IntegrityError, match="expired goods"), transaction.atomic():
        rows.update(counted=10, good=10, lot=old)

    assert rows.get().counted is None


def test_the_database_lets_no_expired_goods_into_stock(house: House) -> None:
    sku = house.shop.skus[0]
    receipt = opened(house, (sku, 10, "2.00"))
    find(house, receipt, found(sku, 10, FoundLot(code="L1", expires_on=TODAY)))
    finish(house, receipt)
    tomorrow = AT + timedelta(days=1)

    with pytest.raises(ExpiredGoods):
        receiving.post_receipt(receipt_id=receipt.id, actor=house.who("keeper"), at=tomorrow)
    ReceiptLine.objects.update(state="posted", to_bin=10)
    line = lines(receipt)[0]
    draft = house.shop.draft(
        sku,
        10,
        house.shop.virtual.supplier,
        house.shop.warehouse.bin_id,
        lot_id=line.lot_id,
        reason="receipt",
        source=receiving.source_of(receipt.id),
    )
    with pytest.raises(IntegrityError, match="expired goods"), transaction.atomic():
        moves.post([draft], actor=SYSTEM, at=tomorrow, business_day=TODAY + timedelta(days=1))

    assert not Move.objects.exists()


def test_the_database_keeps_the_days_of_a_lot_that_moved(house: House) -> None:
    sku = house.shop.skus[0]
    lot = Lot.objects.create(sku_id=sku, code="L", expires_on=NEXT_YEAR, received_on=TODAY)
    house.shop.receive(sku, 5, lot_id=lot.pk)

    with pytest.raises(IntegrityError, match="keeps its days"), transaction.atomic():
        Lot.objects.filter(pk=lot.pk).update(expires_on=None)
    with pytest.raises(IntegrityError, match="lot_made_before_it_came"), transaction.atomic():
        Lot.objects.create(
            sku_id=sku, code="M", made_on=TODAY + timedelta(days=1), received_on=TODAY
        )

    assert Lot.objects.get().expires_on == NEXT_YEAR


def test_a_scanned_carton_names_goods_lot_and_pieces(house: House) -> None:
    sku = house.shop.skus[0]
    Sku.objects.filter(pk=sku).update(barcode="6901234567892")

    item = selected.scanned(code="(01)06901234567892(17)270630(10)L24", today=TODAY)
    carton = selected.scanned(code="(01)16901234567899(10)L24", today=TODAY)
    counted = selected.scanned(code="(02)06901234567892(37)24(10)L24", today=TODAY)

    assert (item.sku_id, item.lot, item.expires_on, item.pieces) == (sku, "L24", NEXT_YEAR, 1)
    assert (carton.sku_id, carton.pieces, counted.pieces) == (sku, 0, 24)
    with pytest.raises(UnknownDocument):
        selected.scanned(code="(01)06901234567809", today=TODAY)
    with pytest.raises(BadInput):
        selected.scanned(code="(01)06901234567891", today=TODAY)


def test_a_receipt_changes_no_day_of_a_lot_that_another_one_holds(house: House) -> None:
    sku = house.shop.skus[0]
    first, second = opened(house, (sku, 10, "2.00")), opened(house, (sku, 10, "2.00"))
    find(house, first, found(sku, 10, FoundLot(code="L1", expires_on=NEXT_YEAR)))

    with pytest.raises(Conflict, match="2027-06-30"):
        find(house, second, found(sku, 10, FoundLot(code="L1", expires_on=TODAY)))
    finish(house, first)
    with pytest.raises(IntegrityError, match="keeps its days"), transaction.atomic():
        Lot.objects.update(expires_on=TODAY)

    assert Lot.objects.get().expires_on == NEXT_YEAR
    assert lines(second)[0].counted is None


def test_keepers_who_enter_one_lot_at_once_share_it_or_are_refused(
    own_database: OwnDatabase,
) -> None:
    made = house(shop(skus=1))
    sku = made.shop.skus[0]
    receipts = [opened(made, (sku, 10, "2.00")) for _keeper in range(6)]
    days = [NEXT_YEAR + timedelta(days=n % 2) for n in range(6)]
    made.who("keeper")

    done = together(
        [
            partial(find, made, receipt, found(sku, 10, FoundLot(code="L1", expires_on=day)))
            for receipt, day in zip(receipts, days, strict=True)
        ],
        threads=6,
    )

    lot = Lot.objects.get()
    counted = ReceiptLine.objects.filter(lot=lot, counted=10).count()
    assert counted == sum(isinstance(one, ReceiptInfo) for one in done) >= 1
    assert all(isinstance(one, ReceiptInfo | Conflict) for one in done)
    assert lot.expires_on in days
