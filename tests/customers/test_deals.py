"""What customers really paid, as the catalogue asks for it."""

from datetime import timedelta
from decimal import Decimal

import pytest

from customers.models import Order, OrderLine
from customers.selectors import deals
from tests.customers.house import House
from tests.engines.identity.factories import AT

pytestmark = pytest.mark.django_db


def test_only_paid_sale_lines_of_the_window_are_deals(shop: House) -> None:
    made = [shop.place(f"D-{n}", ("A-1", 2)) for n in range(4)]
    assert made
    orders = list(Order.objects.filter(external_no__startswith="D-").order_by("external_no"))
    lines = [OrderLine.objects.get(order=order) for order in orders]
    sku, channel = lines[0].sku_id, orders[0].channel_id
    for number, order in enumerate(orders):
        Order.objects.filter(pk=order.pk).update(paid_at=AT - timedelta(days=number))
    Order.objects.filter(pk=orders[3].pk).update(state="cancelled")

    found = deals.lowest_deals(
        sku_ids=[sku], channel_id=channel, since=AT - timedelta(days=1), until=AT
    )

    assert found[sku].count == 1
    assert found[sku].lowest[0].order == orders[1].number
    assert found[sku].lowest[0].price == Decimal(lines[1].unit_price)
    later = deals.lowest_deals(
        sku_ids=[sku],
        channel_id=channel,
        since=AT - timedelta(days=30),
        until=AT + timedelta(days=1),
    )
    assert later[sku].count == 3
    assert not deals.lowest_deals(
        sku_ids=[sku], channel_id=channel + 1, since=AT - timedelta(days=30), until=AT
    )
