"""The clock of a step: the one place that says when a limit has passed (calendar in force)."""

from __future__ import annotations

from datetime import datetime

from ops.engines.clocks import rules, selectors
from ops.engines.clocks.limits import Limit


def due(start: datetime, limit: Limit) -> datetime:
    """Return the last moment in time of a step that started at `start`. One query."""
    return rules.due(start, limit, selectors.calendar())


def resumed(*, due_at: datetime, paused_at: datetime, at: datetime, limit: Limit) -> datetime:
    """Return when a step is due whose clock stood still from `paused_at` until now. One query.

    What was left comes back in its own kind: hours as hours, working days as working days.
    """
    calendar = selectors.calendar()
    left = rules.remaining(paused_at, due_at, limit, calendar)
    return rules.due(at, left, calendar)
