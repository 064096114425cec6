"""What the order book tells those who count what is bought together."""

import datetime as dt

from catalog.services import recommending
from catalog.types.recommendations import Pair
from customers.services import orders
from ops.engines.kernel.parse import business_day
from tests.customers.house import AT, SYSTEM, House


def test_baskets_are_the_sale_lines_of_orders_that_were_not_cancelled(shop: House) -> None:
    shop.place("T-1", ("A-1", 1), ("B-2", 2))
    shop.place("T-2", ("A-1", 1), ("B-2", 1))
    shop.place("T-3", ("A-1", 1))
    gone = shop.place("T-4", ("A-1", 1), ("B-2", 1))
    orders.cancel(order_id=gone.order_id, reason="买家不要了", actor=SYSTEM, at=AT)
    day = business_day(AT)

    def mined(first: dt.date, last: dt.date) -> list[Pair]:
        return recommending.mine(
            channel_id=shop.channel_id, first=first, last=last, min_support=2, most=9
        )

    [pair] = mined(day, day)

    assert (pair.together, {pair.of_sku, pair.of_other}, pair.baskets) == (2, {2, 3}, 3)
    assert pair.lift == 1
    assert mined(day + dt.timedelta(days=1), day + dt.timedelta(days=9)) == []
