"""How rules live together: who meets whom on a piece or in an order, who comes first, who stays."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from catalog.rules.promotions.rules import Gift, Points, Rule, Shipping, Within

ANY: Final = "*"
# Combinations of more rules than this are not tried out: the first ones by number stay.
MOST_TRIED: Final = 10


def stage(rule: Rule) -> int:
    """Return when a kind of benefit has its turn: prices, gifts, shipping, points."""
    kinds: tuple[type, ...] = (Gift, Shipping, Points)
    return next((n for n, kind in enumerate(kinds, 1) if isinstance(rule.benefit, kind)), 0)


def combine(one: Rule, other: Rule) -> bool:
    """Say whether two rules may meet: each must name the other's group (or any)."""
    return _names(one, other) and _names(other, one)


def _names(one: Rule, other: Rule) -> bool:
    named = one.stacking.combines_with
    return ANY in named or other.stacking.group in named


def bars(one: Rule, other: Rule) -> bool:
    """Say whether two rules may not stand in one order."""
    if one.stacking.exclusive or other.stacking.exclusive:
        return True
    wide = Within.ORDER in (one.stacking.within, other.stacking.within)
    return wide and not combine(one, other)


@dataclass(frozen=True, slots=True)
class Relations:
    """For each rule place, the places it meets on a piece and those it can't share an order with.

    Sets of places are bit masks.
    """

    friends: tuple[int, ...]
    foes: tuple[int, ...]


def relations(rules: Sequence[Rule]) -> Relations:
    """Return who meets whom among rules in their order."""
    places = range(len(rules))
    return Relations(
        friends=tuple(
            sum(1 << j for j in places if i != j and combine(rules[i], rules[j])) for i in places
        ),
        foes=tuple(
            sum(1 << j for j in places if i != j and bars(rules[i], rules[j])) for i in places
        ),
    )


def mask(places: Iterable[int]) -> int:
    """Return places as a bit mask."""
    found = 0
    for place in places:
        found |= 1 << place
    return found


@dataclass(frozen=True, slots=True)
class Trial:
    """What a run of some rules came to: what it saves in cents, and who took part."""

    saving: int
    applied: frozenset[int]


def chosen(
    places: Sequence[int],
    priorities: Mapping[int, int],
    foes: Sequence[int],
    run: Callable[[Sequence[int]], Trial],
) -> tuple[int, ...]:
    """Return which of the rules stay when some can't share an order.

    Priorities are settled in turn: a rule stays unless one of an earlier priority that applied
    bars it. Among equals the combination that saves the buyer most stays; of equal savings the
    one with the lower places.
    """
    kept: list[int] = []
    applied = 0
    for _priority, level in groupby(sorted(places, key=lambda p: priorities[p]), priorities.get):
        open_ = [place for place in level if not foes[place] & applied]
        if not open_:
            continue
        options = _combinations(sorted(open_), foes)
        trials = [(option, run(sorted([*kept, *option]))) for option in options]
        option, trial = max(trials, key=lambda found: found[1].saving)
        kept += [place for place in option if place in trial.applied]
        applied = mask(trial.applied)
    return tuple(sorted(kept))


def _combinations(places: Sequence[int], foes: Sequence[int]) -> list[tuple[int, ...]]:
    """Return the largest sets without foes, those with lower places first."""
    whole = mask(places)
    free = tuple(place for place in places if not foes[place] & whole)
    bound = [place for place in places if foes[place] & whole][:MOST_TRIED]
    found: list[tuple[int, ...]] = []

    def grow(taken: tuple[int, ...], rest: Sequence[int], left_out: Sequence[int]) -> None:
        if not rest:
            if all(foes[place] & mask(taken) for place in left_out):
                found.append(tuple(sorted((*free, *taken))))
            return
        head, tail = rest[0], rest[1:]
        if not foes[head] & mask(taken):
            grow((*taken, head), tail, left_out)
        grow(taken, tail, (*left_out, head))

    grow((), bound, ())
    return found
