"""A person's mark: revised as often as needed, until the card is confirmed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from ops.engines.audit import services as audit
from ops.engines.kernel.actor import Actor
from ops.engines.notices import services as notices
from ops.engines.notices.choices import NoticeKind
from ops.engines.scorecards.choices import UNDECIDED, CardState
from ops.engines.scorecards.declarations import Criterion, Scorecard, scorecard_named
from ops.engines.scorecards.errors import CardClosed, MarkWrong, NotYours
from ops.engines.scorecards.models import Card, Mark
from ops.engines.scorecards.services.computing import refresh
from ops.engines.scorecards.services.locking import info, locked
from ops.engines.scorecards.types import CardInfo, MarkDraft

_READY = gettext_noop("Confirm the score of %(name)s for %(period)s")


def mark(*, card_id: int, draft: MarkDraft, actor: Actor, at: dt.datetime) -> CardInfo:
    """Give one criterion its points; the card is scored again at once.

    Raises CardMissing, CardClosed, NotYours (another role marks it, or the card is about the
    actor), MarkWrong.
    """
    with transaction.atomic():
        card = locked(card_id=card_id, actor=actor)
        scorecard = scorecard_named(card.scorecard)
        criterion = _criterion(scorecard, draft)
        _may_mark(card, criterion, actor)
        revision = Mark.objects.filter(card=card, criterion=draft.criterion).count() + 1
        made = Mark.objects.create(
            card=card, criterion=draft.criterion, revision=revision, points=draft.points,
            comment=draft.comment.strip(), evidence=draft.evidence.strip(),
            marked_by=actor.person_id or 0, marked_at=at,
        )  # fmt: skip
        refresh([card.pk], scorecard, at)
        audit.record(
            actor=actor, at=at, action="scorecards.marked", obj=("scorecards.card", card.pk),
            body={"criterion": draft.criterion, "points": draft.points, "revision": revision,
                  "comment": made.comment, "evidence": made.evidence},
        )  # fmt: skip
        card.refresh_from_db()
        _tell(card, scorecard, actor, at)
    return info(card)


def mark_all(
    *, card_id: int, drafts: Sequence[MarkDraft], actor: Actor, at: dt.datetime
) -> CardInfo:
    """Give several criteria of one card their points, all or none; raises as `mark`."""
    if not drafts:
        raise MarkWrong("scorecards.nothing", _("Give at least one criterion its points."))
    with transaction.atomic():
        done = [mark(card_id=card_id, draft=draft, actor=actor, at=at) for draft in drafts]
    return done[-1]


def _criterion(scorecard: Scorecard, draft: MarkDraft) -> Criterion:
    found = scorecard.criterion(draft.criterion)
    if found is None or not found.marked_by:
        raise MarkWrong(
            "scorecards.criterion", _("This criterion is measured, nobody marks it."),
            field="criterion",
        )  # fmt: skip
    if not Decimal(0) <= draft.points <= Decimal(100):
        raise MarkWrong("scorecards.points", _("Points go from 0 to 100."), field="points")
    if not draft.comment.strip():
        raise MarkWrong("scorecards.comment", _("A mark needs a comment."), field="comment")
    if found.needs_evidence and not draft.evidence.strip():
        raise MarkWrong(
            "scorecards.evidence",
            _("This criterion needs evidence: a document number, a link or a file."),
            field="evidence",
        )
    return found


def _may_mark(card: Card, criterion: Criterion, actor: Actor) -> None:
    if card.state not in UNDECIDED:
        raise CardClosed("scorecards.confirmed", _("This card is confirmed; nothing is marked."))
    if actor.person_id is None or not actor.holds(criterion.marked_by):
        raise NotYours("scorecards.not_marker", _("Another position marks this criterion."))
    if card.subject_person_id == actor.person_id:
        raise NotYours("scorecards.own_card", _("This card is about you; another person marks it."))


def _tell(card: Card, scorecard: Scorecard, actor: Actor, at: dt.datetime) -> None:
    if card.state != CardState.MARKED:
        return
    subject = f"scorecards.card:{card.pk}"
    notices.settle(subject=subject, at=at)
    notices.notify(
        kind=NoticeKind.ACT,
        title=_READY,
        params={"name": card.subject_name, "period": card.period},
        link=f"/scores/{card.scorecard}/{card.pk}/",
        subject=subject,
        role=scorecard.confirmed_by,
        area=scorecard.area,
        scope=(scorecard.scope, card.scope_id) if scorecard.scope and card.scope_id else None,
        actor=actor,
        at=at,
    )
