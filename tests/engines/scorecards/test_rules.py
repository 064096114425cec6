"""Points, score and grade: pure, one rounding, nothing for no activity."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.engines.scorecards import rules
from ops.engines.scorecards.choices import Without
from ops.engines.scorecards.declarations import at_least, at_most, grades
from ops.engines.scorecards.types import Banding, Scored

SCALE = grades(A=90, B=75, C=60, D=0)
POINTS = st.decimals(0, 100, places=2)
WEIGHTS = st.decimals(Decimal("0.01"), 100, places=2)
CARDS = st.lists(st.builds(Scored, WEIGHTS, st.none() | POINTS), min_size=1, max_size=12)


@given(CARDS)
def test_score_is_the_weighted_mean_of_what_has_points_rounded_once(card: list[Scored]) -> None:
    known = [(Fraction(c.weight), Fraction(c.points)) for c in card if c.points is not None]

    found = rules.score(card)

    if not known:
        assert found is None
        return
    exact = sum(w * p for w, p in known) / sum(w for w, _p in known)
    assert found is not None
    assert Fraction(found) == Fraction(int(exact * 100 + Fraction(1, 2)), 100)


@given(CARDS)
def test_score_lies_between_its_least_and_its_greatest_points(card: list[Scored]) -> None:
    found = rules.score(card)

    points = [c.points for c in card if c.points is not None]
    assert found is None if not points else min(points) <= (found or 0) <= max(points)


@given(CARDS, WEIGHTS)
def test_a_criterion_without_points_changes_no_score(card: list[Scored], weight: Decimal) -> None:
    assert rules.score([*card, Scored(weight, None)]) == rules.score(card)


@given(CARDS)
def test_the_order_of_criteria_changes_no_score(card: list[Scored]) -> None:
    assert rules.score(card[::-1]) == rules.score(card)


@given(POINTS)
def test_every_score_has_exactly_one_grade(score: Decimal) -> None:
    letter = rules.grade_for(score, SCALE)

    least = {grade.letter: grade.least for grade in SCALE}
    assert score >= least[letter]
    assert all(score < grade.least for grade in SCALE if grade.least > least[letter])


@given(st.decimals(-10, 10, places=4), st.decimals(-10, 10, places=4))
def test_a_better_value_never_has_fewer_points(one: Decimal, other: Decimal) -> None:
    worse, better = sorted((one, other))
    more, less = at_least((3, 100), (1, 50), (0, 20)), at_most((0, 100), (1, 50), (3, 20))

    assert rules.points_for(better, more) >= rules.points_for(worse, more)
    assert rules.points_for(worse, less) >= rules.points_for(better, less)


def test_a_limit_itself_is_met_from_either_side() -> None:
    assert rules.points_for(Decimal("0.9"), at_least(("0.9", 100))) == 100
    assert rules.points_for(Decimal("0.1"), at_most(("0.1", 100))) == 100
    assert rules.points_for(Decimal("0.8999"), at_least(("0.9", 100), otherwise=7)) == 7


def test_a_half_is_rounded_away_from_zero() -> None:
    card = [Scored(Decimal(50), Decimal("80.01")), Scored(Decimal(50), Decimal("80.00"))]

    assert rules.score(card) == Decimal("80.01")


def test_nothing_is_judged_on_less_weight_than_asked_or_without_what_must_be_there() -> None:
    some = Scored(Decimal(40), Decimal(100))
    absent = Scored(Decimal(60), None)
    must = Scored(Decimal(60), None, Without.NOT_RATED)

    assert rules.judge([some, absent], grades=SCALE, least=Decimal(40)).grade == "A"
    assert rules.judge([some, absent], grades=SCALE, least=Decimal(41)).score is None
    assert rules.judge([some, must], grades=SCALE, least=Decimal(0)).score is None
    assert rules.judge([absent], grades=SCALE, least=Decimal(0)).score is None


@pytest.mark.parametrize(
    ("least", "words"),
    [
        ({"A": 90, "B": 60}, "begins at 0"),
        ({}, "begins at 0"),
        ({"A": 60, "B": 60, "C": 0}, "fall"),
        ({"A": 60, "B": 75, "C": 0}, "fall"),
        ({"A": 101, "B": 0}, "at most 100"),
    ],
)
def test_grades_with_a_gap_or_an_overlap_are_named(least: dict[str, int], words: str) -> None:
    assert words in rules.faults_of_grades(grades(**least))


@pytest.mark.parametrize(
    "weights", [("50", "49.99"), ("50", "50.01"), ("100", "0"), ("110", "-10"), ("99.999", "0.001")]
)
def test_weights_that_do_not_make_100_are_named(weights: tuple[str, ...]) -> None:
    assert rules.faults_of_weights(map(Decimal, weights))
    assert not rules.faults_of_weights([Decimal("33.33"), Decimal("33.33"), Decimal("33.34")])


@pytest.mark.parametrize(
    "banding",
    [
        Banding(()),
        at_least((1, 50), (2, 100)),
        at_least((2, 100), (2, 50)),
        at_least((1, 100), (2, 50)),
        at_most((2, 100), (1, 50)),
        at_least((1, 101)),
        at_least((1, 50), otherwise=50),
    ],
)
def test_bandings_that_run_back_are_named(banding: Banding) -> None:
    assert rules.faults_of_banding(banding)
