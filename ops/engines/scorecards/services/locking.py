"""Lock a card before looking at it, and hand out what became of it."""

from __future__ import annotations

from ops.engines.kernel.actor import Actor
from ops.engines.scorecards import selectors
from ops.engines.scorecards.models import Card
from ops.engines.scorecards.types import CardInfo


def locked(*, card_id: int, actor: Actor) -> Card:
    """Return a card the actor may see, locked until the transaction ends.

    Raises CardMissing.
    """
    rows = selectors.cards(actor=actor).select_for_update(of=("self",), no_key=True)
    found = rows.filter(pk=card_id).first()
    if found is None:
        raise selectors.missing()
    return found


def info(card: Card) -> CardInfo:
    """Return the card as services answer."""
    return CardInfo(
        id=card.pk, scorecard=card.scorecard, state=card.state, score=card.score,
        grade=card.grade, revision=card.revision,
    )  # fmt: skip
