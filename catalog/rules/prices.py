"""Price policy: what is in the band, what is under the floor (CAT-4.2-04, GEN-1.3-02)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from types import MappingProxyType
from typing import Final

CENT: Final = Decimal("0.01")
TENTH: Final = Decimal("0.1")
HUNDRED: Final = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class PricePolicy:
    """What the house wants of prices in one category; percentages.

    `band` is how far one change may go in either direction before it needs a level more;
    `floor_margin` is the margin below which only the director may sell (no price wars);
    `ceiling_margin` and `above_rival` are what counts as no longer reasonable (None: no limit).
    """

    target_margin: Decimal = Decimal(30)
    floor_margin: Decimal = Decimal(10)
    ceiling_margin: Decimal | None = None
    band: Decimal = Decimal(10)
    above_rival: Decimal | None = Decimal(20)

    def floor(self, cost: Decimal | None) -> Decimal | None:
        """Return the lowest price that keeps the floor margin, up to the next cent."""
        if cost is None:
            return None
        kept = (HUNDRED - self.floor_margin) / HUNDRED
        return (cost / kept).quantize(CENT, rounding=ROUND_CEILING)


DEFAULT_POLICY: Final = PricePolicy()
# By category code; the nearest category above a SKU counts. The owner is the operations manager.
POLICIES: Final[Mapping[str, PricePolicy]] = MappingProxyType({})


def policy_for(path: str, policies: Mapping[str, PricePolicy] = POLICIES) -> PricePolicy:
    """Return the policy of a category path: the nearest one upwards, else the default."""
    for code in reversed(path.split(".")):
        if code in policies:
            return policies[code]
    return DEFAULT_POLICY


def change_percent(old: Decimal | None, new: Decimal) -> Decimal | None:
    """Return by how many percent a price moves (one decimal), None for a first price."""
    if old is None or old == 0:
        return None
    return ((new - old) / old * HUNDRED).quantize(TENTH, rounding=ROUND_HALF_UP)


def margin_percent(price: Decimal | None, cost: Decimal | None) -> Decimal | None:
    """Return the margin in percent of the price (one decimal), None when either is unknown."""
    if price is None or cost is None or price == 0:
        return None
    return ((price - cost) / price * HUNDRED).quantize(TENTH, rounding=ROUND_HALF_UP)


def outside_band(
    policy: PricePolicy,
    *,
    old: Decimal | None,
    new: Decimal,
    cost: Decimal | None,
    rival: Decimal | None,
) -> bool:
    """Say whether a price needs one level more: moved too far, or no longer reasonable.

    Compared exactly, not by the rounded percentages people see.
    """
    if old is not None and abs(new - old) * HUNDRED > policy.band * old:
        return True
    ceiling = policy.ceiling_margin
    if ceiling is not None and cost is not None and (new - cost) * HUNDRED > ceiling * new:
        return True
    limit = policy.above_rival
    return limit is not None and rival is not None and new * HUNDRED > (HUNDRED + limit) * rival


def below_floor(floor: Decimal | None, new: Decimal) -> bool:
    """Say whether a price is under the floor; without a known cost there is none."""
    return floor is not None and new < floor
