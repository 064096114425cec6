"""How sales figures are cut: money to cents, rates to six places, half up, only when shown."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

_CENT = Decimal("0.01")
_RATE = Decimal("0.000001")


def money(amount: Decimal) -> Decimal:
    """Return an exact amount in cents."""
    return Decimal(amount).quantize(_CENT, ROUND_HALF_UP)


def average(amount: Decimal, count: int) -> Decimal:
    """Return amount / count in cents; nothing sold is an average of zero."""
    return money(Decimal(amount) / count) if count else Decimal("0.00")


def rate(part: Decimal | int, whole: Decimal | int) -> Decimal:
    """Return part / whole to six places; of nothing it is zero."""
    share = Decimal(part) / Decimal(whole) if whole else Decimal(0)
    return share.quantize(_RATE, ROUND_HALF_UP)
