"""Open the cards of a period: one for each subject, set-based, as often as one likes."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_noop

from ops.engines.audit import services as audit
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day
from ops.engines.notices import services as notices
from ops.engines.notices.choices import NoticeKind
from ops.engines.scorecards.declarations import Scorecard, scorecard_named
from ops.engines.scorecards.models import Card, CardLine, ScorecardVersion
from ops.engines.scorecards.services.computing import compute
from ops.engines.scorecards.services.versions import version_for
from ops.engines.scorecards.spans import span_named
from ops.engines.scorecards.types import OpeningInfo, Span, Subject

_OPENED = gettext_noop("Mark %(count)s cards of %(period)s")
_BODY = gettext_noop("The measured criteria are filled in. Add your marks by %(day)s.")


def open_period(*, key: str, period: str, actor: Actor, at: dt.datetime) -> OpeningInfo:
    """Open a card for every subject of the period and fill in what is measured.

    Subjects that have a card keep it; open ones get the newest figures. Six statements, however
    many subjects there are. Raises ScorecardUnknown, BadInput for a period of another kind.
    """
    scorecard = scorecard_named(key)
    span = span_named(scorecard.period, period)
    with transaction.atomic():
        version = version_for(scorecard, span.last, at)
        subjects = {subject.id: subject for subject in scorecard.subjects(span)}
        known = set(
            Card.objects.filter(
                scorecard=key, subject_type=scorecard.subject, period=span.text,
                subject_id__in=list(subjects),
            ).values_list("subject_id", flat=True)
        )  # fmt: skip
        fresh = [subjects[pk] for pk in sorted(set(subjects) - known)]
        cards = _insert(scorecard, span, version, fresh, at)
        compute(key=key, period=span.text, actor=actor, at=at)
        if cards:
            audit.record(
                actor=actor, at=at, action="scorecards.opened",
                body={"scorecard": key, "period": span.text, "cards": [c.pk for c in cards],
                      "version": version.number},
            )  # fmt: skip
            _tell(scorecard, span, len(cards), actor, at)
    return OpeningInfo(period=span.text, opened=len(cards), standing=len(known))


def _insert(
    scorecard: Scorecard,
    span: Span,
    version: ScorecardVersion,
    subjects: list[Subject],
    at: dt.datetime,
) -> list[Card]:
    by = business_day(at) + dt.timedelta(days=scorecard.marking_days)
    cards = Card.objects.bulk_create(
        [
            Card(
                scorecard=scorecard.key, subject_type=scorecard.subject, subject_id=subject.id,
                subject_name=subject.name[:200], subject_person_id=subject.person_id,
                scope_id=subject.scope_id, period=span.text, first_on=span.first,
                last_on=span.last, version=version, opened_at=at, mark_by_on=by,
            )
            for subject in subjects
        ],
        batch_size=1000,
    )  # fmt: skip
    add_lines(scorecard, cards, version)
    return cards


def add_lines(scorecard: Scorecard, cards: list[Card], version: ScorecardVersion) -> None:
    """Give each new card its criteria with the weights of the version."""
    weights = version.content["weights"]
    CardLine.objects.bulk_create(
        [
            CardLine(
                card=card, place=place, criterion=each.key, weight=weights[each.key],
                metric=each.metric,
            )
            for card in cards
            for place, each in enumerate(scorecard.criteria, start=1)
        ],
        batch_size=1000,
    )  # fmt: skip


def _tell(scorecard: Scorecard, span: Span, count: int, actor: Actor, at: dt.datetime) -> None:
    by = business_day(at) + dt.timedelta(days=scorecard.marking_days)
    for role in sorted({each.marked_by for each in scorecard.criteria if each.marked_by}):
        notices.notify(
            kind=NoticeKind.ACT,
            title=_OPENED,
            body=_BODY,
            params={"count": count, "period": span.text, "day": by.isoformat()},
            link=f"/scores/{scorecard.key}/?period={span.text}",
            subject=f"scorecards.{scorecard.key}:{span.text}",
            role=role,
            area=scorecard.area,
            actor=actor,
            at=at,
        )
