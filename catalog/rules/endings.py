"""Prices by rule: a percentage, then an ending, with the rounding written down (HR-1.2-15).

The new price is the old one times (100 + percent) / 100, rounded half up to the cent. An ending
then takes the nearest price that has it; of two equally near the lower one, and never less than
the lowest price with that ending. The bulk statement in `services.price_rules` computes the same
in the database; a test compares both on thousands of prices.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from types import MappingProxyType
from typing import Final

from catalog.rules.prices import CENT, HUNDRED

HALF: Final = Decimal("0.5")
# By name: what an ending repeats after, and the lowest price that has it.
ENDINGS: Final[Mapping[str, tuple[Decimal, Decimal]]] = MappingProxyType(
    {
        ".99": (Decimal(1), Decimal("0.99")),
        ".9": (Decimal(1), Decimal("0.90")),
        "8": (Decimal(10), Decimal(8)),
        "9": (Decimal(10), Decimal(9)),
    }
)


def priced(old: Decimal, *, percent: Decimal, ending: str = "") -> Decimal:
    """Return the price a rule gives; raises KeyError for an ending nobody declared."""
    moved = (old * (HUNDRED + percent) / HUNDRED).quantize(CENT, rounding=ROUND_HALF_UP)
    if not ending:
        return moved
    step, lowest = ENDINGS[ending]
    steps = ((moved - lowest) / step - HALF).to_integral_value(rounding=ROUND_CEILING)
    return (max(steps, Decimal(0)) * step + lowest).quantize(CENT)
