"""Read cards: whose area and scope allow it, how they came about, how they developed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Max, Q, QuerySet
from django.utils.translation import gettext as _

from ops.engines.kernel.actor import Actor, Right
from ops.engines.metrics.choices import MetricKind
from ops.engines.metrics.definitions import Metric, metric_named
from ops.engines.scorecards import contents, rules
from ops.engines.scorecards.choices import UNDECIDED, CardState
from ops.engines.scorecards.declarations import Criterion, Scorecard, scorecard_named, scorecards
from ops.engines.scorecards.errors import CardMissing
from ops.engines.scorecards.models import Card, CardLine, Mark, ScorecardVersion
from ops.engines.scorecards.types import Outcome, Scored


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownLine:
    """One criterion as shown: what it weighs, what was measured or marked, its points."""

    key: str
    title: str
    weight: Decimal
    value: Decimal | None
    value_kind: str
    metric: str
    points: Decimal | None
    weighted: Decimal | None
    comment: str
    evidence: str
    marked_by: int | None
    role: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorecardRow:
    """One scorecard of the index with its newest period and what waits."""

    scorecard: Scorecard
    cards: int
    newest: str
    waiting: int


def cards(*, actor: Actor, key: str = "") -> QuerySet[Card]:
    """Return the cards this actor may see: of the area and scope, and one's own."""
    asked = [scorecard_named(key)] if key else list(scorecards().values())
    seen = Q(pk__in=())
    for scorecard in asked:
        if scorecard.view.allows(actor):
            seen |= Q(scorecard=scorecard.key) & _in_scope(scorecard, actor)
    own = Q(subject_person_id=actor.person_id, scorecard__in=[each.key for each in asked])
    if actor.person_id is not None:
        seen |= own & ~Q(state__in=(*UNDECIDED, CardState.CONFIRMED))
    return Card.objects.filter(seen)


def card(*, card_id: int, actor: Actor, key: str = "") -> Card:
    """Return one card with its version and objection.

    Raises CardMissing for what is absent or not the actor's to see.
    """
    rows = cards(actor=actor, key=key).select_related("version", "objection", "revises")
    found = rows.filter(pk=card_id).first()
    if found is None:
        raise missing()
    return found


def missing() -> CardMissing:
    """Return the one answer for a card that is absent and for one out of sight."""
    return CardMissing("scorecards.card_missing", _("There is no such scorecard."))


def overview(*, actor: Actor) -> list[ScorecardRow]:
    """Return the scorecards this actor may see, with counts; one query."""
    counted = {
        row["scorecard"]: row
        for row in cards(actor=actor)
        .order_by()
        .values("scorecard")
        .annotate(n=Count("pk"), newest=Max("period"), waits=Count("pk", filter=_WAITS))
    }
    none: dict[str, Any] = {"n": 0, "newest": "", "waits": 0}
    found = []
    for each in scorecards().values():
        row = counted.get(each.key, none)
        if each.view.allows(actor) or each.key in counted:
            found.append(
                ScorecardRow(
                    scorecard=each, cards=row["n"], newest=row["newest"], waiting=row["waits"]
                )
            )
    return found


def lines_of(card: Card) -> list[ShownLine]:
    """Return the criteria of a card in order, values from their stored parts."""
    scorecard = scorecard_named(card.scorecard)
    rows = CardLine.objects.filter(card=card).select_related("mark").order_by("place")
    return [_line(row, scorecard.criterion(row.criterion)) for row in rows]


def marks_of(card: Card) -> list[Mark]:
    """Return every revision of every mark, newest first."""
    return list(Mark.objects.filter(card=card).order_by("-id"))


def history(card: Card, *, most: int = 12) -> list[Card]:
    """Return the subject's cards in force by period, oldest first; no more than the card shows."""
    rows = Card.objects.filter(
        scorecard=card.scorecard, subject_type=card.subject_type, subject_id=card.subject_id,
        first_on__lte=card.first_on,
    ).exclude(state=CardState.REVISED)  # fmt: skip
    return list(rows.order_by("-first_on")[:most])[::-1]


