"""Objections: filed in time, decided by somebody who had no hand in the result."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from ops.engines.audit import services as audit
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day
from ops.engines.notices import services as notices
from ops.engines.notices.choices import NoticeKind
from ops.engines.scorecards.choices import CardState, ObjectionState
from ops.engines.scorecards.declarations import Objection as Rule
from ops.engines.scorecards.declarations import scorecard_named
from ops.engines.scorecards.errors import CardClosed, MarkWrong, NotYours, TooLate
from ops.engines.scorecards.models import Card, Mark, Objection
from ops.engines.scorecards.services.computing import refresh
from ops.engines.scorecards.services.locking import info, locked
from ops.engines.scorecards.services.opening import add_lines
from ops.engines.scorecards.types import CardInfo

_FILED = gettext_noop("Decide the objection to the score of %(name)s for %(period)s")
_AGAIN = gettext_noop("The score of %(name)s for %(period)s is judged again")


def object_to(
    *, card_id: int, reason: str, on_behalf_of: str = "", actor: Actor, at: dt.datetime
) -> CardInfo:
    """File an objection to a published result, one's own or for an outside party.

    Raises CardMissing, CardClosed, TooLate, MarkWrong without a reason.
    """
    with transaction.atomic():
        card = locked(card_id=card_id, actor=actor)
        rule = _rule(card)
        if card.state != CardState.PUBLISHED:
            raise CardClosed(
                "scorecards.not_published", _("Only a published result is objected to.")
            )
        if card.objection_until is not None and business_day(at) > card.objection_until:
            raise TooLate(
                "scorecards.too_late",
                _("Objections were possible until %(day)s.") % {"day": card.objection_until},
            )
        if not reason.strip() or actor.person_id is None:
            raise MarkWrong("scorecards.reason", _("Say why."), field="reason")
        card.state = CardState.OBJECTED
        card.save(update_fields=["state"])
        Objection.objects.create(
            card=card, reason=reason.strip(), on_behalf_of=on_behalf_of.strip(),
            filed_by=actor.person_id, filed_at=at,
        )  # fmt: skip
        audit.record(
            actor=actor, at=at, action="scorecards.objected", obj=("scorecards.card", card.pk),
            body={"reason": reason.strip(), "on_behalf_of": on_behalf_of.strip()},
        )  # fmt: skip
        _tell(card, _FILED, rule.decided_by, actor, at)
    return info(card)


def decide(
    *, card_id: int, is_upheld: bool, finding: str, actor: Actor, at: dt.datetime
) -> CardInfo:
    """Decide an objection; upheld, a new revision is opened and both stay.

    The new revision has the marks of the old one, the newest figures and starts unconfirmed.
    Returns the card in force: the same one, or the revision.
    Raises CardMissing, CardClosed, NotYours (marker, confirmer, subject or author), MarkWrong.
    """
    with transaction.atomic():
        card = locked(card_id=card_id, actor=actor)
        filed = _independent(card, actor)
        if not finding.strip():
            raise MarkWrong("scorecards.finding", _("Write down what was found."), field="finding")
        filed.state = ObjectionState.UPHELD if is_upheld else ObjectionState.REJECTED
        filed.finding, filed.decided_by, filed.decided_at = finding.strip(), actor.person_id, at
        filed.save(update_fields=["state", "finding", "decided_by", "decided_at"])
        card.state = CardState.REVISED if is_upheld else CardState.FINAL
        card.final_at = None if is_upheld else at
        card.save(update_fields=["state", "final_at"])
        notices.settle(subject=f"scorecards.card:{card.pk}", at=at)
        audit.record(
            actor=actor, at=at, action="scorecards.objection_decided",
            obj=("scorecards.card", card.pk),
            body={"upheld": is_upheld, "finding": finding.strip()},
        )  # fmt: skip
        in_force = _revise(card, actor, at) if is_upheld else card
    return info(in_force)


def _rule(card: Card) -> Rule:
    rule = scorecard_named(card.scorecard).objection
    if rule is None:
        raise CardClosed("scorecards.no_objection", _("This scorecard knows no objection."))
    return rule


def _independent(card: Card, actor: Actor) -> Objection:
    rule = _rule(card)
    filed = Objection.objects.filter(card=card, state=ObjectionState.OPEN).first()
    if filed is None or card.state != CardState.OBJECTED:
        raise CardClosed("scorecards.no_open_objection", _("No objection waits for a decision."))
    marked = Mark.objects.filter(card=card, marked_by=actor.person_id or 0).exists()
    involved = {card.confirmed_by, card.subject_person_id, filed.filed_by}
    if marked or actor.person_id in involved:
        raise NotYours(
            "scorecards.involved",
            _("Who marked, confirmed, objected or is judged does not decide the objection."),
        )
    if not actor.holds(rule.decided_by):
        raise NotYours("scorecards.not_reviewer", _("Another position decides objections."))
    return filed


def _revise(card: Card, actor: Actor, at: dt.datetime) -> Card:
    scorecard = scorecard_named(card.scorecard)
    fresh = Card.objects.create(
        scorecard=card.scorecard, subject_type=card.subject_type, subject_id=card.subject_id,
        subject_name=card.subject_name, subject_person_id=card.subject_person_id,
        scope_id=card.scope_id, period=card.period, first_on=card.first_on, last_on=card.last_on,
        version=card.version, revision=card.revision + 1, revises=card, opened_at=at,
        mark_by_on=business_day(at) + dt.timedelta(days=scorecard.marking_days),
    )  # fmt: skip
    add_lines(scorecard, [fresh], card.version)
    newest = Mark.objects.filter(card=card).order_by("criterion", "-revision")
    Mark.objects.bulk_create(
        [
            Mark(
                card=fresh, criterion=m.criterion, revision=1, points=m.points, comment=m.comment,
                evidence=m.evidence, marked_by=m.marked_by, marked_at=m.marked_at,
            )
            for m in newest.distinct("criterion")
        ]
    )  # fmt: skip
    refresh([fresh.pk], scorecard, at)
    fresh.refresh_from_db()
    for role in sorted({each.marked_by for each in scorecard.criteria if each.marked_by}):
        _tell(fresh, _AGAIN, role, actor, at)
    return fresh


def _tell(card: Card, title: str, role: str, actor: Actor, at: dt.datetime) -> None:
    scorecard = scorecard_named(card.scorecard)
    notices.notify(
        kind=NoticeKind.ACT,
        title=title,
        params={"name": card.subject_name, "period": card.period},
        link=f"/scores/{card.scorecard}/{card.pk}/",
        subject=f"scorecards.card:{card.pk}",
        role=role,
        area=scorecard.area,
        scope=(scorecard.scope, card.scope_id) if scorecard.scope and card.scope_id else None,
        actor=actor,
        at=at,
    )
