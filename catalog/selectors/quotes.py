"""What baskets cost in a channel at a moment: own prices, live promotions, what is left of them.

One engine answers here, for orders and for simulations: this module only brings it its facts,
with the same few statements for one basket as for a thousand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db import connection

from catalog import ports
from catalog.errors import promotions as errors
from catalog.errors.goods import missing
from catalog.rules import coupon_codes
from catalog.rules.promotions.baskets import Basket, BasketLine, Buyer, Usage
from catalog.rules.promotions.quotes import Quote
from catalog.rules.promotions.quoting import quote
from catalog.rules.promotions.remaining import gifts_there
from catalog.rules.promotions.rules import Rule
from catalog.selectors import prices
from catalog.selectors.channels import ChannelInfo
from catalog.selectors.live_promotions import live
from catalog.selectors.price_sql import NOT_SUSPENDED, on_shelf
from catalog.selectors.selling import gift_skus
from catalog.types.promotions import UseWanted, WantedBasket

# As an offer: the price of the buyer's tier stands in for everybody's; what is suspended has none,
# and (`shelved`) neither has what is not on the channel's shelf.
_GOODS: Final = f"""
SELECT s.id, w.tier, c.path, p.price
  FROM unnest(%(skus)s::bigint[], %(tiers)s::text[]) AS w(id, tier)
  JOIN catalog_sku s ON s.id = w.id
  JOIN catalog_product d ON d.id = s.product_id
  JOIN catalog_category c ON c.id = d.category_id
  LEFT JOIN LATERAL (
       SELECT r.price FROM catalog_pricerange r
        WHERE r.sku_id = s.id AND r.channel_id = %(channel)s AND r.tier IN ('', w.tier)
          AND r.valid @> %(at)s::timestamptz
          AND {NOT_SUSPENDED.format(channel="r.channel_id", sku="s.id")}
          AND (NOT %(shelved)s OR {on_shelf(sku="s", channel="r.channel_id")})
        ORDER BY r.tier DESC LIMIT 1) p ON true
"""  # noqa: S608 - constants only
_COUNTERS: Final = """
SELECT promotion_id, uses_limit - uses, budget - amount, pieces_limit - pieces,
       gift_limit - gift_pieces
  FROM catalog_promotioncounter WHERE promotion_id = ANY(%(promotions)s)
"""
_BUYERS: Final = """
SELECT promotion_id, buyer_key, uses_limit - uses, pieces_limit - pieces
  FROM catalog_promotionbuyer
 WHERE promotion_id = ANY(%(promotions)s) AND buyer_key = ANY(%(buyers)s)
"""
_COUPONS: Final = """
SELECT code, promotion_id, buyer_key FROM catalog_coupon
 WHERE code = ANY(%(codes)s) AND (uses_limit IS NULL OR uses < uses_limit)
