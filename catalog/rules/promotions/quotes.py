"""What is answered: lines, discounts, gifts, totals, and why a rule did not apply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from catalog.rules.promotions.rules import Rule


class Reason(StrEnum):
    """Why a rule whose goods are in the basket did not apply."""

    NO_COUPON = "no_coupon"
    UNKNOWN_COUPON = "unknown_coupon"
    CHANNEL = "channel"
    TIER = "tier"
    FIRST_ORDER = "first_order"
    HOURS = "hours"
    COUNT = "count"
    AMOUNT = "amount"
    DISTINCT = "distinct"
    NO_PIECES = "no_pieces"
    NOT_COMBINED = "not_combined"
    USED_UP = "used_up"
    BUYER_USED_UP = "buyer_used_up"
    GIFTS_GONE = "gifts_gone"
    GIFTS_OUT_OF_STOCK = "gifts_out_of_stock"
    FLOOR = "floor"
    NO_EFFECT = "no_effect"


class Cut(StrEnum):
    """What made a discount smaller than the rule says."""

    FLOOR = "floor"
    LINE = "line"
    ORDER = "order"
    BUDGET = "budget"


@dataclass(frozen=True, slots=True)
class LineDiscount:
    """What one rule took off one line."""

    rule_id: int
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedLine:
    """One line: list amount less its discounts is the net amount, never under floor x quantity."""

    key: str
    quantity: int
    list_amount: Decimal
    discounts: tuple[LineDiscount, ...]
    net_amount: Decimal

    @property
    def unit_words(self) -> str:
        """Return the price per piece to the cent, such as "1 × 3.34 + 2 × 3.33"."""
        cents = int(self.net_amount * 100)
        low, above = divmod(cents, self.quantity)
        parts = ((above, low + 1), (self.quantity - above, low))
        return " + ".join(f"{n} × {Decimal(c) / 100:.2f}" for n, c in parts if n)


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    """What one rule did: the amount, how it was spread, how often, and what cut it.

    `times` and `pieces` are what the caps are charged with; `consumed` are the pieces it keeps
    from others, touched or counted; `coupon` is the code it used.
    A discount on shipping has no `spread`.
    """

    rule: Rule
    amount: Decimal
    spread: Mapping[str, Decimal]
    times: int
    pieces: int
    consumed: int = 0
    coupon: str = ""
    cuts: tuple[Cut, ...] = ()
    on_shipping: bool = False

    @property
    def rule_id(self) -> int:
        """Return the rule's id."""
        return self.rule.id

    @property
    def number(self) -> str:
        """Return the promotion's number."""
        return self.rule.number


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedGift:
    """Pieces that come along free of charge; `value` is what one is worth."""

    rule_id: int
    sku_id: int
    quantity: int
    value: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A rule that did not apply (None: a coupon that opens no rule) and why."""

    rule_id: int | None
    reason: Reason
    coupon: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """The answer. total = sum of net amounts + shipping_after; discount_total is of the goods."""

    lines: tuple[QuotedLine, ...]
    discounts: tuple[Discount, ...]
    gifts: tuple[QuotedGift, ...]
    skipped: tuple[Skipped, ...]
    shipping_before: Decimal
    shipping_after: Decimal
    goods_total: Decimal
    discount_total: Decimal
    total: Decimal
    points: int
    points_factor: Decimal
    currency: str = "CNY"
