"""How points become a score and a score a grade: pure, one rounding, no clock.

**The rounding rule.** A score is the sum of weight x points over the criteria that have points,
divided by the sum of those weights, rounded once, at the end, half away from zero, to two places.
Nothing else is rounded: not the value a metric yields, not a weight, not a product. PostgreSQL's
`round(numeric, 2)` rounds the same way, and the database checks every confirmed score by it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Final

from ops.engines.scorecards.choices import Better, Without
from ops.engines.scorecards.types import Banding, Grade, Outcome, Scored

WHOLE: Final = Decimal(100)
_CENT: Final = Decimal("0.01")


def points_for(value: Decimal, banding: Banding) -> Decimal:
    """Return the points of the first limit the value meets, else the points of no limit met."""
    for limit, points in banding.steps:
        met = value >= limit if banding.better is Better.MORE else value <= limit
        if met:
            return points
    return banding.otherwise


def score(scored: Iterable[Scored]) -> Decimal | None:
    """Return the score by the rounding rule above; None when no criterion has points."""
    known = [(each.weight, each.points) for each in scored if each.points is not None]
    with localcontext() as context:
        context.prec = 60
        carried = sum((weight for weight, _points in known), Decimal(0))
        if not carried:
            return None
        total = sum((weight * points for weight, points in known), Decimal(0))
        return (total / carried).quantize(_CENT, rounding=ROUND_HALF_UP)


def judge(scored: Sequence[Scored], *, grades: Sequence[Grade], least: Decimal) -> Outcome:
    """Return score and grade, or why there is none.

    A card is not rated when a criterion that may not be missing has no points, or when the
    criteria with points carry less than `least` of the weight.
    """
    silent = [each for each in scored if each.points is None]
    carried = sum((each.weight for each in scored if each.points is not None), Decimal(0))
    if any(each.without is Without.NOT_RATED for each in silent) or carried < max(least, _CENT):
        return Outcome(score=None, grade="", carried=carried)
    found = score(scored)
    return Outcome(score=found, grade=grade_for(found, grades) if found is not None else "",
                   carried=carried)  # fmt: skip


def grade_for(found: Decimal, grades: Sequence[Grade]) -> str:
    """Return the letter of the first grade whose least score is reached; the last starts at 0."""
    return next(grade.letter for grade in grades if found >= grade.least)


def faults_of_weights(weights: Iterable[Decimal]) -> str:
    """Say what is wrong with weights: each above 0, together exactly 100; empty when right."""
    given = list(weights)
    if any(weight <= 0 or weight != weight.quantize(_CENT) for weight in given):
        return "each weight is above 0, with at most two decimal places"
    if sum(given, Decimal(0)) != WHOLE:
        return f"the weights sum to {sum(given, Decimal(0))}, not to 100"
    return ""


def faults_of_grades(grades: Sequence[Grade]) -> str:
    """Say what is wrong with grades; falling least scores down to 0 leave no gap, no overlap."""
    least = [grade.least for grade in grades]
    letters = [grade.letter for grade in grades]
    if not grades or least[-1] != 0:
        return "the last grade begins at 0"
    if any(upper <= lower for upper, lower in itertools.pairwise(least)):
        return "grades fall from the best to the worst"
    if least[0] > WHOLE or len(set(letters)) < len(letters) or not all(letters):
        return "each grade has its own letter and a least score of at most 100"
    return ""


def faults_of_banding(banding: Banding) -> str:
    """Say what is wrong with a banding: limits and points run one way, points from 0 to 100."""
    limits = [limit for limit, _points in banding.steps]
    points = [*(each for _limit, each in banding.steps), banding.otherwise]
    if not banding.steps or not all(0 <= each <= WHOLE for each in points):
        return "a banding has limits, and points from 0 to 100"
    if any(better <= worse for better, worse in itertools.pairwise(points)):
        return "points fall from the best limit to the worst"
    ordered = sorted(set(limits), reverse=banding.better is Better.MORE)
    return "" if ordered == limits else "limits run from the best to the worst"
