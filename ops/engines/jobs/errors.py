"""What the jobs engine refuses."""

from __future__ import annotations

from ops.engines.kernel.errors import Conflict, NotFound


class JobMissing(NotFound):
    """No job of that name is declared."""


class JobBusy(Conflict):
    """A worker is running this period right now."""


class LeaseLost(Exception):
    """Another worker has taken the run over; whatever this one did is undone."""
