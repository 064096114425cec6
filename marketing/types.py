"""What the marketing app hands out: plain, frozen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Sums of sale and return lines; money exact, in one currency."""

    orders: int = 0
    units: int = 0
    gmv: Decimal = Decimal(0)
    returns: Decimal = Decimal(0)

    def plus(self, other: Sums) -> Sums:
        """Return both together."""
        return Sums(
            orders=self.orders + other.orders,
            units=self.units + other.units,
            gmv=self.gmv + other.gmv,
            returns=self.returns + other.returns,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """The dashboard's figures in one currency; the others are named, never added up."""

    currency: str
    others: Sequence[str]
    total: Sums
    former: Sums
    days: Mapping[dt.date, Sums]
    former_days: Mapping[int, Sums]
    channels: Sequence[tuple[str, str, Decimal]]
    countries: Sequence[tuple[str, Decimal]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRow:
    """One channel on the daily sheet, beside the day before and the same weekday before."""

    channel_id: int
    channel: str
    name: str
    currency: str
    day: Sums
    day_before: Sums
    week_before: Sums
    change: Decimal | None
    is_flagged: bool


@dataclass(frozen=True, slots=True)
class Built:
    """What a rebuild wrote."""

    days: int
    rows: int
    months: int
