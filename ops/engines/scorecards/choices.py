"""Words of the scorecards engine."""

from __future__ import annotations

from enum import StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class PeriodKind(StrEnum):
    """The stretch one card judges."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class Better(StrEnum):
    """Which way a measured value is good."""

    MORE = "more"
    LESS = "less"


class Without(StrEnum):
    """What a criterion without activity in the period does to the card; it never scores."""

    REDISTRIBUTE = "redistribute"  # the others carry its weight
    NOT_RATED = "not_rated"  # the card has no score


class CardState(TextChoices):
    """Where a card stands."""

    OPEN = "open", _("being marked")
    MARKED = "marked", _("awaiting confirmation")
    CONFIRMED = "confirmed", pgettext_lazy("score", "confirmed")
    PUBLISHED = "published", _("published")
    OBJECTED = "objected", _("objected to")
    FINAL = "final", _("final")
    REVISED = "revised", _("replaced after an objection")


class ObjectionState(TextChoices):
    """What became of an objection."""

    OPEN = "open", _("being reviewed")
    UPHELD = "upheld", _("upheld")
    REJECTED = "rejected", pgettext_lazy("objection", "rejected")


# Which state may follow which; services and the database's trigger read the same table.
CARD_STEPS: dict[CardState, tuple[CardState, ...]] = {
    CardState.OPEN: (CardState.MARKED,),
    CardState.MARKED: (CardState.OPEN, CardState.CONFIRMED),
    CardState.CONFIRMED: (CardState.PUBLISHED, CardState.FINAL),
    CardState.PUBLISHED: (CardState.OBJECTED, CardState.FINAL),
    CardState.OBJECTED: (CardState.FINAL, CardState.REVISED),
    CardState.FINAL: (),
    CardState.REVISED: (),
}
UNDECIDED = (CardState.OPEN, CardState.MARKED)
DECIDED = tuple(state for state in CardState if state not in UNDECIDED)