def distribution(rows: QuerySet[Card]) -> Mapping[str, int]:
    """Count cards by grade; those without score under the empty letter."""
    found = rows.order_by().values_list("grade").annotate(n=Count("pk"))
    return Counter(dict(found))


def results(*, key: str, period: str, actor: Actor) -> list[tuple[Card, Card | None]]:
    """Return the cards in force of a period with the same subject's card of the period before.

    Best score first, those not rated at the end. Two queries.
    """
    rows = cards(actor=actor, key=key).exclude(state=CardState.REVISED)
    here = list(
        rows.filter(period=period).order_by(F("score").desc(nulls_last=True), "subject_name", "pk")
    )
    former: dict[int, Card] = {}
    if here:
        earlier = rows.filter(
            first_on__lt=here[0].first_on, subject_id__in=[card.subject_id for card in here]
        )
        newest = earlier.order_by("subject_id", "-first_on").distinct("subject_id")
        former = {card.subject_id: card for card in newest}
    return [(card, former.get(card.subject_id)) for card in here]


def periods(*, actor: Actor, key: str) -> list[str]:
    """Return the periods that have cards, newest first."""
    rows = cards(actor=actor, key=key).order_by("-first_on").values_list("period", "first_on")
    return [period for period, _first in rows.distinct()[:40]]


def versions(*, key: str) -> list[ScorecardVersion]:
    """Return the versions of a scorecard's rules, newest first."""
    return list(ScorecardVersion.objects.filter(scorecard=key).order_by("-number"))


def weights_on(*, scorecard: Scorecard, day: date) -> Mapping[str, Decimal]:
    """Return the weights in force on a day: the newest version that has begun, else as declared."""
    rows = ScorecardVersion.objects.filter(scorecard=scorecard.key, first_on__lte=day)
    found = rows.order_by("-first_on", "-number").first()
    return (contents.read(found.content) if found else scorecard.declared_rules).weights


def newest_decision(*, key: str) -> datetime | None:
    """Return when a card of a scorecard was last confirmed, as evidence."""
    rows = Card.objects.filter(scorecard=key, confirmed_at__isnull=False).order_by("-confirmed_at")
    return rows.values_list("confirmed_at", flat=True).first()


def recomputed(card: Card) -> Outcome:
    """Score a card again from what is stored with it: version, parts and marks (proof)."""
    told = contents.read(card.version.content)
    scored = []
    for line in CardLine.objects.filter(card=card).select_related("mark").order_by("place"):
        points = line.mark.points if line.mark else None
        if line.metric:
            value = _value(line, metric_named(line.metric))
            banding = told.bandings[line.criterion]
            points = None if value is None else rules.points_for(value, banding)
        weight = told.weights[line.criterion]
        scored.append(Scored(weight, points, told.without[line.criterion]))
    return rules.judge(scored, grades=told.grades, least=told.least)


_WAITS = Q(state__in=(CardState.OPEN, CardState.MARKED, CardState.OBJECTED))


def _in_scope(scorecard: Scorecard, actor: Actor) -> Q:
    if not scorecard.scope:
        return Q()
    ids = actor.scope_ids(scorecard.scope, scorecard.area, Right.VIEW)
    return Q() if ids is None else Q(scope_id__in=ids)


def _value(line: CardLine, metric: Metric) -> Decimal | None:
    if metric.kind is not MetricKind.RATIO or line.numerator is None:
        return line.numerator
    return line.numerator / line.denominator if line.denominator else None


def _line(row: CardLine, criterion: Criterion | None) -> ShownLine:
    metric = metric_named(row.metric) if row.metric else None
    return ShownLine(
        key=row.criterion,
        title=str(criterion.title) if criterion else row.criterion,
        weight=row.weight,
        value=_value(row, metric) if metric else None,
        value_kind=metric.value_kind if metric else "number",
        metric=row.metric,
        points=row.points,
        weighted=None if row.points is None else row.weight * row.points / 100,
        comment=row.mark.comment if row.mark else "",
        evidence=row.mark.evidence if row.mark else "",
        marked_by=row.mark.marked_by if row.mark else None,
        role=criterion.marked_by if criterion else "",
        hint=str(criterion.hint) if criterion else "",
    )
