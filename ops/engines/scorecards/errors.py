"""Refusals of the scorecards engine."""

from __future__ import annotations

from ops.engines.kernel.errors import BadInput, Conflict, Forbidden, NotFound, RuleViolation


class ScorecardUnknown(NotFound):
    """Nobody declared a scorecard of this name."""


class CardMissing(NotFound):
    """No such card, or not yours."""


class WeightsWrong(RuleViolation):
    """The weights or bands do not make a scale."""


class MarkWrong(BadInput):
    """The mark cannot be read, or what it must cite is missing."""


class CardClosed(Conflict):
    """The card is past the state this needs."""


class NotYours(Forbidden):
    """Another person has to do this."""


class TooLate(RuleViolation):
    """The time to object is over."""
