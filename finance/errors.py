"""Refusals of finance."""

from ops.engines.kernel.errors import Conflict, NotFound, RuleViolation


class Unbalanced(RuleViolation):
    """Debit and credit of a voucher differ."""


class PeriodClosed(RuleViolation):
    """The business day lies in a closed or held period."""


class AlreadyPosted(Conflict):
    """The document was posted before: its effect key exists."""


class AlreadyReversed(Conflict):
    """The entry has a reversal already."""


class EntryMissing(NotFound):
    """No such entry."""


class CloseBlocked(RuleViolation):
    """The month cannot close; `context["items"]` names what is open."""
