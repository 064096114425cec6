"""Refusals of the metrics engine."""

from __future__ import annotations

from ops.engines.kernel.errors import BadInput, Conflict, Forbidden, NotFound


class MetricUnknown(NotFound):
    """Nobody defined this metric."""


class PartsMissing(BadInput):
    """A ratio was given without its denominator, or an amount with one."""


class NotOwner(Forbidden):
    """Another position answers for this."""


class CaseMissing(NotFound):
    """No such case, or not yours."""


class CaseClosed(Conflict):
    """The figure is back in range, or somebody closed the case."""
