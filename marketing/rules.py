"""How sales figures are cut: money to cents, rates to six places, half up, only when shown."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

_CENT = Decimal("0.01")
_RATE = Decimal("0.000001")
BASE_CURRENCY: Final = "CNY"


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


FLAG_BEYOND: Final = Decimal("0.30")  # against the same weekday before; below it is ordinary noise


def change(now: Decimal | int, before: Decimal | int) -> Decimal | None:
    """Return the change as a ratio of before, to six places; None when there was nothing before."""
    if not before:
        return None
    return ((Decimal(now) - Decimal(before)) / Decimal(before)).quantize(_RATE, ROUND_HALF_UP)


def is_flagged(now: Decimal, before: Decimal) -> bool:
    """Say whether a day's sales left what the same weekday before would let one expect."""
    moved = change(now, before)
    return bool(now) if moved is None else abs(moved) > FLAG_BEYOND


def points(difference: Decimal) -> Decimal:
    """Return a difference of two rates in percentage points, to one place."""
    return (difference * 100).quantize(Decimal("0.1"), ROUND_HALF_UP)
