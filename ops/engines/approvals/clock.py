"""The clock of a step: the one place that says when a limit has passed."""

from __future__ import annotations

from datetime import datetime, timedelta


def due(start: datetime, limit: timedelta) -> datetime:
    """Return the last moment in time of a step that started at `start`."""
    return start + limit


def resumed(*, due_at: datetime, paused_at: datetime, at: datetime) -> datetime:
    """Return when a step is due whose clock stood still from `paused_at` until now."""
    return due(at, max(due_at - paused_at, timedelta()))
