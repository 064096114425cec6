"""Goods from the purchase order to the shelf and the books; a count from blind to posted once."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from inventory.models import CountLine, Move, PurchaseOrder, Stock, StockCount
from inventory.services import counting, counts, findings, purchasing, receiving, variances
from inventory.types import CountEntry, CountInfo, Explanation, FoundLine, PurchaseWant
from ops.engines.approvals import errors, services
from ops.engines.approvals.models import Request
from tests.journeys.books import assert_sound, balance, drain, moved
from tests.support.company import GOODS, Company

SCARF, GLOVES = "WJ-2207", "ST-4105"
BOOK = 100_000  # pieces of each SKU on the shelf


def now() -> dt.datetime:
    return timezone.now()


def approve(company: Company, subject_type: str, subject_id: int, *names: str) -> None:
    """Approve the newest request on a document as the named accounts in turn."""
    request = Request.objects.filter(subject_type=subject_type, subject_id=subject_id).latest("pk")
    for name in names:
        services.approve(
            request_id=request.pk,
            content_hash=request.content_hash,
            opinion="已核对。",
            actor=company.actor(name),
            at=now(),
        )


def on_hand(company: Company, code: str) -> int:
    return Stock.objects.get(sku_id=company.skus[code], warehouse_id=company.warehouse_id).on_hand


def ordered(company: Company) -> int:
    """Draft, hand in, approve and send an order of 300 scarves and 100 pairs of gloves."""
    buyer = company.actor("purchaser")
    made = purchasing.draft_purchase(
        supplier_id=company.supplier_id,
        warehouse_id=company.warehouse_id,
        lines=[
            PurchaseWant(
                sku_id=company.skus[code], quantity=pieces, unit_cost=Decimal(cost), reason="换季"
            )
            for code, pieces, cost in ((SCARF, 300, "68.50"), (GLOVES, 100, "21.00"))
        ],
        actor=buyer,
        at=now(),
    )
    purchasing.submit_purchase(purchase_id=made.id, actor=buyer, at=now())
    approve(company, "inventory.purchaseorder", made.id, "supervisor")
    purchasing.send_purchase(purchase_id=made.id, actor=buyer, at=now())
    return made.id


@pytest.mark.clause("SCM-2.2-02")
@pytest.mark.clause("SCM-2.4-01")
def test_goods_bought_lie_on_the_shelf_and_are_owed(company: Company) -> None:
    drain()
    before = balance()["1405"]
    order_id = ordered(company)
    receipt = receiving.open_receipt(
        purchase_id=order_id, delivery_note="SH-0091", actor=company.actor("keeper2"), at=now()
    )
    findings.record_found(
        receipt_id=receipt.id,
        lines=[
            FoundLine(sku_id=company.skus[SCARF], counted=300, good=300),
            FoundLine(sku_id=company.skus[GLOVES], counted=100, good=100),
        ],
        actor=company.actor("keeper"),
        at=now(),
    )
    receiving.finish_count(receipt_id=receipt.id, actor=company.actor("keeper"), at=now())

    receiving.post_receipt(receipt_id=receipt.id, actor=company.actor("keeper"), at=now())
    drain()

    owed = Decimal("68.50") * 300 + Decimal("21.00") * 100
    assert moved("inventory.receipt", receipt.id) == {"1405": owed, "2202": -owed}
    assert balance()["1405"] == before + owed
    assert (on_hand(company, SCARF), on_hand(company, GLOVES)) == (BOOK + 300, BOOK + 100)
    assert PurchaseOrder.objects.get(pk=order_id).state == "received"
    assert_sound()


@pytest.mark.clause("SCM-2.4-01")
def test_the_buyer_does_not_approve_the_purchase(company: Company) -> None:
    buyer = company.actor("purchaser")
    made = purchasing.draft_purchase(
        supplier_id=company.supplier_id,
        warehouse_id=company.warehouse_id,
        lines=[
            PurchaseWant(
                sku_id=company.skus[SCARF], quantity=1, unit_cost=Decimal("68.50"), reason="换季"
            )
        ],
        actor=buyer,
        at=now(),
    )
    purchasing.submit_purchase(purchase_id=made.id, actor=buyer, at=now())

    with pytest.raises(errors.OwnRequest):
        approve(company, "inventory.purchaseorder", made.id, "purchaser")

    assert PurchaseOrder.objects.get(pk=made.id).state == "submitted"


def counted(company: Company) -> CountInfo:
    """Count the warehouse: three scarves missing, two pairs of gloves found."""
    keeper = company.actor("keeper")
    count = counts.open_count(
        warehouse_id=company.warehouse_id, kind="quarter", actor=keeper, at=now()
    )
    counts.start_count(count_id=count.id, actor=keeper, at=now())
    sheet = StockCount.objects.get(pk=count.id).sheets.get(location_id=company.bin_id)
    figures = {code: BOOK for code, *_rest in GOODS} | {SCARF: BOOK - 3, GLOVES: BOOK + 2}
    counting.enter(
        count_id=count.id,
        sheet_no=sheet.sheet_no,
        entries=[
            CountEntry(sku_id=company.skus[code], quantity=pieces)
            for code, pieces in figures.items()
        ],
        actor=keeper,
        at=now(),
    )
    counts.sign_sheets(count_id=count.id, actor=keeper, at=now())
    counts.sign_sheets(count_id=count.id, actor=company.actor("finance"), at=now())
    counts.close_counting(count_id=count.id, actor=keeper, at=now())
    again = CountLine.objects.filter(count_id=count.id, needs_recount=True)
    named = {sku: code for code, sku in company.skus.items()}
    counting.recount(
        count_id=count.id,
        quantities={line.pk: figures[named[line.sku_id]] for line in again},
        actor=company.actor("keeper2"),
        at=now(),
    )
    variances.explain(
        count_id=count.id,
        explanations=[
            Explanation(
                line_id=line.pk, cause="mis_shipped", responsible="拣货组", treatment="adjust"
            )
            for line in CountLine.objects.filter(count_id=count.id).exclude(variance=0)
        ],
        actor=keeper,
        at=now(),
    )
    variances.submit_count(count_id=count.id, actor=keeper, at=now())
    return count


@pytest.mark.clause("SCM-2.3-05")
@pytest.mark.clause("SCM-2.3-06")
def test_a_count_is_posted_once_in_stock_and_once_in_money(company: Company) -> None:
    drain()
    count = counted(company)
    assert (on_hand(company, SCARF), on_hand(company, GLOVES)) == (BOOK, BOOK)

    approve(company, "inventory.stockcount", count.id, "store_manager", "director")
    drain()
    drain()

    assert (on_hand(company, SCARF), on_hand(company, GLOVES)) == (BOOK - 3, BOOK + 2)
    posted = Move.objects.filter(source_type="inventory.stockcount", source_id=count.id)
    assert sorted(posted.values_list("quantity", "value")) == [
        (2, Decimal("44.00")), (3, Decimal("210.00")),
    ]  # fmt: skip
    assert moved("inventory.stockcount", count.id) == {
        "1405": Decimal("-166.00"), "6301": Decimal("-44.00"), "6602": Decimal("210.00"),
    }  # fmt: skip
    assert "1901" not in balance()
    assert_sound()


@pytest.mark.clause("SCM-2.3-06")
def test_a_count_is_not_posted_by_the_store_managers_opinion(company: Company) -> None:
    drain()
    count = counted(company)

    approve(company, "inventory.stockcount", count.id, "store_manager")
    drain()

    assert StockCount.objects.get(pk=count.id).state == "submitted"
    assert on_hand(company, SCARF) == BOOK
    assert moved("inventory.stockcount", count.id) == {}
