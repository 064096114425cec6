"""Drawing a sample that anybody can draw again: the seed decides, nobody's hand does.

Records are ranked by sha256(seed, id) and the first n are taken. The order in which the population
is listed does not matter; its hash says whether it is the same population.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable


def population_hash(ids: Iterable[str]) -> str:
    """Return the sha256 of the ids, sorted, one a line."""
    return hashlib.sha256("\n".join(sorted(ids)).encode()).hexdigest()


def draw(ids: Iterable[str], *, seed: str, size: int) -> list[str]:
    """Return the `size` ids the seed ranks first (all of them when there are fewer)."""
    ranked = sorted(set(ids), key=lambda each: (rank(seed, each), each))
    return ranked[:size]


def rank(seed: str, record: str) -> str:
    """Return the rank of one record under a seed, as 64 hex digits."""
    return hashlib.sha256(f"{seed}\n{record}".encode()).hexdigest()
