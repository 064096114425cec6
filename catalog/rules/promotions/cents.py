"""Money inside the engine: whole cents, and fine parts of a cent where percentages are exact."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import Final

# An off is kept in these parts of a cent: a percentage with two decimals of whole cents is exact.
FINE: Final = 10_000
_HUNDRED: Final = Decimal(100)


def cents(amount: Decimal) -> int:
    """Return an amount in cents, half a cent away from zero."""
    return int((amount * _HUNDRED).to_integral_value(ROUND_HALF_UP))


def cents_up(amount: Decimal) -> int:
    """Return an amount in cents, up to the next one: for floors."""
    return int((amount * _HUNDRED).to_integral_value(ROUND_CEILING))


def money(whole: int) -> Decimal:
    """Return cents as an amount with two decimals."""
    return Decimal(whole).scaleb(-2)


def basis_points(percent: Decimal) -> int:
    """Return a percentage of at most two decimals as hundredths of a percent."""
    return int(percent * _HUNDRED)


def half_up(fine: int) -> int:
    """Return fine parts as cents: the one rounding of a rule, half a cent up."""
    return (fine + FINE // 2) // FINE
