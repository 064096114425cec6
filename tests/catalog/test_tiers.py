"""Prices for tiers of customers: kept apart, known at any moment (CAT-4.2-05)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from catalog.errors import prices as errors
from catalog.models import PriceChange, PriceRange
from catalog.selectors import offers, prices, quotes
from catalog.services import pricing
from catalog.types.prices import PriceChangeInfo, PriceLine
from catalog.types.promotions import WantedBasket, WantedLine
from ops.engines.approvals.models import Request
from tests.catalog.shop import END, START, Shop, actor
from tests.catalog.test_constraints import put
from tests.compliance.conftest import enter
from tests.engines.approvals.toys import refused_by
from tests.engines.identity.factories import AT, SYSTEM

TICK = timedelta(seconds=1)


def draft(shop: Shop, price: str, *, tier: str = "gold", ends: bool = False) -> PriceChangeInfo:
    return pricing.draft_price_change(
        channel_id=shop.channel_id,
        tier=tier,
        reason="Members",
        rival_note="none found",
        starts_at=START,
        ends_at=END if ends else None,
        lines=[PriceLine(sku_id=shop.sku_ids[0], price=Decimal(price))],
        actor=actor(shop.specialist),
        at=AT,
    )


def begin(shop: Shop, price: str, *, ends: bool = False) -> PriceChangeInfo:
    change = shop.approve(shop.submit(draft(shop, price, ends=ends)))
    pricing.activate_due(actor=SYSTEM, at=START)
    return change


def price(shop: Shop, tier: str, at: object = START) -> Decimal | None:
    found = prices.price_at(
        sku_ids=shop.sku_ids,
        channel_id=shop.channel_id,
        tier=tier,
        at=at,  # type: ignore[arg-type]
    )
    return found.get(shop.sku_ids[0])


@pytest.mark.clause("CAT-4.2-05")
def test_a_tier_has_its_own_price_and_everybody_keeps_theirs(shop: Shop) -> None:
    begin(shop, "189.00")

    assert price(shop, "gold") == Decimal("189.00")
    assert price(shop, "gold", START - TICK) == Decimal("199.00")
    assert price(shop, "") == Decimal("199.00")
    assert price(shop, "silver") == Decimal("199.00")
    found = offers.offers(channel="tmall", codes=["A-1001-S"], at=START, with_tiers=True)
    assert found is not None
    offer = found.by_code["A-1001-S"]
    assert [offer.price_of(tier) for tier in ("gold", "silver", "")] == [189, 199, 199]
    history = prices.price_history(sku_id=shop.sku_ids[0], tier="gold")
    assert [(period.tier, period.price, period.until) for period in history] == [
        ("gold", Decimal("189.00"), None)
    ]


def test_a_quote_asks_each_buyer_the_price_of_their_tier(shop: Shop) -> None:
    begin(shop, "189.00")
    line = WantedLine(sku_id=shop.sku_ids[0], quantity=2)

    answers = quotes.quote_baskets(
        channel_id=shop.channel_id,
        channel="tmall",
        currency="CNY",
        wanted=[WantedBasket(lines=[line], tier=tier) for tier in ("", "gold", "silver")],
        at=START,
    )

    assert [answer.total for answer in answers] == [
        Decimal("398.00"),
        Decimal("378.00"),
        Decimal("398.00"),
    ]


def test_a_limited_tier_price_falls_back_to_everybodys(shop: Shop) -> None:
    begin(shop, "189.00", ends=True)

    assert price(shop, "gold", END - TICK) == Decimal("189.00")
    assert price(shop, "gold", END) == Decimal("199.00")
    assert not PriceRange.objects.filter(kind="revert").exists()


def test_a_new_tier_is_measured_against_everybodys_price(shop: Shop) -> None:
    shop.submit(draft(shop, "150.00"))

    request = Request.objects.latest("pk")
    assert request.content["tier"] == "gold"
    assert request.content["lines"][0]["old"] == "199.00"
    assert request.figures["outside_band"] == 1


@pytest.mark.clause("CAT-4.2-05")
def test_two_prices_of_one_tier_never_overlap_and_two_tiers_may(shop: Shop) -> None:
    begin(shop, "189.00")
    row = PriceRange.objects.get(tier="gold")

    with refused_by("pricerange_never_two_at_once"):
        put(
            shop,
            tier="gold",
            approval_id=row.approval_id,
            change_id=row.change_id,
            valid=f"[{START.isoformat()},)",
        )


@pytest.mark.clause("CAT-4.2-01")
def test_an_approval_for_one_tier_prices_no_other(shop: Shop) -> None:
    change = PriceChange.objects.get(pk=shop.approve(shop.submit(draft(shop, "189.00"))).id)

    with refused_by("pricerange_in_window"):
        put(
            shop,
            tier="silver",
            approval_id=change.approval_id,
            change_id=change.pk,
            valid=f"[{START.isoformat()},)",
        )
    with refused_by("pricechange_fixed_once_submitted"):
        PriceChange.objects.filter(pk=change.pk).update(tier="silver")


@pytest.mark.parametrize("tier", ["Gold", "黄金", "g d", "x" * 17])
def test_an_unreadable_tier_is_refused(shop: Shop, tier: str) -> None:
    with pytest.raises(errors.TierUnreadable):
        draft(shop, "189.00", tier=tier)
    assert not PriceChange.objects.exists()


@pytest.mark.clause("CAT-4.2-05")
def test_the_api_answers_for_any_tier_and_moment(shop: Shop) -> None:
    begin(shop, "189.00")
    desk: Client = enter(shop.supervisor)
    address = "/api/v1/prices?sku=A-1001-S&channel=tmall"

    gold = desk.get(f"{address}&tier=gold&at=2026-12-31T00:00:00Z").json()
    before = desk.get(f"{address}&tier=gold&at=2026-01-31T00:00:00Z").json()

    assert (gold["tier"], gold["price"]) == ("gold", "189.00")
    assert before["price"] == "199.00"
