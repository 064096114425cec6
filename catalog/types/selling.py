"""Baskets that documents buy, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from catalog.rules.promotions.quotes import Quote


@dataclass(frozen=True, slots=True, kw_only=True)
class BidLine:
    """Pieces of one SKU at our own price in force."""

    sku_id: int
    quantity: int
    unit_price: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Bid:
    """A basket one document buys; its lines are named "1", "2", ... in the quote.

    The prices are those of the buyer's `tier`; `shipping` is the fee before any discount on it.
    `expected` is the total the buyer was shown: at another total nothing is sold.
    """

    source: tuple[str, int]
    lines: Sequence[BidLine]
    buyer_key: str = ""
    tier: str = ""
    is_first_order: bool = False
    shipping: Decimal = Decimal(0)
    coupons: Sequence[str] = ()
    expected: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SoldGift:
    """Pieces of a SKU that come along, by which promotion; `value` is what one is worth."""

    promotion_id: int
    sku_id: int
    code: str
    kind: str
    tax_rate: Decimal
    quantity: int
    value: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class BoughtLine:
    """A line as it was sold: `net_amount` is what was paid for all its pieces, to the cent."""

    key: str
    sku_id: int
    quantity: int
    unit_price: Decimal
    net_amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class BoughtGift:
    """Pieces of a SKU that came along by a promotion; `value` is what one is worth."""

    promotion_id: int
    sku_id: int
    quantity: int
    value: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Back:
    """What all pieces that came back are worth by line key, and the gifts not earned any more."""

    lines: Mapping[str, Decimal]
    gifts_due: Sequence[BoughtGift]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """A basket as it was quoted.

    `idle_coupons` are presented codes that open nothing now, with the words why. Where there are
    some, or where the total is another than expected, nothing was taken of any promotion.
    """

    quote: Quote
    gifts: Sequence[SoldGift]
    idle_coupons: Mapping[str, str]
    is_as_expected: bool

    @property
    def is_sold(self) -> bool:
        """Say whether the document may go by this quote."""
        return self.is_as_expected and not self.idle_coupons
