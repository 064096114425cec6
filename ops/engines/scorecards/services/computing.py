"""Fill cards in: metric values by member, the newest marks, points, score and grade."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from django.db import transaction

from ops.engines.kernel.actor import Actor
from ops.engines.metrics import selectors as metrics
from ops.engines.metrics.types import Figure
from ops.engines.scorecards import contents, rules
from ops.engines.scorecards.choices import UNDECIDED, CardState
from ops.engines.scorecards.declarations import Scorecard, scorecard_named
from ops.engines.scorecards.models import Card, CardLine, Mark
from ops.engines.scorecards.types import Rules, Scored

_LINE = ("metric_version", "numerator", "denominator", "mark", "points")
_CARD = ("state", "score", "grade", "computed_at")
Figures = Mapping[tuple[str, str], Figure]


def compute(*, key: str, period: str, actor: Actor, at: dt.datetime) -> int:
    """Bring every card of a period that is not confirmed up to date; return how many.

    Raises ScorecardUnknown.
    """
    del actor  # nothing is decided here: the same facts give the same cards
    with transaction.atomic():
        cards = Card.objects.filter(scorecard=key, period=period, state__in=UNDECIDED)
        return refresh(cards.values_list("pk", flat=True), scorecard_named(key), at)


def refresh(card_ids: Iterable[int], scorecard: Scorecard, at: dt.datetime) -> int:
    """Fill in cards of one scorecard and one period; confirmed ones are left alone.

    Needs the caller's transaction; locks the cards in ascending order.
    """
    locked = Card.objects.select_for_update(of=("self",), no_key=True).select_related("version")
    cards = list(locked.filter(pk__in=list(card_ids), state__in=UNDECIDED).order_by("pk"))
    if not cards:
        return 0
    lines: dict[int, list[CardLine]] = defaultdict(list)
    for line in CardLine.objects.filter(card__in=cards).order_by("card_id", "place"):
        lines[line.card_id].append(line)
    figures, marks = _figures(cards, scorecard), _newest_marks(cards)
    for card in cards:
        _fill(card, lines[card.pk], figures, marks, at)
    CardLine.objects.bulk_update(
        [line for some in lines.values() for line in some], _LINE, batch_size=1000
    )
    Card.objects.bulk_update(cards, _CARD, batch_size=1000)
    return len(cards)


def _figures(cards: Sequence[Card], scorecard: Scorecard) -> Figures:
    keys = [each.metric for each in scorecard.criteria if each.metric]
    if not keys:
        return {}
    found = metrics.by_member(
        keys=keys, dimension=scorecard.dimension, first=cards[0].first_on, last=cards[0].last_on
    )
    return {(key, figure.member): figure for key, rows in found.items() for figure in rows}


def _newest_marks(cards: Sequence[Card]) -> dict[tuple[int, str], Mark]:
    rows = Mark.objects.filter(card__in=cards).order_by("card_id", "criterion", "-revision")
    return {(m.card_id, m.criterion): m for m in rows.distinct("card_id", "criterion")}


def _fill(
    card: Card,
    lines: Sequence[CardLine],
    figures: Figures,
    marks: Mapping[tuple[int, str], Mark],
    at: dt.datetime,
) -> None:
    told = contents.read(card.version.content)
    for line in lines:
        if line.metric:
            _measure(line, told, figures.get((line.metric, str(card.subject_id))))
        else:
            line.mark = marks.get((card.pk, line.criterion))
            line.points = line.mark.points if line.mark else None
    outcome = rules.judge(scored_of(lines, told), grades=told.grades, least=told.least)
    waits = any(not line.metric and line.mark is None for line in lines)
    card.score, card.grade = outcome.score, outcome.grade
    card.state = CardState.OPEN if waits else CardState.MARKED
    card.computed_at = at


def _measure(line: CardLine, told: Rules, figure: Figure | None) -> None:
    """Keep the parts of the figure; without activity there are no points, never full ones."""
    known = figure if figure is not None and figure.value is not None else None
    line.metric_version = known.version if known else None
    line.numerator = known.numerator if known else None
    line.denominator = known.denominator if known else None
    line.points = (
        rules.points_for(known.value, told.bandings[line.criterion])
        if known is not None and known.value is not None
        else None
    )


def scored_of(lines: Iterable[CardLine], told: Rules) -> list[Scored]:
    """Return the lines of a card as the rules read them."""
    return [Scored(line.weight, line.points, told.without[line.criterion]) for line in lines]
