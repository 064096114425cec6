"""What the clocks engine refuses, each refusal once."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.errors import BadInput, Conflict, NotFound, RuleViolation


class ClockMissing(NotFound):
    """No such clock, or not visible to this actor."""

    def __init__(self, clock_id: int) -> None:
        super().__init__("clocks.missing", _("There is no such time limit."), clock_id=clock_id)


class ClockOver(Conflict):
    """The clock has ended or its limit has passed."""

    def __init__(self, clock_id: int) -> None:
        super().__init__(
            "clocks.over",
            _("This time limit has passed or ended; it can no longer be extended."),
            clock_id=clock_id,
        )


class NotLonger(RuleViolation):
    """An extension that does not extend."""

    def __init__(self, clock_id: int) -> None:
        super().__init__(
            "clocks.not_longer",
            _("The new moment must lie after the time limit as it stands, and after now."),
            clock_id=clock_id,
        )


class ReasonMissing(RuleViolation):
    """A change that somebody will ask about, without a reason."""

    def __init__(self) -> None:
        super().__init__("clocks.reason_missing", _("Give a reason; the record keeps it."))


class DayPast(RuleViolation):
    """A calendar day that has begun: what was due then has been judged."""

    def __init__(self, day: object) -> None:
        super().__init__(
            "clocks.day_past", _("A day that has begun can no longer be changed."), day=day
        )


class OddYear(BadInput):
    """A file whose days are not those of one whole year."""

    def __init__(self, why: str) -> None:
        super().__init__("clocks.year", _("Not the days of one year: %(why)s.") % {"why": why})


class ClockStopped(Conflict):
    """The clock is stopped: what is left of it is kept."""

    def __init__(self, clock_id: int) -> None:
        super().__init__(
            "clocks.stopped",
            _("This time limit is stopped; it is extended after it goes on."),
            clock_id=clock_id,
        )
