"""When people buy: weekdays, growth, the two great sales of the year and the Spring Festival."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from random import Random
from typing import Final

# Monday first.
_WEEKDAYS: Final = (0.95, 0.92, 0.95, 0.98, 1.05, 1.14, 1.10)
_FESTIVALS: Final = {
    dt.date(2024, 2, 10), dt.date(2025, 1, 29), dt.date(2026, 2, 17), dt.date(2027, 2, 6),
    dt.date(2028, 1, 26), dt.date(2029, 2, 13), dt.date(2030, 2, 3),
}  # fmt: skip
_GROWTH: Final = 0.5  # over the whole history


def days(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    """Yield the days from first to last, both included."""
    for number in range((last - first).days + 1):
        yield first + dt.timedelta(days=number)


def sale_windows(first: dt.date, last: dt.date) -> list[tuple[dt.date, dt.date, float]]:
    """Return the great sales that begin in the days: first day, day after, price factor."""
    found = []
    for year in range(first.year, last.year + 1):
        found.append((dt.date(year, 6, 1), dt.date(year, 6, 21), 0.90))
        found.append((dt.date(year, 10, 31), dt.date(year, 11, 12), 0.88))
    return [window for window in found if first <= window[0] and window[1] <= last]


def weights(first: dt.date, last: dt.date, draws: Random) -> list[float]:
    """Return how busy each day is, beside the others."""
    span = max(1, (last - first).days)
    return [
        _WEEKDAYS[day.weekday()]
        * (1 + _GROWTH * (day - first).days / span)
        * peak(day)
        * draws.uniform(0.9, 1.1)
        for day in days(first, last)
    ]


def peak(day: dt.date) -> float:
    """Return by what a day stands out of the ordinary year."""
    here = (day.month, day.day)
    if (6, 1) <= here <= (6, 20):
        return 3.4 if (6, 16) <= here <= (6, 18) else 2.0 if here <= (6, 3) else 1.4
    if (10, 31) <= here <= (11, 11):
        return {(11, 10): 2.6, (11, 11): 6.0}.get(here, 2.2 if here <= (11, 3) else 1.6)
    if here == (12, 12):
        return 1.9
    away = min(abs((day - festival).days) for festival in _FESTIVALS)
    if away <= 4:
        return 0.4
    return 1.3 if any(5 <= (festival - day).days <= 25 for festival in _FESTIVALS) else 1.0


def shared_out(total: int, weight: list[float]) -> list[int]:
    """Return whole numbers in proportion to the weights that sum to the total exactly."""
    whole, counts, given, run = sum(weight), [], 0, 0.0
    for one in weight:
        run += one
        upto = round(total * run / whole)
        counts.append(upto - given)
        given = upto
    return counts
