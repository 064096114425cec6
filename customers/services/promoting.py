"""Orders priced here get what promotions give, in the transaction that writes them (CAT-4.4-02).

An order asks for promotions when none of its lines brings a price: the channel leaves the price to
us (ADR 0029). Whoever names prices has made the price, and gets no second discount.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from catalog.choices.goods import ProductState
from catalog.selectors.live_promotions import Live, live_at
from catalog.selectors.offers import Offer, Offers
from catalog.selectors.selling import gift_skus
from catalog.services import redemption, selling
from catalog.services.selling import Counter
from catalog.types.selling import Bid, BidLine, Sale, SoldGift
from customers import rules
from customers.selectors import before_sale
from customers.services.judging import FEE, Candidate, GiftLine, LineDiscount
from customers.services.steps import SOURCE
from customers.types import Complaint, LineDraft
from inventory.selectors import stock
from ops.engines.kernel.actor import Actor

_NONE = Decimal(0)


def promote(
    candidates: Sequence[Candidate],
    *,
    offered: Offers,
    channel: str,
    warehouse_id: int | None,
    at: dt.datetime,
) -> None:
    """Price the orders that ask for it by the promotions in force, and take what they use.

    Where none is in force, nothing is read. An order that presents a coupon that opens nothing, or
    expects another total, is refused and takes nothing.
    """
    in_force = live_at(offered.version, channel_id=offered.channel_id, at=at)
    asking = [candidate for candidate in candidates if candidate.draft.asks_for_promotions]
    if in_force.rules and asking:
        _sell(asking, offered, channel, in_force, warehouse_id, at=at)
        return
    for candidate in candidates:
        for code in candidate.draft.coupons:
            candidate.refusals += (_idle(code, _("There is no such coupon now.")),)


def refuse_other_totals(candidates: Sequence[Candidate]) -> None:
    """Refuse orders whose buyer was shown another total than they would owe."""
    for candidate in candidates:
        shown = candidate.draft.expected_total
        if shown is not None and shown != candidate.total and not candidate.refusals:
            words = _("The total is %(total)s now, not %(shown)s. Ask for a quote again.")
            told = words % {"total": f"{candidate.total:.2f}", "shown": f"{shown:.2f}"}
            candidate.refusals += (Complaint("/total", "customers.other_total", told),)


def give_back(candidates: Collection[Candidate], *, actor: Actor, at: dt.datetime) -> None:
    """Give back what orders took that do not enter the book after all."""
    sources = [(SOURCE, c.order_id) for c in candidates if c.is_promoted]
    redemption.release(sources=sources, actor=actor, at=at)


def _sell(
    asking: Sequence[Candidate],
    offered: Offers,
    channel: str,
    in_force: Live,
    warehouse_id: int | None,
    *,
    at: dt.datetime,
) -> None:
    firsts = _first_orders(asking, in_force, offered.channel_id)
    counter = Counter(
        channel_id=offered.channel_id,
        channel=channel,
        currency=offered.currency,
        in_force=in_force,
        gift_stock=_gift_stock(in_force, warehouse_id),
    )
    bids = [_bid(candidate, is_first=_buyer(candidate) in firsts) for candidate in asking]
    for candidate, sale in zip(asking, selling.sell(bids, counter=counter, at=at), strict=True):
        if sale.is_sold:
            _apply(candidate, sale)
            continue
        candidate.total = sale.quote.total
        candidate.refusals += tuple(_idle(code, why) for code, why in sale.idle_coupons.items())


def _bid(candidate: Candidate, *, is_first: bool) -> Bid:
    return Bid(
        source=(SOURCE, candidate.order_id),
        lines=[
            BidLine(sku_id=offer.sku_id, quantity=line.quantity, unit_price=price)
            for line, offer, price in candidate.priced
        ],
        buyer_key=_buyer(candidate),
        tier=candidate.tier,
        is_first_order=is_first,
        shipping=candidate.draft.shipping,
        coupons=candidate.draft.coupons,
        expected=candidate.draft.expected_total,
    )


def _apply(candidate: Candidate, sale: Sale) -> None:
    """Write the quote on the order: discounts by line, gifts as lines of their own, the total.

    What is taken off the shipping fee is a discount of the line 0.
    """
    coupons = {one.rule_id: one.coupon for one in sale.quote.discounts}
    candidate.is_promoted = bool(sale.quote.discounts)
    candidate.discounts = tuple(
        LineDiscount(int(line.key), off.rule_id, coupons[off.rule_id], off.amount)
        for line in sale.quote.lines
        for off in line.discounts
        if off.amount
    ) + tuple(
        LineDiscount(FEE, off.rule_id, off.coupon, off.amount)
        for off in sale.quote.discounts
        if off.on_shipping
    )
    candidate.total = sale.quote.total
    candidate.tax = rules.tax_in(
        [
            (line.net_amount, offer.tax_rate)
            for line, (_line, offer, _price) in zip(sale.quote.lines, candidate.priced, strict=True)
        ],
        fee=sale.quote.shipping_after,
    )
    bought = len(candidate.priced)
    candidate.gifts = tuple(
        GiftLine(number, gift.promotion_id, gift.value)
        for number, gift in enumerate(sale.gifts, bought + 1)
    )
    candidate.priced += tuple(_gift_line(gift) for gift in sale.gifts)


def _gift_line(gift: SoldGift) -> tuple[LineDraft, Offer, Decimal]:
    offer = Offer(
        gift.code, gift.sku_id, gift.code, gift.kind, ProductState.ACTIVE, gift.tax_rate, _NONE
    )
    return LineDraft(code=gift.code, quantity=gift.quantity, unit_price=_NONE), offer, _NONE


def _gift_stock(in_force: Live, warehouse_id: int | None) -> Mapping[int, int]:
    """Return the pieces of gifts there are in the warehouse that serves; asked only for gifts."""
    skus = gift_skus(in_force.rules.values())
    if not skus or warehouse_id is None:
        return {}
    free = stock.available(sku_ids=skus, warehouse_ids=[warehouse_id])
    return {sku: pieces for (sku, _place), pieces in free.items()}


def _first_orders(asking: Sequence[Candidate], in_force: Live, channel_id: int) -> Collection[str]:
    """Return the buyers who buy for the first time; asked only where a rule asks for it."""
    if not any(rule.condition.first_order for rule in in_force.rules.values()):
        return ()
    codes = {_buyer(candidate) for candidate in asking} - {""}
    return codes - before_sale.who_bought(codes=codes, channel_id=channel_id)


def _buyer(candidate: Candidate) -> str:
    return candidate.draft.buyer_code


def _idle(code: str, why: str) -> Complaint:
    words = _("Coupon %(code)s is not used: %(why)s") % {"code": code, "why": why}
    return Complaint("/coupons", "customers.coupon_idle", words)
