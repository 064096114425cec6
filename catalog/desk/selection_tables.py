"""The score and the rivals of a proposal as tables, for its page and for its decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from catalog.rules.selection import WEIGHTS
from ops.engines.desk.screens import Column, Lines

CRITERIA: Mapping[str, Any] = {
    "demand": _("Demand of customers"),
    "trend": _("Trend"),
    "rivals": _("Price beside rivals"),
    "margin": _("Margin beside the policy"),
    "fit": _("Fit with brand and target group"),
}


def score_lines(points: Mapping[str, str]) -> Lines:
    """Return how a score comes about: each criterion with its weight and points."""
    return Lines(
        _("How the score comes about"),
        (
            Column("title", _("Criterion"), value=lambda key: CRITERIA[key]),
            Column("weight", _("Weight (%)"), "number", value=lambda key: WEIGHTS[key]),
            Column("points", _("Points"), "number", value=lambda key: points.get(key, "")),
        ),
        list(CRITERIA),
        empty=_("Not scored yet."),
    )


def rival_lines(rivals: Sequence[Mapping[str, str]], note: str) -> Lines:
    """Return the rivals that were compared, or why there are none."""
    return Lines(
        _("Rivals"),
        (
            Column("rival", _("Rival"), value=lambda each: each["rival"]),
            Column("goods", _("Comparable goods"), value=lambda each: each["goods"]),
            Column("price", _("Price"), "money", value=lambda each: each["price"]),
            Column("source", _("Source"), value=lambda each: each["source"]),
        ),
        rivals,
        empty=note or _("No rival."),
    )
