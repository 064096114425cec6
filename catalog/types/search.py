"""What the search hands out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class SynonymInfo:
    """One set of words that mean the same, in the form in which they are compared."""

    id: int
    words: tuple[str, ...]
    is_active: bool


@dataclass(frozen=True, slots=True)
class MissInfo:
    """A word that found nothing in a week."""

    id: int
    word: str
    week_on: date
    times: int
    decision: str


@dataclass(frozen=True, slots=True)
class MissDigest:
    """The searches without result of one week: different words, all times, words undecided."""

    week_on: date
    words: int
    times: int
    undecided: int
