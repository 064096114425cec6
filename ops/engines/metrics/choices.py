"""Words of the metrics engine."""

from __future__ import annotations

from enum import StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


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


class Direction(StrEnum):
    """Which way a figure is good."""

    UP = "up"
    DOWN = "down"
    NONE = "none"  # neither: a size, not a result


class LimitKind(TextChoices):
    """How a figure is found out of range."""

    ABSOLUTE = "absolute", _("fixed limit")
    RELATIVE = "relative", _("change against comparable days")
    Z_SCORE = "z_score", _("distance from its usual spread")
    REPORTED = "reported", _("reported by a person")


class AnomalyState(TextChoices):
    """Where a case of a figure out of range stands."""

    OPEN = "open", _("to be explained")
    EXPLAINED = "explained", _("explained, being worked on")
    RECOVERED = "recovered", _("back in range")
    CLOSED = "closed", _("closed with a reason")


LIVE = (AnomalyState.OPEN, AnomalyState.EXPLAINED)
