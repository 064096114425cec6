"""Refusals of finance."""

from ops.engines.kernel.errors import Conflict, Forbidden, NotFound, RuleViolation


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


class DraftMissing(NotFound):
    """No such manual entry."""


class DraftClosed(Conflict):
    """The manual entry was handed in or posted; it cannot be changed."""


class WrongMerchant(RuleViolation):
    """The file belongs to the account of another merchant or channel."""


class FileMissing(NotFound):
    """No such settlement file."""


class BreakMissing(NotFound):
    """No such break, or not in the actor's channels."""


class BreakClosed(Conflict):
    """The break is resolved already, or open when it should be resolved."""


class NeedsCode(RuleViolation):
    """The two sides differ: a difference code and a reason are needed."""


class SamePerson(Forbidden):
    """Who imported a statement does not write its differences off."""


class MonthMissing(NotFound):
    """No such month."""


class MonthNotOver(RuleViolation):
    """The month has not ended."""


class MonthClosed(Conflict):
    """The month is closed already, or open when it should be closed."""
