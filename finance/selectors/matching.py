"""Suggestions for the workbench: which of our open items may belong to a line, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from finance.choices import BreakSource, BreakState, BreakType
from finance.models import Break
from finance.selectors import settlement
from ops.engines.kernel.actor import Actor

A_SIDE = 50
MOST = 5
_REACH = 500


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One of our open items that may belong to a line: what speaks for it, and how much."""

    item: Break
    score: int
    reasons: tuple[str, ...]
    rest: Decimal


def waiting(*, actor: Actor, channel_id: int) -> QuerySet[Break]:
    """Return the open breaks of one channel."""
    return settlement.breaks(actor=actor).filter(channel_id=channel_id, state=BreakState.OPEN)


def statement_side(rows: QuerySet[Break]) -> QuerySet[Break]:
    """Return what stands in the statement, and what both sides have but say differently."""
    return rows.filter(source__in=[BreakSource.STATEMENT, BreakSource.BOTH]).order_by("id")


def our_side(rows: QuerySet[Break]) -> QuerySet[Break]:
    """Return what only our books have."""
    return rows.filter(source=BreakSource.BOOKS).order_by("id")


def suggestions(line: Break, ours: Sequence[Break]) -> list[Suggestion]:
    """Return at most five of our items that fit, the best first; none that fit in nothing."""
    if line.source != BreakSource.STATEMENT or line.type == BreakType.FEE_DIFF:
        return []
    found = [_judge(line, item) for item in ours[:_REACH] if _same_way(line, item)]
    good = sorted((one for one in found if one.score), key=lambda one: (-one.score, one.item.pk))
    return good[:MOST]


def signed(one: Break) -> Decimal:
    """Return the money of a break as it moves the channel's balance: out is below zero."""
    amount = one.statement_amount if one.source != BreakSource.BOOKS else one.our_amount
    outgoing = one.line.kind in ("refund", "fee", "withdrawal") if one.line else False
    outgoing = outgoing or one.type.startswith("REFUND")
    if one.line is not None and one.line.kind == "other":
        outgoing = one.line.amount < 0
    return -(amount or settlement.ZERO) if outgoing else amount or settlement.ZERO


def _same_way(line: Break, item: Break) -> bool:
    return (signed(line) < 0) == (signed(item) < 0)


def _judge(line: Break, item: Break) -> Suggestion:
    score, reasons = 0, []
    if line.order_no and line.order_no in (item.order_no, item.refund_no):
        score += 55
        reasons.append(_("same order"))
    rest = signed(line) - signed(item)
    if not rest:
        score += 40
        reasons.append(_("same amount"))
    if score:
        days = abs((line.occurred_on - item.occurred_on).days)
        score += max(5 - days, 0)
        reasons.append(_("same day") if not days else _("%(days)s days apart") % {"days": days})
    return Suggestion(item, score, tuple(reasons), rest)
