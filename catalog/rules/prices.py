"""Price policy: what is in the band, what is under the floor (CAT-4.2-04, GEN-1.3-02)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import Final

CENT: Final = Decimal("0.01")
TENTH: Final = Decimal("0.1")
HUNDRED: Final = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class PricePolicy:
    """What the house wants of prices in one category; percentages.

    `band` is how far prices may go in either direction within `window_days` before it needs a level
    more; `floor_margin` is the margin below which only the director may sell (no price wars);
    `ceiling_margin`, `above_rival` and `under_rival` are what counts as no longer reasonable
    (None: no limit).
    """

    target_margin: Decimal = Decimal(30)
    floor_margin: Decimal = Decimal(10)
    ceiling_margin: Decimal | None = None
    band: Decimal = Decimal(10)
    window_days: int = 30
    above_rival: Decimal | None = Decimal(20)
    under_rival: Decimal | None = Decimal(30)

    def floor(self, cost: Decimal | None) -> Decimal | None:
        """Return the lowest price that keeps the floor margin, up to the next cent."""
        if cost is None:
            return None
        kept = (HUNDRED - self.floor_margin) / HUNDRED
        return (cost / kept).quantize(CENT, rounding=ROUND_CEILING)


# Where nobody has set a policy yet; versions that were approved are in the database (CAT-4.2-04).
DEFAULT_POLICY: Final = PricePolicy()


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
    base: Decimal | None = None,
) -> bool:
    """Say whether a price needs one level more: moved too far, or no longer reasonable.

    `base` is the lasting price at the start of the policy's window: what small steps add up to
    counts. Compared exactly, not by the rounded percentages people see.
    """
    for former in (old, base):
        if former is not None and abs(new - former) * HUNDRED > policy.band * former:
            return True
    ceiling = policy.ceiling_margin
    if ceiling is not None and cost is not None and (new - cost) * HUNDRED > ceiling * new:
        return True
    limit = policy.above_rival
    return limit is not None and rival is not None and new * HUNDRED > (HUNDRED + limit) * rival


def below_floor(floor: Decimal | None, new: Decimal) -> bool:
    """Say whether a price is under the floor; without a known cost there is none."""
    return floor is not None and new < floor
