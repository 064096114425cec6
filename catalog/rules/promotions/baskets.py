"""What is asked: a basket, its buyer, and what the caps have left at that moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class BasketLine:
    """Pieces of one SKU at one price.

    `key` names the line in the answer and is unique in the basket; `category` is the path
    "root.leaf"; `unit_price` has at most six decimals, the line amount is rounded to the cent
    once; `floor` is the lowest average price a piece of the line may end at (None: none known);
    `tier_price` is what this buyer's tier pays, if the house has such a price.
    """

    key: str
    sku_id: int
    category: str = ""
    quantity: int
    unit_price: Decimal
    floor: Decimal | None = None
    tier_price: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """Who buys, as far as rules may ask: an opaque key, a tier code, whether it is the first."""

    key: str = ""
    tier: str = ""
    is_first_order: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Basket:
    """Everything a quote depends on beside the rules and what they have left.

    `coupons` are the codes the buyer presented, in that order, already in their unique form;
    which of them open which rule is told by `Usage.coupons`. Money is in `currency`, to the cent.
    """

    lines: tuple[BasketLine, ...]
    channel: str
    at: datetime
    buyer: Buyer = field(default_factory=Buyer)
    coupons: tuple[str, ...] = ()
    shipping: Decimal = Decimal(0)
    currency: str = "CNY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What one rule has left when the quote is made; None is no limit.

    `coupons` are the presented codes that open this rule and may still be used by this buyer.
    The caps written in the rule itself hold as well: the smaller counts. `gift_pieces_left` are set
    aside for the rule, `gift_pieces_there` lie in the warehouse, both in whole sets.
    """

    uses_left: int | None = None
    budget_left: Decimal | None = None
    pieces_left: int | None = None
    buyer_uses_left: int | None = None
    buyer_pieces_left: int | None = None
    gift_pieces_left: int | None = None
    gift_pieces_there: int | None = None
    coupons: tuple[str, ...] = ()


UNUSED = Usage()
