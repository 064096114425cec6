"""Quotes by the rules in force: exact seconds, one version read, returns to the cent."""

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest

from catalog.errors.promotions import NotOnSale
from catalog.models import Listing
from catalog.rules.promotions.quotes import Quote
from catalog.rules.promotions.refunds import refund
from catalog.selectors import channels, live_promotions, quotes
from catalog.services import delisting, promotions, redemption
from catalog.types.promotions import WantedBasket, WantedLine
from ops.engines.identity.choices import Role
from tests.catalog.promos import DURING, running
from tests.catalog.shop import END, START, Shop, actor
from tests.engines.identity.factories import AT, SYSTEM, account

STEPS: dict[str, Any] = {
    "type": "spend_and_save",
    "steps": [{"amount": "300.00", "save": "40.00"}, {"amount": "500.00", "save": "80.01"}],
    "caps": {"budget": "1000.00"},
}
INSTANT = timedelta(microseconds=1)


@pytest.fixture(autouse=True)
def forget() -> None:
    live_promotions.forget()


def wanted(shop: Shop, *pieces: int, **buyer: Any) -> WantedBasket:
    lines = [
        WantedLine(sku_id=sku_id, quantity=quantity)
        for sku_id, quantity in zip(shop.sku_ids, pieces, strict=False)
    ]
    return WantedBasket(lines=lines, **buyer)


def quote(shop: Shop, at: datetime, *pieces: int, **buyer: Any) -> Quote:
    (answer,) = quotes.quote_baskets(
        channel_id=shop.channel_id,
        channel="tmall",
        currency="CNY",
        wanted=[wanted(shop, *pieces, **buyer)],
        at=at,
    )
    return answer


def test_a_promotion_counts_from_its_first_second_to_its_last(shop: Shop) -> None:
    running(shop)

    totals = [quote(shop, at, 1).total for at in (START - INSTANT, START, END - INSTANT, END)]

    assert totals == [Decimal(text) for text in ("199.00", "179.10", "179.10", "199.00")]


def test_goods_off_the_shelf_are_quoted_no_more_than_they_are_ordered(shop: Shop) -> None:
    officer = actor(account("compliance", Role.COMPLIANCE_OFFICER))
    listing = Listing.objects.get(product__skus=shop.sku_ids[0], channel=shop.channel_id)
    assert quote(shop, START, 1).total == Decimal("199.00")

    delisting.take_off_at_once(listing_ids=[listing.pk], actor=officer, at=AT)

    with pytest.raises(NotOnSale):
        quote(shop, START, 1)
    # A draft may be tried on goods that are still to be listed.
    tried = quotes.basket_of(wanted(shop, 1), channel=channels.channel(shop.channel_id), at=START)
    assert tried.lines[0].unit_price == Decimal("199.00")


def test_a_pause_reaches_the_next_quote(shop: Shop) -> None:
    made = running(shop)
    assert quote(shop, DURING, 1).total == Decimal("179.10")

    promotions.pause(promotion_id=made.id, reason="x", actor=actor(shop.supervisor), at=DURING)

    assert quote(shop, DURING, 1).total == Decimal("199.00")
    assert quote(shop, DURING - INSTANT, 1).total == Decimal("179.10")


@pytest.mark.clause("CAT-4.4-06")
def test_the_reduction_is_spread_by_value_and_returns_give_it_back_to_the_cent(shop: Shop) -> None:
    running(shop, STEPS)

    answer = quote(shop, DURING, 1, 2)

    assert [line.net_amount for line in answer.lines] == [Decimal("172.33"), Decimal("344.66")]
    assert answer.discounts[0].spread == {"1": Decimal("26.67"), "2": Decimal("53.34")}
    channel = channels.channel(shop.channel_id)
    basket = quotes.basket_of(wanted(shop, 1, 2), channel=channel, at=DURING)
    rules = live_promotions.live(channel_id=shop.channel_id, at=DURING).rule_set
    for order in permutations(("1", "2", "2")):
        back, before = Decimal(0), dict.fromkeys(("1", "2"), 0)
        for key in order:
            back += refund(answer, basket, rules, {key: 1}, before=before).total
            before[key] += 1
        assert back == answer.total == Decimal("516.99")


def test_what_a_quote_promised_is_what_an_order_takes(shop: Shop) -> None:
    made = running(shop, {**STEPS, "caps": {"budget": "100.00", "buyer_uses": 1}})
    source = ("customers.order", 1)
    answer = quote(shop, DURING, 3, buyer_key="anna")

    uses = quotes.uses_of(answer, source=source, buyer_key="anna")
    done = redemption.consume(wanted=uses, actor=SYSTEM, at=DURING)

    assert done.taken == (source,)
    assert [(use.promotion_id, use.times, use.amount) for use in uses] == [
        (made.id, 1, Decimal("80.01"))
    ]
    assert quote(shop, DURING, 3, buyer_key="anna").discount_total == 0
    left = quote(shop, DURING, 3, buyer_key="bo")
    assert left.discount_total == Decimal("19.99")
    assert [cut.value for cut in left.discounts[0].cuts] == ["budget"]
    redemption.release(sources=[source], actor=SYSTEM, at=DURING)
    assert quote(shop, DURING, 3, buyer_key="anna").discount_total == Decimal("80.01")


@pytest.mark.clause("CAT-4.4-08")
def test_the_last_pieces_of_a_flash_sale_are_quoted_and_no_more(shop: Shop) -> None:
    caps = {"budget": "1000", "pieces": 3, "pieces_per_buyer": 2}
    running(shop, {"type": "flash_sale", "price": "150.00", "caps": caps})
    first = quote(shop, DURING, 5, buyer_key="anna")
    uses = quotes.uses_of(first, source=("customers.order", 1), buyer_key="anna")
    redemption.consume(wanted=uses, actor=SYSTEM, at=DURING)

    second = quote(shop, DURING, 5, buyer_key="bo")

    assert first.discount_total == Decimal("98.00")
    assert second.discount_total == Decimal("49.00")
    assert uses[0].pieces == 2
