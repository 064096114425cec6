"""What the database refuses of documents when the services are bypassed, spoken as the app role."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import import_module

import pytest
from django.db import connection

from inventory.choices import COUNT_STEPS, PURCHASE_STEPS, RECEIPT_STEPS
from inventory.models import CountLine, Move, PurchaseOrder
from inventory.services import discrepancies, purchasing
from inventory.types import CountInfo
from ops.engines.approvals.models import Request
from tests.inventory.documents import House, house, request_of
from tests.inventory.factories import AT, TODAY, Shop
from tests.inventory.test_constraints import execute, refused

POST = """
SELECT * FROM inventory_post(%(key)s, %(sku)s, '{NULL}', %(from)s, %(to)s, %(quantity)s,
    '{NULL}', '{NULL}', %(reason)s, %(type)s, %(source)s, %(approval)s, '{NULL}', '{NULL}',
    %(day)s, now(), NULL)
"""


@pytest.fixture(name="house")
def fixture_house(shop: Shop) -> House:
    made = house(shop)
    shop.receive(shop.skus[0], 100, "10.00")
    return made


def post(
    house: House,
    *,
    origin: int,
    target: int,
    quantity: int,
    reason: str,
    source: tuple[str, int],
    approval: int | None = None,
    sku: int | None = None,
    key: str = "forged",
) -> None:
    execute(
        POST,
        {
            "key": [key],
            "sku": [sku or house.shop.skus[0]],
            "from": [origin],
            "to": [target],
            "quantity": [quantity],
            "reason": [reason],
            "type": [source[0]],
            "source": [source[1]],
            "approval": [approval],
            "day": TODAY,
        },
    )


def lose(house: House, count: CountInfo, quantity: int, approval: int | None, key: str) -> None:
    post(
        house,
        origin=house.shop.warehouse.bin_id,
        target=house.shop.virtual.gain_loss,
        quantity=quantity,
        reason="count",
        source=("inventory.stockcount", count.id),
        approval=approval,
        key=key,
    )


@pytest.mark.parametrize(
    ("model", "steps"),
    [
        ("purchaseorder", PURCHASE_STEPS),
        ("receipt", RECEIPT_STEPS),
        ("stockcount", COUNT_STEPS),
    ],
)
def test_services_and_database_read_the_same_steps(
    model: str, steps: Mapping[str, tuple[str, ...]]
) -> None:
    promises = import_module("inventory.migrations.0011_document_promises")

    _first, allowed = promises.STEPS[model]

    assert set(allowed.split()) == {
        f"{before}>{after}" for before, later in steps.items() for after in later
    }


@pytest.mark.clause("SCM-2.4-01")
@pytest.mark.parametrize("state", ["approved", "sent", "received", "closed"])
def test_no_order_goes_out_without_approval(house: House, state: str) -> None:
    made = house.draft((house.shop.skus[0], 1, "1.00"))

    with refused(
        "purchaseorder_step_allowed",
        "purchaseorder_as_approved",
        "inventory_purchaseorder_needs_purchase_order",
    ):
        execute("UPDATE inventory_purchaseorder SET state = %s WHERE id = %s", [state, made.id])

    assert PurchaseOrder.objects.get(pk=made.id).state == "draft"


@pytest.mark.clause("SCM-2.4-01")
def test_a_submitted_order_is_not_approved_by_hand(house: House) -> None:
    made = house.draft((house.shop.skus[0], 1, "1.00"))
    purchasing.submit_purchase(purchase_id=made.id, actor=house.who("buyer"), at=AT)

    with refused("inventory_purchaseorder_needs_purchase_order"):
        execute("UPDATE inventory_purchaseorder SET state = 'approved' WHERE id = %s", [made.id])


@pytest.mark.clause("SCM-2.4-01")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE inventory_purchaseline SET quantity = 999 WHERE purchase_id = %s",
        "DELETE FROM inventory_purchaseline WHERE purchase_id = %s",
        "UPDATE inventory_purchaseorder SET total = 1 WHERE id = %s",
    ],
)
def test_what_was_approved_is_what_was_ordered(house: House, statement: str) -> None:
    made = house.ordered((house.shop.skus[0], 5, "2.00"))

    with refused("purchaseline_fixed_once_submitted", "purchaseorder_fixed_once_submitted"):
        execute(statement, [made.id])


@pytest.mark.clause("SCM-2.4-01")
def test_a_line_says_plan_or_reason(house: House) -> None:
    made = house.draft((house.shop.skus[0], 5, "2.00"))

    with refused("purchaseline_planned_or_explained"):
        execute("UPDATE inventory_purchaseline SET reason = '' WHERE purchase_id = %s", [made.id])


@pytest.mark.clause("SCM-2.2-03")
def test_a_differing_line_is_not_posted_without_a_decision(house: House) -> None:
    sku = house.shop.skus[1]
    receipt = house.delivered(house.ordered((sku, 10, "2.00")), (sku, 10, 7))
    line = house.lines_of(receipt)[sku]

    with refused("inventory_receiptline_needs_receipt_mismatch"):
        execute(
            "UPDATE inventory_receiptline SET state = 'posted', to_bin = 7 WHERE id = %s",
            [line.pk],
        )
    discrepancies.report_discrepancy(
        receipt_id=receipt.id,
        choice="hold",
        treatment="accept",
        reason="Wet",
        actor=house.who("keeper"),
        at=AT,
    )
    waiting = Request.objects.get(flow="receipt_mismatch")
    with refused("inventory_receiptline_needs_receipt_mismatch"):
        execute(
            "UPDATE inventory_receiptline SET state = 'posted', to_bin = 7, approval_id = %s"
            " WHERE id = %s",
            [waiting.pk, line.pk],
        )


@pytest.mark.clause("SCM-2.2-03")
def test_a_difference_cannot_be_called_none(house: House) -> None:
    sku = house.shop.skus[1]
    receipt = house.delivered(house.ordered((sku, 10, "2.00")), (sku, 10, 7))
    line = house.lines_of(receipt)[sku]

    with refused("receiptline_difference_as_counted", "receiptline_fixed_once_checked"):
        execute("UPDATE inventory_receiptline SET mismatch = 'none' WHERE id = %s", [line.pk])
    with refused("receiptline_fixed_once_checked"):
        execute(
            "UPDATE inventory_receiptline SET counted = 10, good = 10, mismatch = 'none'"
            " WHERE id = %s",
            [line.pk],
        )


@pytest.mark.clause("SCM-2.2-03")
def test_the_ledger_takes_goods_of_a_receipt_only_as_settled(house: House) -> None:
    sku = house.shop.skus[1]
    receipt = house.delivered(house.ordered((sku, 10, "2.00")), (sku, 10, 7))

    with refused("move_receipt_as_settled"):
        post(
            house,
            origin=house.shop.virtual.supplier,
            target=house.shop.warehouse.bin_id,
            quantity=7,
            reason="receipt",
            source=("inventory.receipt", receipt.id),
            sku=sku,
        )

    assert not Move.objects.filter(source_type="inventory.receipt").exists()


def test_the_buyer_is_not_the_one_who_counts(house: House) -> None:
    sku = house.shop.skus[1]
    receipt = house.delivered(house.ordered((sku, 10, "2.00")), (sku, 10, 10))

    with refused("receipt_not_counted_by_its_buyer"):
        execute("UPDATE inventory_receipt SET counted_by = ordered_by WHERE id = %s", [receipt.id])
    with refused("receipt_knows_its_buyer"):
        execute("UPDATE inventory_receipt SET ordered_by = 0 WHERE id = %s", [receipt.id])
        execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.clause("SCM-2.3-05")
def test_nobody_recounts_their_own_line(house: House) -> None:
    count = house.started()
    house.enter(count, {house.shop.skus[0]: 90})

    with refused("countline_recounted_by_another"):
        execute(
            "UPDATE inventory_countline SET recounted = 90, recounted_by = counted_by"
            " WHERE count_id = %s",
            [count.id],
        )


@pytest.mark.clause("SCM-2.3-05")
def test_two_signatures_are_of_two_persons(house: House) -> None:
    count = house.started()

    with refused("countsheet_two_persons"):
        execute(
            "UPDATE inventory_countsheet SET keeper_id = 1, keeper_at = now(), finance_id = 1,"
            " finance_at = now() WHERE count_id = %s",
            [count.id],
        )


@pytest.mark.clause("SCM-2.3-05")
@pytest.mark.parametrize(
    "change", ["book_quantity = 1", "book_seq = 9", "sku_id = 1", "sheet_id = 1"]
)
def test_the_frozen_book_stays(house: House, change: str) -> None:
    count = house.started()

    with refused("permission denied"):
        execute(f"UPDATE inventory_countline SET {change} WHERE count_id = %s", [count.id])
    with refused("permission denied"):
        execute("DELETE FROM inventory_countline WHERE count_id = %s", [count.id])


@pytest.mark.clause("SCM-2.3-05")
def test_counting_is_not_closed_by_hand(house: House) -> None:
    count = house.started()
    close = "UPDATE inventory_stockcount SET state = 'review' WHERE id = %s"
    with refused("stockcount_counted_whole"):
        execute(close, [count.id])
    house.enter(count, {house.shop.skus[0]: 100})

    with refused("stockcount_signed"):
        execute(close, [count.id])


@pytest.mark.clause("SCM-2.3-06")
def test_an_unexplained_report_is_not_handed_in(house: House) -> None:
    count = house.started()
    house.closed(count, {house.shop.skus[0]: 90})
    hand_in = "UPDATE inventory_stockcount SET state = 'submitted' WHERE id = %s"
    with refused("stockcount_recounted"):
        execute(hand_in, [count.id])
    house.recounted(count, {house.shop.skus[0]: 90})

    with refused("stockcount_explained"):
        execute(hand_in, [count.id])
    with refused("countline_unknown_cause_has_note"):
        execute(
            "UPDATE inventory_countline SET cause = 'not_found' WHERE count_id = %s", [count.id]
        )


@pytest.mark.clause("SCM-2.3-06")
def test_a_submitted_report_is_fixed(house: House) -> None:
    count = house.started()
    house.closed(count, {house.shop.skus[0]: 99})
    house.explained(count)
    house.submitted(count)

    with refused("countline_fixed_once_submitted"):
        execute("UPDATE inventory_countline SET variance = 0 WHERE count_id = %s", [count.id])
    with refused("inventory_stockcount_needs_stock_adjustment"):
        execute("UPDATE inventory_stockcount SET state = 'approved' WHERE id = %s", [count.id])


@pytest.mark.clause("SCM-2.3-06")
def test_the_ledger_takes_differences_only_as_approved_and_once(house: House) -> None:
    sku = house.shop.skus[0]
    count = house.started()
    house.closed(count, {sku: 99})
    house.explained(count)
    with refused("move_count_needs_approval"):
        lose(house, count, 1, None, "forged:1")
    request = house.submitted(count)
    with refused("move_count_needs_approval"):
        lose(house, count, 1, request, "forged:2")
    house.approve(request, "store", "director")

    with refused("move_count_as_approved"):
        post(
            house,
            origin=house.shop.virtual.gain_loss,
            target=house.shop.warehouse.bin_id,
            quantity=50,
            reason="count",
            source=("inventory.stockcount", count.id),
            approval=request,
            key="forged:3",
        )
    with refused("move_count_line_once"):
        lose(house, count, 1, request, "forged:4")

    assert house.shop.stock(sku).on_hand == 99


def test_a_signed_figure_stays(house: House) -> None:
    count = house.started()
    house.enter(count, {house.shop.skus[0]: 100})
    execute(
        "UPDATE inventory_countsheet SET keeper_id = 1, keeper_at = now() WHERE count_id = %s",
        [count.id],
    )

    with refused("countline_signed_stays"):
        execute("UPDATE inventory_countline SET counted = 1 WHERE count_id = %s", [count.id])


@pytest.mark.parametrize(
    "table",
    [
        "inventory_purchaseorder",
        "inventory_receipt",
        "inventory_receiptline",
        "inventory_receiptdiscrepancy",
        "inventory_stockcount",
        "inventory_countsheet",
    ],
)
def test_documents_are_never_deleted(db: None, table: str) -> None:
    with refused("permission denied"):
        execute(f"DELETE FROM {table}")


def test_the_content_of_a_count_names_its_moves(house: House) -> None:
    count = house.started()
    house.closed(count, {house.shop.skus[0]: 99})
    house.explained(count)
    request = Request.objects.get(pk=house.submitted(count))

    (line,) = request.content["lines"]

    assert (line["from"], line["to"]) == (
        house.shop.warehouse.bin_id,
        house.shop.virtual.gain_loss,
    )
    assert json.dumps(line["value"]) == '"-10.00"'
    assert CountLine.objects.get(count_id=count.id).variance == -1
    assert request_of("inventory.stockcount", count.id) == request.pk
    assert connection.in_atomic_block
