"""The score of a proposal for a new product (SCM-2.4-02): weights, points, one figure.

Two of the five parts are worked out and not given: the margin beside the policy of the category,
and the price beside the rivals. What is given is a mark from 0 to 100 behind which stand words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from statistics import median
from typing import Final

from catalog.rules.prices import margin_percent

WEIGHTS: Final = {"demand": 25, "trend": 15, "rivals": 20, "margin": 25, "fit": 15}
NO_RIVAL: Final = Decimal(50)
CHEAP: Final = Decimal("0.9")
DEAR: Final = Decimal("1.3")
GOOD: Final = Decimal(60)
_TENTH: Final = Decimal("0.1")
_FULL: Final = Decimal(100)


@dataclass(frozen=True, slots=True)
class Part:
    """One criterion: its weight in percent and its points from 0 to 100."""

    key: str
    weight: int
    points: Decimal


@dataclass(frozen=True, slots=True)
class Score:
    """The parts and their weighted sum, from 0 to 100 with one decimal."""

    parts: tuple[Part, ...]
    total: Decimal


def margin(price: Decimal, cost: Decimal) -> Decimal:
    """Return the expected margin in percent of the price, one decimal; may be negative."""
    found = margin_percent(price, cost)
    return Decimal(0) if found is None else found.quantize(_TENTH, ROUND_HALF_UP)


def margin_points(margin: Decimal, *, floor: Decimal, target: Decimal) -> Decimal:
    """Return 100 points from the target margin on, none at the floor, evenly between."""
    return _between(margin, worst=floor, best=target)


def rival_points(price: Decimal, rivals: Sequence[Decimal]) -> Decimal:
    """Return points for the price beside the middle of the rivals' prices.

    A tenth below is worth 100, three tenths above nothing; without any rival it is half.
    """
    if not rivals:
        return NO_RIVAL
    middle = median(sorted(rivals))
    return _between(price / middle, worst=DEAR, best=CHEAP)


def score(
    *,
    demand: int,
    trend: int,
    fit: int,
    price: Decimal,
    cost: Decimal,
    rivals: Sequence[Decimal],
    floor: Decimal,
    target: Decimal,
) -> Score:
    """Return the score of a proposal under a margin policy."""
    points = {
        "demand": Decimal(demand),
        "trend": Decimal(trend),
        "rivals": rival_points(price, rivals),
        "margin": margin_points(margin(price, cost), floor=floor, target=target),
        "fit": Decimal(fit),
    }
    parts = tuple(Part(key, weight, points[key]) for key, weight in WEIGHTS.items())
    total = sum((part.points * part.weight for part in parts), Decimal(0)) / _FULL
    return Score(parts, total.quantize(_TENTH, ROUND_HALF_UP))


def _between(value: Decimal, *, worst: Decimal, best: Decimal) -> Decimal:
    """Return where a value lies between the worst (0) and the best (100), one decimal."""
    if worst == best:
        return _FULL if value >= best else Decimal(0)
    share = (value - worst) / (best - worst) * _FULL
    return min(max(share, Decimal(0)), _FULL).quantize(_TENTH, ROUND_HALF_UP)
