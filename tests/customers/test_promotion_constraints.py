"""What promotions gave cannot be written otherwise, whoever writes (CAT-4.4-02, CAT-4.4-06)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from catalog.models import PromotionUse
from customers.models import Order, OrderDiscount, OrderGift, OrderLine
from customers.selectors import promoted
from tests.catalog.promos import DURING
from tests.customers.house import order
from tests.customers.promoted import Fair, fair

pytestmark = pytest.mark.django_db
UNCOUNTED = """
WITH line AS (
    INSERT INTO customers_orderline
        (order_id, line_no, sku_id, kind, quantity, unit_price, discount, amount)
    VALUES (%(order)s, 2, %(sku)s, 'sale', 1, 10, 4, 6))
INSERT INTO customers_orderdiscount (order_id, line_no, promotion_id, coupon, amount)
VALUES (%(order)s, 2, %(promotion)s, '', 4)
"""
CANCEL = """
UPDATE customers_order SET state = 'cancelled' WHERE id = %(order)s;
SET CONSTRAINTS ALL IMMEDIATE
"""


def _run(statement: str, **values: int) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.fixture(name="fair")
def fixture_fair(db: None) -> Fair:
    return fair()


def test_a_discount_of_a_line_is_the_sum_of_its_rows(fair: Fair) -> None:
    made = fair.running()
    placed = order(fair.place("T1", ("A-1", 2), ("B-2", 1)))

    with pytest.raises(IntegrityError, match="orderline_amount_is_net"), transaction.atomic():
        OrderLine.objects.filter(order=placed, line_no=1).update(discount=50)
    more = pytest.raises(IntegrityError, match="do not add up to line 1")
    with more, transaction.atomic():
        OrderLine.objects.filter(order=placed, line_no=1).update(discount=50, amount=348)
    with pytest.raises(IntegrityError, match="do not add up to line 3"), transaction.atomic():
        OrderLine.objects.create(
            order=placed, line_no=3, sku_id=fair.house.skus["C-3"], quantity=1,
            unit_price=Decimal("10.50"), discount=1, amount=Decimal("9.50"),
        )  # fmt: skip
    with pytest.raises(IntegrityError, match="do not add up to line 9"), transaction.atomic():
        OrderDiscount.objects.create(order=placed, line_no=9, promotion_id=made.id, amount=1)
    other = fair.running()
    with pytest.raises(IntegrityError, match="do not add up to line 1"), transaction.atomic():
        OrderDiscount.objects.create(order=placed, line_no=1, promotion_id=other.id, amount=1)


def test_what_was_given_is_never_rewritten(fair: Fair) -> None:
    fair.running()
    placed = order(fair.place("T1", ("A-1", 2)))

    for statement in (
        "UPDATE customers_orderdiscount SET amount = 1",
        "DELETE FROM customers_orderdiscount",
        "DELETE FROM customers_ordergift",
    ):
        # The role of the app has no right to it; its owner is refused by the trigger.
        with pytest.raises((IntegrityError, ProgrammingError)):
            _run(statement)

    assert OrderDiscount.objects.get(order=placed).amount == Decimal("40.00")


def test_nothing_is_given_that_no_budget_was_charged_with(fair: Fair) -> None:
    made = fair.running()
    plain = order(fair.place("T1", ("C-3", 2)))

    with pytest.raises(IntegrityError, match="took nothing of promotion"):
        _run(UNCOUNTED, order=plain.pk, sku=fair.house.skus["A-1"], promotion=made.id)
    untaken = pytest.raises(IntegrityError, match="is no line of it, or was not taken")
    with untaken, transaction.atomic():
        OrderGift.objects.create(order=plain, line_no=1, promotion_id=made.id, value=1)

    assert plain.lines.count() == 1


def test_a_gift_or_a_correction_has_no_discount(fair: Fair) -> None:
    placed = order(fair.place("T1", ("A-1", 1)))

    with pytest.raises(IntegrityError, match="orderline_discount_of_a_sale"), transaction.atomic():
        OrderLine.objects.create(
            order=placed, line_no=2, sku_id=fair.house.skus["B-2"], kind="gift", quantity=1,
            unit_price=0, discount=1, amount=-1,
        )  # fmt: skip


def test_a_cancelled_order_keeps_nothing_of_a_promotion(fair: Fair) -> None:
    fair.running()
    placed = order(fair.place("T1", ("A-1", 2)))

    with pytest.raises(IntegrityError, match="still uses promotions"):
        _run(CANCEL, order=placed.pk)

    assert Order.objects.get(pk=placed.pk).state == "allocated"


def test_a_use_without_its_order_is_found(fair: Fair) -> None:
    made = fair.running()
    placed = order(fair.place("T1", ("A-1", 2)))
    assert promoted.differences() == []

    PromotionUse.objects.create(
        promotion_id=made.id, source_type="customers.order", source_id=placed.pk + 1000,
        times=1, pieces=1, amount=5, effect_key="stray", at=DURING,
    )  # fmt: skip

    (found,) = promoted.differences()
    assert (found.order_id, found.promotion_id) == (placed.pk + 1000, made.id)
    assert (found.shown, found.counted) == (Decimal(0), Decimal(5))
