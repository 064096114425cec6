"""What is owed for pieces that come back, and which gifts come back with them.

An order without promotions pays back quantity x unit price. One with promotions pays back by the
engine: each piece carries its share of every discount, so that all of them together are exactly
what was paid, in whatever order they come (CAT-4.4-06). A gift that what is kept no longer earns
comes back too, or its worth is kept back (CAT-4.4-07).

The shipping fee was earned when the goods left. An order that goes back before that is cancelled,
and nothing of it is owed, the fee included. Afterwards it stays unless whoever notes the return
chooses to pay it back (as the law of some markets wants when everything comes back): once, what was
paid of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum
from django.utils.translation import gettext as _

from catalog.selectors import codes
from catalog.selectors.bought import refund_of
from catalog.types.selling import Back, BoughtGift, BoughtLine
from customers import errors
from customers.choices import LineKind, ReturnState
from customers.models import Order, OrderGift, OrderLine, Return, ReturnLine
from customers.services.steps import SOURCE
from customers.types import ReturnWant

Sold = Mapping[int, OrderLine]


@dataclass(frozen=True, slots=True)
class Owed:
    """What pieces that come back are worth by line, what is kept back, and of the fee goes back."""

    amounts: Mapping[int, Decimal]
    gift_value: Decimal = Decimal(0)
    shipping: Decimal = Decimal(0)

    @property
    def total(self) -> Decimal:
        """Return what goes to the buyer, exact."""
        return sum(self.amounts.values(), Decimal(0)) - self.gift_value + self.shipping


@dataclass(frozen=True, slots=True)
class _Before:
    """What came back earlier of an order: pieces and money by line."""

    pieces: Counter[int]
    amounts: Mapping[int, Decimal]


def owed(
    order: Order,
    sold: Sold,
    wants: Sequence[ReturnWant],
    *,
    keeps_gifts: bool = False,
    refunds_shipping: bool = False,
) -> Owed:
    """Return what is owed for these pieces; the order is locked.

    Raises ReturnRefused where gifts are due that do not come back and whose worth is not kept back,
    and where nothing of the shipping fee is left to pay back.
    """
    fee = _fee_back(order) if refunds_shipping else Decimal(0)
    gifts = _gifts(order, sold)
    if not gifts and not any(line.discount for line in sold.values()):
        plain = {want.line_no: sold[want.line_no].unit_price * want.quantity for want in wants}
        return Owed(plain, shipping=fee)
    before = _before(order)
    now = Counter({want.line_no: want.quantity for want in wants})
    after = _by_engine(order, sold, gifts, before.pieces + now)
    amounts = {
        line_no: max(
            Decimal(0), after.lines.get(str(line_no), Decimal(0)) - before.amounts.get(line_no, 0)
        )
        for line_no in now
    }
    missing = _missing(order, sold, gifts, before=before.pieces, now=now, after=after)
    if missing and not keeps_gifts:
        raise _gifts_due(missing, sold, gifts)
    value = sum((gifts[line].value * pieces for line, pieces in missing.items()), Decimal(0))
    return Owed(amounts, min(value, sum(amounts.values(), Decimal(0))), fee)


def _fee_back(order: Order) -> Decimal:
    """Return what was paid of the shipping fee and has not gone back."""
    backs = Return.objects.filter(order=order).exclude(state=ReturnState.REFUSED)
    gone = backs.aggregate(gone=Sum("shipping"))["gone"] or Decimal(0)
    left = order.shipping_net - gone
    if left <= 0:
        words = _("Nothing of the shipping fee is left to pay back.")
        raise errors.ReturnRefused("customers.no_fee_left", words, field="refunds_shipping")
    return left


def _gifts(order: Order, sold: Sold) -> dict[int, OrderGift]:
    if not any(line.kind == LineKind.GIFT for line in sold.values()):
        return {}
    return {gift.line_no: gift for gift in OrderGift.objects.filter(order=order)}


def _before(order: Order) -> _Before:
    rows = list(
        ReturnLine.objects.filter(back__order=order)
        .exclude(back__state=ReturnState.REFUSED)
        .values_list("line_no")
        .annotate(pieces=Sum("quantity"), money=Sum("amount"))
        .order_by()
    )
    return _Before(
        Counter({line: pieces for line, pieces, _money in rows}),
        {line: money for line, _pieces, money in rows},
    )


def _by_engine(
    order: Order, sold: Sold, gifts: Mapping[int, OrderGift], back: Mapping[int, int]
) -> Back:
    """Return what the engine owes for all pieces that are back, from the first one on."""
    bought = [line for line in sold.values() if line.kind == LineKind.SALE]
    return refund_of(
        source=(SOURCE, order.pk),
        channel=order.channel.code,
        lines=[
            BoughtLine(
                key=str(line.line_no),
                sku_id=line.sku_id,
                quantity=line.quantity,
                unit_price=line.unit_price,
                net_amount=line.amount,
            )
            for line in bought
        ],
        gifts=[
            BoughtGift(
                promotion_id=gift.promotion_id,
                sku_id=sold[line_no].sku_id,
                quantity=sold[line_no].quantity,
                value=gift.value,
            )
            for line_no, gift in gifts.items()
        ],
        returned={str(line.line_no): back.get(line.line_no, 0) for line in bought},
        tier=order.tier,
        shipping=order.shipping,
    )


def _missing(
    order: Order,
    sold: Sold,
    gifts: Mapping[int, OrderGift],
    *,
    before: Counter[int],
    now: Mapping[int, int],
    after: Back,
) -> dict[int, int]:
    """Return the gift pieces by line that are due now and do not come.

    What was due earlier came back then or was kept back in money: it is not asked for twice.
    """
    if not gifts:
        return {}
    due = _by_line(gifts, sold, after.gifts_due)
    had = _by_line(gifts, sold, _by_engine(order, sold, gifts, before).gifts_due) if before else {}
    found = {}
    for line_no in gifts:
        settled = max(before[line_no], had.get(line_no, 0))
        lacking = due.get(line_no, 0) - settled - now.get(line_no, 0)
        if lacking > 0:
            found[line_no] = lacking
    return found


def _by_line(
    gifts: Mapping[int, OrderGift], sold: Sold, due: Sequence[BoughtGift]
) -> dict[int, int]:
    lines = {(gift.promotion_id, sold[no].sku_id): no for no, gift in gifts.items()}
    return {lines[gift.promotion_id, gift.sku_id]: gift.quantity for gift in due}


def _gifts_due(
    missing: Mapping[int, int], sold: Sold, gifts: Mapping[int, OrderGift]
) -> errors.ReturnRefused:
    names = codes.sku_names(sku_ids={sold[line].sku_id for line in missing})
    told = ", ".join(
        f"{names[sold[line].sku_id][0]} × {pieces}" for line, pieces in sorted(missing.items())
    )
    return errors.ReturnRefused(
        "customers.gifts_due",
        _("Gifts that are no longer earned come back too, or their worth is kept back: %(gifts)s")
        % {"gifts": told},
        field="keeps_gifts",
        gifts=[
            {"line_no": line, "quantity": pieces, "value": str(gifts[line].value)}
            for line, pieces in sorted(missing.items())
        ],
    )
