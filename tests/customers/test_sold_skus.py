"""What every SKU really sold, as the review of the range asks it."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection

from catalog import ports
from customers.models import Order
from customers.services import orders
from tests.customers.house import AT, SYSTEM, house

NOVEMBER = (date(2026, 11, 1), date(2026, 11, 30))


def sold(first: date, last: date) -> dict[int, tuple[int, Decimal]]:
    asked = ports.sold_skus(first=first, last=last)
    with connection.cursor() as cursor:
        cursor.execute(asked.sql, asked.values)
        return {sku: (pieces, amount) for sku, pieces, amount in cursor.fetchall()}


@pytest.mark.clause("CAT-4.1-05")
@pytest.mark.django_db
def test_paid_orders_of_all_channels_count_and_cancelled_ones_do_not() -> None:
    first, second = house("tmall"), house("jd")
    first.place("1", ("A-1", 2))
    second.place("2", ("A-1", 3))
    unpaid = first.place("3", ("A-1", 5), paid_at=None)
    off = first.place("4", ("A-1", 7))
    orders.cancel(order_id=off.order_id, reason="changed my mind", actor=SYSTEM, at=AT)

    found = sold(*NOVEMBER)

    assert Order.objects.get(pk=unpaid.order_id).state == "placed"
    pieces, amount = found[first.skus["A-1"]]
    counted = Order.objects.exclude(state__in=("placed", "cancelled"))
    assert (pieces, amount) == (5, sum(order.total for order in counted))
    assert sold(date(2026, 10, 1), date(2026, 10, 31)) == {}
