"""Rules of the order book as facts one can read and test alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

CENT = Decimal("0.01")
MICRO = Decimal("0.000001")
AMOUNT_BOUND = Decimal(10) ** 15
MOST_ORDERS_AT_ONCE = 1_000
MOST_ORDERS_IN_A_BATCH = 10_000
MOST_LINES = 500
MOST_PIECES = 1_000_000
MOST_COUPONS = 20
_HIGHEST_PRICE = AMOUNT_BOUND / MOST_PIECES
LONGEST_CODE = 64
REVEALS_A_DAY = 30
# Currencies without a smaller unit (ISO 4217).
_WHOLE_ONLY = frozenset({
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW",
    "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF",
})  # fmt: skip


# Words of buyers that speak of the goods or of how they were described, not of size or mood.
_OF_GOODS: Final = (
    "质量", "瑕疵", "破损", "损坏", "坏了", "开线", "掉色", "褪色", "起球", "异味", "缺件",
    "做工", "假货",
    "描述", "不符", "色差", "图片", "与页面", "quality", "defect", "damaged", "broken",
    "faulty",
    "not as described", "different from", "wrong colour", "wrong color",
)  # fmt: skip


def speaks_of_goods(reason: str) -> bool:
    """Say whether a buyer sends goods back for their quality or description (HR-1.2-02)."""
    said = reason.casefold()
    return any(word in said for word in _OF_GOODS)


def is_price(amount: Decimal) -> bool:
    """Say whether a unit price can be stored as it is: finite, not negative, six decimals."""
    return amount.is_finite() and 0 <= amount < _HIGHEST_PRICE and amount == amount.quantize(MICRO)


def cents(amount: Decimal) -> Decimal:
    """Return the amount in whole cents, half up: the only place where an order is rounded."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def total_of(lines: Iterable[tuple[int, Decimal]]) -> Decimal:
    """Return what the buyer owes: the exact sum of quantity x unit price, rounded once."""
    return cents(sum((quantity * price for quantity, price in lines), Decimal(0)))


def tax_in(amounts: Sequence[tuple[Decimal, Decimal]], *, fee: Decimal = Decimal(0)) -> Decimal:
    """Return the VAT contained in (amount, rate) pairs, rounded once per document.

    A shipping fee is a charge beside the price: it is taxed as the goods it brings, in proportion
    to their amounts; where nothing but gifts is brought, at their highest rate.
    """
    tax = sum((amount * rate / (1 + rate) for amount, rate in amounts), Decimal(0))
    goods = sum((amount for amount, _rate in amounts), Decimal(0))
    if fee and goods:
        tax += tax * fee / goods
    elif fee:
        rate = max((rate for _amount, rate in amounts), default=Decimal(0))
        tax = fee * rate / (1 + rate)
    return cents(tax)


def places_of(currency: str) -> int:
    """Return how many decimals an amount of a currency has (ISO 4217, at most cents)."""
    return 0 if currency in _WHOLE_ONLY else 2


def masked_name(name: str) -> str:
    """Show who it is to someone who knows already: the first character only."""
    return f"{name[:1]}**" if name else ""


def masked_address(address: str) -> str:
    """Show province and city: the first six characters."""
    return f"{address[:6]}***" if address else ""


def masked_phone(phone: str) -> str:
    """Show the first three and last four digits of a phone number."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 8 else "****" if phone else ""


def share(whole: Decimal, part: Decimal, of: Decimal) -> Decimal:
    """Return the share of an amount in cents; taken cumulatively, shares add up to the whole."""
    return cents(whole * part / of) if of else Decimal("0.00")