"""


_Goods = Mapping[tuple[int, str], tuple[str, Decimal, Decimal | None]]


@dataclass(frozen=True, slots=True)
class _Coupon:
    promotion_id: int
    buyer_key: str


@dataclass(frozen=True, slots=True)
class _Left:
    """What is left of the live promotions, read once for all baskets."""

    rules: Mapping[int, Rule]
    counters: Mapping[int, tuple[int | None, Decimal | None, int | None, int | None]]
    buyers: Mapping[tuple[int, str], tuple[int | None, int | None]]
    coupons: Mapping[str, _Coupon]
    gift_stock: Mapping[int, int] = field(default_factory=dict)

    def for_basket(self, basket: Basket) -> dict[int, Usage]:
        """Return what each rule has left for one basket."""
        return {pk: self._usage(pk, rule, basket) for pk, rule in self.rules.items()}

    def _usage(self, pk: int, rule: Rule, basket: Basket) -> Usage:
        uses, budget, pieces, gifts = self.counters.get(pk, (None, None, None, None))
        buyer = basket.buyer.key
        mine = self.buyers.get((pk, buyer), (rule.caps.buyer_uses, rule.caps.pieces_per_buyer))
        return Usage(
            uses_left=uses,
            budget_left=budget,
            pieces_left=pieces,
            gift_pieces_left=gifts,
            gift_pieces_there=gifts_there(rule, basket, self.gift_stock),
            buyer_uses_left=mine[0],
            buyer_pieces_left=mine[1],
            coupons=tuple(code for code in basket.coupons if self._opens(code, pk, buyer)),
        )

    def _opens(self, code: str, promotion_id: int, buyer: str) -> bool:
        found = self.coupons.get(code)
        return (
            found is not None
            and found.promotion_id == promotion_id
            and found.buyer_key in ("", buyer)
        )


def quote_baskets(
    *, channel_id: int, channel: str, currency: str, wanted: Sequence[WantedBasket], at: datetime
) -> list[Quote]:
    """Return what each basket costs, in order; nothing is taken of any promotion by asking.

    Lines are named "1", "2", ... in the answer. Gifts are promised as far as they are in the
    warehouse that serves the channel. Raises ThingMissing (no such SKU), NotOnSale (also for goods
    off the shelf, as an order of them is refused), CouponUnknown (a code that is none).
    """
    in_force = live(channel_id=channel_id, at=at)
    goods = _goods(wanted, channel_id, at, is_shelved=True)
    baskets = [_basket(each, goods, channel, currency, at) for each in wanted]
    left = _left(in_force.rules, baskets, channel_id)
    return [quote(basket, in_force.rule_set, left.for_basket(basket)) for basket in baskets]


def basket_of(
    wanted: WantedBasket, *, channel: ChannelInfo, at: datetime, coupons: Sequence[str] = ()
) -> Basket:
    """Return one basket with own prices and floors; `coupons` are passed on as they are.

    A draft may be tried on goods that are not on the shelf yet. Raises ThingMissing, NotOnSale.
    """
    goods = _goods([wanted], channel.id, at)
    made = _basket(wanted, goods, channel.code, channel.currency, at)
    return replace(made, coupons=tuple(coupons))


def uses_of(answer: Quote, *, source: tuple[str, int], buyer_key: str = "") -> list[UseWanted]:
    """Return what a document takes of promotions when it is placed at a quote."""
    gifts: dict[int, int] = {}
    for gift in answer.gifts:
        gifts[gift.rule_id] = gifts.get(gift.rule_id, 0) + gift.quantity
    return [
        UseWanted(
            source=source,
            promotion_id=discount.rule_id,
            times=discount.times,
            pieces=discount.pieces,
            gift_pieces=gifts.get(discount.rule_id, 0),
            amount=discount.amount,
            coupon=discount.coupon,
            buyer_key=buyer_key,
        )
        for discount in answer.discounts
    ]


def _goods(
    wanted: Sequence[WantedBasket], channel_id: int, at: datetime, *, is_shelved: bool = False
) -> _Goods:
    """Return category, price and floor by SKU and tier; raises ThingMissing, NotOnSale."""
    pairs = sorted({(line.sku_id, basket.tier) for basket in wanted for line in basket.lines})
    ids = sorted({sku for sku, _tier in pairs})
    values: dict[str, Any] = {
        "skus": [sku for sku, _tier in pairs],
        "tiers": [tier for _sku, tier in pairs],
        "channel": channel_id,
        "at": at,
        "shelved": is_shelved,
    }
    with connection.cursor() as cursor:
        cursor.execute(_GOODS, values)
        rows = cursor.fetchall()
    missing("sku", ids, [row[0] for row in rows])
    if unpriced := sorted({sku for sku, _tier, _path, price in rows if price is None}):
        raise errors.NotOnSale(unpriced)
    floors = prices.floors(sku_ids=ids, at=at)
    return {(sku, tier): (path, price, floors.get(sku)) for sku, tier, path, price in rows}


def _basket(
    wanted: WantedBasket,
    goods: _Goods,
    channel: str,
    currency: str,
    at: datetime,
) -> Basket:
    lines = []
    for number, line in enumerate(wanted.lines, 1):
        category, price, floor = goods[line.sku_id, wanted.tier]
        lines.append(
            BasketLine(
                key=str(number),
                sku_id=line.sku_id,
                category=category,
                quantity=line.quantity,
                unit_price=price,
                # A floor above the price is a matter of the price, which somebody approved.
                floor=None if floor is None else min(floor, price),
            )
        )
    return Basket(
        lines=tuple(lines),
        channel=channel,
        at=at,
        buyer=Buyer(key=wanted.buyer_key, tier=wanted.tier, is_first_order=wanted.is_first_order),
        coupons=tuple(dict.fromkeys(_code(code) for code in wanted.coupons)),
        shipping=wanted.shipping,
        currency=currency,
    )


def _code(sent: str) -> str:
    code = coupon_codes.normal(sent)
    if code is None:
        raise errors.CouponUnknown(sent)
    return code


def _left(rules: Mapping[int, Rule], baskets: Sequence[Basket], channel_id: int) -> _Left:
    if not rules:
        return _Left({}, {}, {}, {})
    buyers = sorted({basket.buyer.key for basket in baskets} - {""})
    codes = sorted({code for basket in baskets for code in basket.coupons})
    with connection.cursor() as cursor:
        cursor.execute(_COUNTERS, {"promotions": list(rules)})
        counters = {row[0]: row[1:] for row in cursor.fetchall()}
        mine = {}
        if buyers:
            cursor.execute(_BUYERS, {"promotions": list(rules), "buyers": buyers})
            mine = {(row[0], row[1]): (row[2], row[3]) for row in cursor.fetchall()}
        coupons = {}
        if codes:
            cursor.execute(_COUPONS, {"codes": codes})
            coupons = {row[0]: _Coupon(*row[1:]) for row in cursor.fetchall()}
    given = gift_skus(rules.values())
    # Who has no warehouse gives no gift away, as with orders.
    there = ports.gift_stock(sku_ids=given, channel_id=channel_id) if given else None
    return _Left(rules, counters, mine, coupons, there or {})
