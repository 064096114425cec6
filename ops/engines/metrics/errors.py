"""Refusals of the metrics engine."""

from __future__ import annotations

from ops.engines.kernel.errors import BadInput, NotFound


class MetricUnknown(NotFound):
    """Nobody defined this metric."""


class PartsMissing(BadInput):
    """A ratio was given without its denominator, or an amount with one."""
