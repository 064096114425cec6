"""Buyers with tiers in the house with promotions, and what a quote would tell them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from catalog.rules.promotions.quotes import Quote
from catalog.selectors import quotes
from catalog.services import pricing
from catalog.types.prices import PriceChangeInfo, PriceLine
from catalog.types.promotions import WantedBasket, WantedLine
from customers.choices import TierSource
from customers.services import tiers
from customers.types import TierOutcome, TierWish
from tests.catalog.promos import DURING
from tests.catalog.shop import START, actor
from tests.customers.house import AT, SYSTEM
from tests.customers.promoted import Fair


def draft_price(
    fair: Fair, code: str = "A-1", price: str = "189.00", *, tier: str = "gold"
) -> PriceChangeInfo:
    """Draft a tier's own price for a SKU: from then on the channel knows the tier."""
    return pricing.draft_price_change(
        channel_id=fair.house.channel_id,
        tier=tier,
        reason="Members",
        rival_note="none found",
        starts_at=START,
        ends_at=None,
        lines=[PriceLine(sku_id=fair.house.skus[code], price=Decimal(price))],
        actor=actor(fair.shop.specialist),
        at=AT,
    )


def tier_price(fair: Fair, code: str = "A-1", price: str = "189.00") -> None:
    """Let gold pay its own price for a SKU, from the start of the promotions on."""
    fair.shop.approve(fair.shop.submit(draft_price(fair, code, price)))
    pricing.activate_due(actor=SYSTEM, at=START)


def belongs(
    fair: Fair, *buyers: str, tier: str = "gold", at: datetime = START, **more: Any
) -> list[TierOutcome]:
    """Let buyers belong to a tier from a moment on."""
    wishes = [TierWish(buyer=one, tier=tier, reason="member card", **more) for one in buyers]
    return tiers.set_tiers(
        wishes,
        channel_id=fair.house.channel_id,
        source=TierSource.COMPUTED,
        actor=SYSTEM,
        at=at,
    )


def quoted(fair: Fair, *lines: tuple[str, int], at: datetime = DURING, **more: Any) -> Quote:
    """Return what `price-quotes` says of a basket."""
    wanted: Sequence[WantedLine] = [
        WantedLine(sku_id=fair.house.skus[code], quantity=pieces) for code, pieces in lines
    ]
    (answer,) = quotes.quote_baskets(
        channel_id=fair.house.channel_id,
        channel=fair.house.code,
        currency="CNY",
        wanted=[WantedBasket(lines=wanted, **more)],
        at=at,
    )
    return answer
