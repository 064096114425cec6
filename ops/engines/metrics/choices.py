"""Words of the metrics engine."""

from __future__ import annotations

from enum import StrEnum


class MetricKind(StrEnum):
    """How a figure may be put together from days and members."""

    SUM = "sum"  # amounts that add up: sales, orders, units
    RATIO = "ratio"  # parts add up, then divide: margin, conversion; never an average of rates
    LEVEL = "level"  # the newest counts, nothing adds up over time: stock on hand, members


class Step(StrEnum):
    """The stretch one point of a series covers."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
