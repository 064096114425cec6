"""What is wrong with an order before it touches anything: refusals, and reasons to hold it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from django.utils.translation import gettext as _

from catalog.choices.goods import ProductState
from catalog.selectors.offers import Offer, Offers
from customers import rules
from customers.choices import OrderPath, OrderState
from customers.services.people import Known
from customers.types import Complaint, LineDraft, OrderDraft

_NONE = Decimal(0)
# Where a discount names the line it is taken off: the shipping fee is the line 0.
FEE: Final = 0


Priced = tuple[LineDraft, Offer, Decimal]


class LineDiscount(NamedTuple):
    """What one promotion takes off one line, and the coupon that opened it."""

    line_no: int
    promotion_id: int
    coupon: str
    amount: Decimal


class GiftLine(NamedTuple):
    """Which promotion gives a line away; `value` is what one piece is worth."""

    line_no: int
    promotion_id: int
    value: Decimal


@dataclass(slots=True)
class Candidate:
    """An order on its way into the book.

    Once it is judged and not refused, `priced` has every line with its SKU and the price that
    counts, gifts behind the others; `discounts` say what promotions take off (the line 0 is the
    shipping fee), `total` is what the buyer owes and `tax` the VAT in it. `tier` is the one it is
    priced under. `is_promoted`: it used promotions.
    """

    draft: OrderDraft
    order_id: int
    currency: str = "CNY"
    tier: str = ""
    priced: tuple[Priced, ...] = ()
    total: Decimal = _NONE
    tax: Decimal = _NONE
    holds: tuple[Complaint, ...] = ()
    refusals: tuple[Complaint, ...] = ()
    customer: Known | None = None
    discounts: tuple[LineDiscount, ...] = ()
    gifts: tuple[GiftLine, ...] = ()
    is_promoted: bool = False

    @property
    def shipping_off(self) -> Decimal:
        """Return what promotions take off the shipping fee."""
        return sum((off.amount for off in self.discounts if off.line_no == FEE), _NONE)

    @property
    def path(self) -> OrderPath:
        """Return the way this order takes."""
        return OrderPath.COD if self.draft.cash_on_delivery else OrderPath.PREPAID

    @property
    def is_payable(self) -> bool:
        """Say whether the order may be confirmed: paid, or to be paid at the door."""
        return self.draft.cash_on_delivery or self.draft.paid_at is not None

    @property
    def state(self) -> OrderState:
        """Return the state in which the order enters the book."""
        if self.holds or not self.is_payable:
            return OrderState.PAID if self.draft.paid_at else OrderState.PLACED
        return OrderState.ALLOCATED


def judged(draft: OrderDraft, order_id: int, offered: Offers, *, tier: str = "") -> Candidate:
    """Return the order with every refusal and every reason to hold it (SCM-2.4-04).

    Where it brings no price, that of the buyer's tier counts, else everybody's.
    """
    refusals = [*_head_refusals(draft), *_fee_refusals(draft.shipping, offered.currency)]
    holds = list(_head_holds(draft))
    priced: list[Priced] = []
    for index, line in enumerate(draft.lines):
        offer = offered.by_code.get(line.code)
        price = None if offer is None else offer.price_of(tier)
        pointer = f"/lines/{index}"
        refusals.extend(_line_refusals(line, offer, price, pointer))
        if offer is not None:
            holds.extend(_line_holds(line, price, pointer))
            given = line.unit_price
            priced.append((line, offer, given if given is not None else price or _NONE))
    candidate = Candidate(
        draft, order_id, offered.currency, tier, holds=tuple(holds), refusals=tuple(refusals)
    )
    if not refusals:
        _add_up(candidate, tuple(priced))
    return candidate


def _add_up(candidate: Candidate, priced: tuple[Priced, ...]) -> None:
    fee = candidate.draft.shipping
    candidate.priced = priced
    candidate.total = fee + rules.total_of((line.quantity, price) for line, _offer, price in priced)
    candidate.tax = rules.tax_in(
        [(line.quantity * price, offer.tax_rate) for line, offer, price in priced], fee=fee
    )
    if candidate.total >= rules.AMOUNT_BOUND:
        candidate.refusals = (
            Complaint("/lines", "customers.amount_too_large", _("The amount is too large.")),
        )


def _head_refusals(draft: OrderDraft) -> Iterator[Complaint]:
    if not 1 <= len(draft.external_no) <= rules.LONGEST_CODE:
        yield Complaint(
            "/external_no", "customers.number_length", _("The order number has 1 to 64 characters.")
        )
    if not 1 <= len(draft.lines) <= rules.MOST_LINES:
        yield Complaint(
            "/lines",
            "customers.lines_count",
            _("An order has 1 to %(most)s lines.") % {"most": rules.MOST_LINES},
        )
    if draft.coupons and not draft.asks_for_promotions:
        yield Complaint(
            "/coupons",
            "customers.coupon_on_given_prices",
            _("Coupons work on our own prices: leave the unit prices out."),
        )
    if draft.paid_at is not None and draft.paid_at < draft.placed_at:
        yield Complaint(
            "/paid_at",
            "customers.paid_before_placed",
            _("An order cannot be paid before it is placed."),
        )
    if draft.buyer is not None and not 1 <= len(draft.buyer.code) <= rules.LONGEST_CODE:
        yield Complaint(
            "/buyer/code", "customers.buyer_length", _("The buyer code has 1 to 64 characters.")
        )


def _fee_refusals(fee: Decimal, currency: str) -> Iterator[Complaint]:
    places = rules.places_of(currency)
    if not fee.is_finite() or not 0 <= fee < rules.AMOUNT_BOUND or fee != round(fee, places):
        words = _("A shipping fee is not below zero and has at most %(places)s decimals.")
        yield Complaint("/shipping", "customers.shipping_unreadable", words % {"places": places})


def _head_holds(draft: OrderDraft) -> Iterator[Complaint]:
    # A channel may keep the recipient to itself and print the label; half a recipient is a mistake.
    buyer = draft.buyer
    if buyer is not None and buyer.is_personal and not (buyer.address and buyer.name):
        yield Complaint(
            "/buyer/address",
            "customers.address_incomplete",
            _("The recipient has no name or no address."),
        )


def _line_refusals(
    line: LineDraft, offer: Offer | None, ours: Decimal | None, pointer: str
) -> Iterator[Complaint]:
    if offer is None or offer.state == ProductState.DRAFT:
        yield Complaint(
            f"{pointer}/sku",
            "customers.sku_unknown",
            _("There is no SKU %(code)s.") % {"code": line.code},
        )
    elif line.unit_price is None and ours is None:
        yield Complaint(
            f"{pointer}/unit_price",
            "customers.no_price",
            _("SKU %(code)s has no price in this channel.") % {"code": line.code},
        )
    if not 1 <= line.quantity <= rules.MOST_PIECES:
        yield Complaint(
            f"{pointer}/quantity",
            "customers.quantity",
            _("A line has 1 to %(most)s pieces.") % {"most": rules.MOST_PIECES},
        )
    price = line.unit_price
    if price is not None and not rules.is_price(price):
        yield Complaint(
            f"{pointer}/unit_price",
            "customers.price_unreadable",
            _("A unit price is not below zero and has at most six decimals."),
        )


def _line_holds(line: LineDraft, ours: Decimal | None, pointer: str) -> Iterator[Complaint]:
    given = line.unit_price
    if given is None or not ours or not rules.is_price(given):
        return
    if given < ours:
        yield Complaint(
            f"{pointer}/unit_price",
            "customers.below_price",
            _("%(given)s is below the approved price of %(price)s.")
            % {"given": given, "price": ours},
        )
