"""What a demo company is asked to be: size, seed, and the days of its history."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Final

from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import BUSINESS_ZONE, business_day

MONTHS: Final = 18
OPEN_MONTHS: Final = 2
FOUNDER: Final = Actor.importer("demo")  # brings in what lies before go-live
SYSTEM: Final = Actor.system("demo")  # sets up people and places


@dataclass(frozen=True, slots=True)
class Plan:
    """Orders of history, the seed, and the moment of founding; go-live is that day."""

    orders: int
    seed: int
    at: dt.datetime

    @property
    def today(self) -> dt.date:
        """Return the day the channels go live."""
        return business_day(self.at)

    @property
    def first_day(self) -> dt.date:
        """Return the first day of history, the first of a month."""
        months = self.today.year * 12 + self.today.month - 1 - MONTHS
        return dt.date(months // 12, months % 12 + 1, 1)

    @property
    def days(self) -> int:
        """Return how many days of history there are."""
        return (self.today - self.first_day).days

    @property
    def sku_count(self) -> int:
        """Return how many SKUs a company of this size has."""
        return min(2_000, max(240, self.orders // 25))

    @property
    def buyer_count(self) -> int:
        """Return how many buyers history has."""
        return max(12, self.orders // 3)

    def draws(self, what: str) -> Random:
        """Return the random numbers of one part; other parts do not disturb them."""
        return Random(f"{self.seed}:{what}")  # noqa: S311 - believable, not secret

    def salt(self, number: int) -> int:
        """Return the seed of one draw made in SQL."""
        return self.seed * 1_000 + number


def midnight(day: dt.date) -> dt.datetime:
    """Return the first moment of a business day."""
    return dt.datetime(day.year, day.month, day.day, tzinfo=BUSINESS_ZONE)


def cents(amount: float) -> Decimal:
    """Return an amount in whole cents."""
    return Decimal(round(amount * 100)) / 100


def months_to_close(plan: Plan) -> list[dt.date]:
    """Return the first days of the months that are closed on the founding day, oldest first.

    The first is that of the opening stock, the day before history begins.
    """
    first = (plan.first_day - dt.timedelta(days=1)).replace(day=1)
    start = first.year * 12 + first.month - 1
    end = plan.today.year * 12 + plan.today.month - OPEN_MONTHS
    return [dt.date(number // 12, number % 12 + 1, 1) for number in range(start, end)]
