"""Confirm results, publish them, and let them become final when nobody objects."""

from __future__ import annotations

import datetime as dt
from functools import partial

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from ops.engines.audit import services as audit
from ops.engines.clocks import selectors as clocks
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day
from ops.engines.notices import services as notices
from ops.engines.notices.choices import NoticeKind
from ops.engines.scorecards.choices import CardState
from ops.engines.scorecards.declarations import Scorecard, scorecard_named
from ops.engines.scorecards.errors import CardClosed, NotYours
from ops.engines.scorecards.models import Card, Mark
from ops.engines.scorecards.services.locking import info, locked
from ops.engines.scorecards.types import CardInfo

_PUBLISHED = gettext_noop("The score of %(name)s for %(period)s is published")


def confirm(*, card_id: int, comment: str = "", actor: Actor, at: dt.datetime) -> CardInfo:
    """Confirm a marked card; from now on its result never changes.

    A card without score is confirmed as not rated. Who marked, and whom it judges, may not.
    A scorecard that publishes nothing is final at once.
    Raises CardMissing, CardClosed, NotYours.
    """
    with transaction.atomic():
        card = locked(card_id=card_id, actor=actor)
        scorecard = scorecard_named(card.scorecard)
        _may_confirm(card, scorecard, actor)
        card.state, card.comment = CardState.CONFIRMED, comment.strip()
        card.confirmed_by, card.confirmed_at = actor.person_id, at
        card.save(update_fields=["state", "comment", "confirmed_by", "confirmed_at"])
        notices.settle(subject=f"scorecards.card:{card.pk}", at=at)
        _record("scorecards.confirmed", card, actor, at)
        if scorecard.publication is None:
            card.state, card.final_at = CardState.FINAL, at
            card.save(update_fields=["state", "final_at"])
    return info(card)


def publish(*, card_id: int, actor: Actor, at: dt.datetime) -> CardInfo:
    """Publish a confirmed result to its audience; the days to object begin.

    Raises CardMissing, CardClosed, NotYours.
    """
    with transaction.atomic():
        card = locked(card_id=card_id, actor=actor)
        scorecard = scorecard_named(card.scorecard)
        if card.state != CardState.CONFIRMED or scorecard.publication is None:
            raise CardClosed("scorecards.not_confirmed", _("Only a confirmed card is published."))
        if not actor.holds(scorecard.confirmed_by):
            raise NotYours("scorecards.not_confirmer", _("Another position publishes this card."))
        today = business_day(at)
        days = scorecard.objection.days if scorecard.objection else 0
        card.state, card.published_at = CardState.PUBLISHED, at
        card.shown_until = today + dt.timedelta(days=scorecard.publication.days)
        card.objection_until = clocks.calendar().add(today, days) if days else today
        card.save(update_fields=["state", "published_at", "shown_until", "objection_until"])
        _record("scorecards.published", card, actor, at)
        _tell(card, scorecard, actor, at)
    return info(card)


def finalise(*, actor: Actor, at: dt.datetime) -> int:
    """Make published results final whose days to object are over; return how many."""
    with transaction.atomic():
        due = Card.objects.filter(
            Q(objection_until__lt=business_day(at)), state=CardState.PUBLISHED
        ).order_by("pk")
        ids = [card.pk for card in due.select_for_update(of=("self",), no_key=True)]
        if ids:
            Card.objects.filter(pk__in=ids).update(state=CardState.FINAL, final_at=at)
            audit.record(actor=actor, at=at, action="scorecards.finalised", body={"cards": ids})
    return len(ids)


def _may_confirm(card: Card, scorecard: Scorecard, actor: Actor) -> None:
    if card.state != CardState.MARKED:
        raise CardClosed("scorecards.not_marked", _("Only a card with all its marks is confirmed."))
    if actor.person_id is None or not actor.holds(scorecard.confirmed_by):
        raise NotYours("scorecards.not_confirmer", _("Another position confirms this card."))
    if card.subject_person_id == actor.person_id:
        raise NotYours("scorecards.own_card", _("This card is about you; another person decides."))
    if Mark.objects.filter(card=card, marked_by=actor.person_id).exists():
        raise NotYours(
            "scorecards.own_mark", _("You marked this card; another person confirms it.")
        )


def _record(action: str, card: Card, actor: Actor, at: dt.datetime) -> None:
    audit.record(
        actor=actor, at=at, action=action, obj=("scorecards.card", card.pk),
        body={"scorecard": card.scorecard, "period": card.period, "score": card.score,
              "grade": card.grade, "comment": card.comment, "revision": card.revision},
    )  # fmt: skip


def _tell(card: Card, scorecard: Scorecard, actor: Actor, at: dt.datetime) -> None:
    audience = scorecard.publication.audience if scorecard.publication else ()
    tell = partial(
        notices.notify,
        kind=NoticeKind.FYI,
        title=_PUBLISHED,
        params={"name": card.subject_name, "period": card.period},
        link=f"/scores/{card.scorecard}/{card.pk}/",
        subject=f"scorecards.card:{card.pk}",
        actor=actor,
        at=at,
    )
    if card.subject_person_id:
        tell(person_ids=[card.subject_person_id])
    within = (scorecard.scope, card.scope_id) if scorecard.scope and card.scope_id else None
    for role in audience:
        tell(role=role, area=scorecard.area, scope=within)
