"""The sale of baskets: quoted by the one engine, and what that takes of promotions, at once.

A basket is quoted by what is left, and what it takes is written by one statement that the database
counts. Where somebody else took the last in between, everything is undone to the savepoint and done
once more with what is left locked (coupons, counters, buyers, each ascending), so that each
document has an answer that holds. Works inside the transaction that writes the documents.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction
from django.utils.translation import gettext

from catalog.errors import promotions as errors
from catalog.rules import coupon_codes
from catalog.rules.promotions import words
from catalog.rules.promotions.baskets import Basket, BasketLine, Buyer
from catalog.rules.promotions.quotes import Quote, Reason
from catalog.rules.promotions.quoting import quote
from catalog.selectors import selling as selectors
from catalog.selectors.live_promotions import Live, live
from catalog.selectors.quotes import uses_of
from catalog.selectors.selling import SaleFacts
from catalog.services import redemption
from catalog.types.selling import Bid, Sale, SoldGift
from ops.engines.kernel.arrays import array

_TRIES: Final = 5

_LOCK_COUPONS: Final = """
SELECT id FROM catalog_coupon WHERE code = ANY(%(codes)s::text[]) ORDER BY id FOR NO KEY UPDATE
"""
_LOCK_COUNTERS: Final = """
SELECT promotion_id FROM catalog_promotioncounter
 WHERE promotion_id = ANY(%(promotions)s::bigint[]) ORDER BY promotion_id FOR NO KEY UPDATE
"""
_LOCK_BUYERS: Final = """
SELECT id FROM catalog_promotionbuyer
 WHERE promotion_id = ANY(%(promotions)s::bigint[]) AND buyer_key = ANY(%(buyers)s::text[])
 ORDER BY promotion_id, buyer_key FOR NO KEY UPDATE
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """Where it is sold and what is in force there; `gift_stock` are pieces there to give by SKU."""

    channel_id: int
    channel: str
    currency: str
    in_force: Live
    gift_stock: Mapping[int, int]


def sell(bids: Sequence[Bid], *, counter: Counter, at: datetime) -> list[Sale]:
    """Quote baskets in order of arrival and take what they use of promotions (CAT-4.4-02).

    Costs three statements for any number of baskets, while nobody takes the last piece in the same
    moment. Raises Overtaken when promotions changed again and again meanwhile.
    """
    in_force = counter.in_force
    for turn in range(_TRIES):
        try:
            with transaction.atomic():
                if turn:
                    in_force = live(channel_id=counter.channel_id, at=at)
                    _lock(bids, in_force)
                return _sold(bids, counter, in_force, at=at)
        except errors.Overtaken:
            if turn == _TRIES - 1:
                raise
    raise AssertionError("unreachable")


def _lock(bids: Sequence[Bid], in_force: Live) -> None:
    """Lock what is left, so that nobody takes it between the look and the sale."""
    values: dict[str, Any] = {
        "codes": array(_codes(bids)),
        "promotions": array(in_force.rules),
        "buyers": array({bid.buyer_key for bid in bids} - {""}),
    }
    with connection.cursor() as cursor:
        for statement in (_LOCK_COUPONS, _LOCK_COUNTERS, _LOCK_BUYERS):
            cursor.execute(statement, values)


def _sold(bids: Sequence[Bid], counter: Counter, in_force: Live, *, at: datetime) -> list[Sale]:
    found = selectors.facts(
        rules=in_force.rules,
        sku_ids={line.sku_id for bid in bids for line in bid.lines},
        buyers={bid.buyer_key for bid in bids} - {""},
        codes=_codes(bids),
        gift_stock=counter.gift_stock,
        at=at,
    )
    sales, wanted = [], []
    for bid in bids:
        basket = _basket(bid, found, counter, at)
        answer = quote(basket, in_force.rule_set, found.remaining.usage(basket))
        sale = _sale(bid, basket, answer, found)
        sales.append(sale)
        if sale.is_sold:
            found.remaining.take(basket, answer)
            wanted += uses_of(answer, source=bid.source, buyer_key=bid.buyer_key)
    if wanted:
        coupons = {code: ticket.id for code, ticket in found.remaining.coupons.items()}
        redemption.take(wanted=wanted, coupons=coupons, at=at)
    return sales


def _basket(bid: Bid, found: SaleFacts, counter: Counter, at: datetime) -> Basket:
    lines = []
    for number, line in enumerate(bid.lines, 1):
        goods = found.goods[line.sku_id]
        lines.append(
            BasketLine(
                key=str(number),
                sku_id=line.sku_id,
                category=goods.category,
                quantity=line.quantity,
                unit_price=line.unit_price,
                # A floor above the price is a matter of the price, which somebody approved.
                floor=None if goods.floor is None else min(goods.floor, line.unit_price),
            )
        )
    return Basket(
        lines=tuple(lines),
        channel=counter.channel,
        at=at,
        buyer=Buyer(key=bid.buyer_key, tier=bid.tier, is_first_order=bid.is_first_order),
        coupons=tuple(dict.fromkeys(_normal(code) for code in bid.coupons)),
        shipping=bid.shipping,
        currency=counter.currency,
    )


def _sale(bid: Bid, basket: Basket, answer: Quote, found: SaleFacts) -> Sale:
    used = {one.coupon for one in answer.discounts} - {""}
    return Sale(
        quote=answer,
        gifts=_gifts(answer, found),
        idle_coupons={
            code: _why_idle(code, answer, found) for code in basket.coupons if code not in used
        },
        is_as_expected=bid.expected is None or bid.expected == answer.total,
    )


def _gifts(answer: Quote, found: SaleFacts) -> tuple[SoldGift, ...]:
    """Return the gifts, each SKU of each promotion once."""
    given: dict[tuple[int, int], SoldGift] = {}
    for gift in answer.gifts:
        goods = found.goods[gift.sku_id]
        key = (gift.rule_id, gift.sku_id)
        before = given[key].quantity if key in given else 0
        given[key] = SoldGift(
            promotion_id=gift.rule_id,
            sku_id=gift.sku_id,
            code=goods.code,
            kind=goods.kind,
            tax_rate=goods.tax_rate,
            quantity=before + gift.quantity,
            value=gift.value,
        )
    return tuple(given.values())


def _why_idle(code: str, answer: Quote, found: SaleFacts) -> str:
    """Say why a presented code opens nothing."""
    ticket = found.remaining.coupons.get(code)
    if ticket is None or ticket.promotion_id not in found.remaining.rules:
        return gettext("There is no such coupon now.")
    if ticket.left == 0:
        return gettext("It is used up.")
    reasons = {one.rule_id: one.reason for one in answer.skipped}
    return str(words.reason_words(reasons.get(ticket.promotion_id, Reason.NO_EFFECT)))


def _codes(bids: Sequence[Bid]) -> set[str]:
    return {_normal(code) for bid in bids for code in bid.coupons}


def _normal(code: str) -> str:
    """Return a code as it is kept; one that can be none stays as it is and opens nothing."""
    return coupon_codes.normal(code) or code
