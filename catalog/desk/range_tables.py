"""What stands behind a SKU of a range review, as tables for its page and for its decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from catalog.choices.ranges import DropState, Ground, LineState, Verdict
from catalog.models import RangeDropLine
from catalog.types.ranges import SoldRow
from ops.engines.desk.screens import Column, Lines


def grounds_of(grounds: Sequence[str]) -> str:
    """Return what speaks for or against a SKU, in words."""
    return "、".join(str(Ground(one).label) for one in grounds)


def sale_lines(sold: Sequence[SoldRow]) -> Lines:
    """Return the newest sales of the month, each leading to its order."""
    return Lines(
        _("Sales of the month, the newest first"),
        (
            Column("number", _("Order"), "code", href=lambda one: one.href),
            Column("day", _("Day"), "day"),
            Column("channel", _("Channel")),
            Column("quantity", _("Quantity"), "number"),
            Column("amount", _("Amount"), "money"),
        ),
        sold,
        empty=_("Nothing was sold in the month in your channels."),
    )


def drop_lines(lines: Sequence[RangeDropLine]) -> Lines:
    """Return the requests to drop a SKU, each leading to its decision."""
    return Lines(
        _("Drops"),
        (
            Column(
                "number",
                _("Number"),
                "code",
                value=lambda one: one.drop.number,
                href=lambda one: (
                    reverse("desk:approval", args=[one.drop.approval_id])
                    if one.drop.approval_id
                    else ""
                ),
            ),
            Column("note", _("Reason"), value=lambda one: one.drop.note),
            Column("asked", _("Handed in"), "moment", value=lambda one: one.drop.asked_at),
            Column("state", _("State"), "badge", value=lambda one: DropState(one.drop.state)),
            Column(
                "became",
                _("Purchase"),
                value=lambda one: LineState(one.state).label,
            ),
            Column("stopped_at", _("Not bought since"), "moment"),
        ),
        lines,
        empty=_("Nobody asked to drop it."),
    )


def asked_lines(lines: Sequence[Mapping[str, Any]]) -> Lines:
    """Return the SKUs of a drop with the figures it is asked for, as they were handed in."""
    return Lines(
        _("SKUs that leave the range"),
        (
            Column("rank", _("Rank"), "number"),
            Column("code", _("SKU"), "code", sub=lambda one: one["name"]),
            Column(
                "proposal", _("Verdict proposed"), value=lambda one: Verdict(one["proposal"]).label
            ),
            Column("grounds", _("Why"), value=lambda one: grounds_of(one["grounds"])),
            Column("pieces", _("Pieces sold"), "number"),
            Column("turns", _("Turnovers a year"), "number"),
            Column("return_rate", _("Returns (%)"), "number"),
            Column("stock", _("Stock at the end"), "number"),
        ),
        lines,
    )
