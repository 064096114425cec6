"""Orders and goods change what a channel shows, through the outbox (CAT-4.3-10)."""

from datetime import UTC, datetime

import pytest

from catalog.models import ShownStock, StockSyncEntry
from customers.models import Order
from customers.services import orders
from ops.engines.events.delivery import drain
from tests.customers.house import AT, SYSTEM, House

LATER = datetime(2030, 1, 1, tzinfo=UTC)


def shown(shop: House, code: str) -> int:
    drain(at=LATER)
    return ShownStock.objects.get(channel_id=shop.channel_id, sku_id=shop.skus[code]).pieces


@pytest.mark.clause("CAT-4.3-10")
def test_what_orders_hold_and_give_back_is_shown_at_once(shop: House) -> None:
    drain(at=LATER)
    shop.place("T-1", ("A-1", 7))
    assert shown(shop, "A-1") == 93 == shop.free("A-1")

    orders.cancel(
        order_id=Order.objects.get(external_no="T-1").pk, reason="买家不要了", actor=SYSTEM, at=AT
    )
    assert shown(shop, "A-1") == 100

    shop.receive("A-1", 11)
    assert shown(shop, "A-1") == 111
    stood = StockSyncEntry.objects.filter(sku_id=shop.skus["A-1"]).order_by("pk")
    assert list(stood.values_list("pieces", flat=True))[-3:] == [93, 100, 111]
