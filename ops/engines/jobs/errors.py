"""What the jobs engine refuses."""

from __future__ import annotations

from ops.engines.kernel.errors import Conflict, NotFound, RuleViolation


class JobMissing(NotFound):
    """No job of that name is declared."""


class JobBusy(Conflict):
    """A worker is running this period right now."""


class ShardsFailed(Conflict):
    """Some parts of a period were given up; they are tried again by hand."""


class OddChange(RuleViolation):
    """A change of a cadence that cannot be made."""


class LeaseLost(Exception):
    """Another worker has taken the run over; whatever this one did is undone."""
