"""What the workbench shows: both sides, which of our items may belong to a line, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from finance.choices import BreakSource, BreakState, BreakType
from finance.models import Break
from finance.selectors import settlement
from ops.engines.kernel.actor import Actor

A_SIDE: Final = 50
MOST: Final = 5
_REACH: Final = 1_000
_OF_STATEMENT: Final = (BreakSource.STATEMENT, BreakSource.BOTH, BreakSource.FILE)


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


def narrowed(rows: QuerySet[Break], *, text: str = "", kind: str = "") -> QuerySet[Break]:
    """Narrow breaks to an order, refund, counterparty or amount, and to a type."""
    if kind:
        rows = rows.filter(type=kind)
    if not text:
        return rows
    found = (
        Q(order_no__icontains=text)
        | Q(refund_no__icontains=text)
        | Q(line__counterparty__icontains=text)
        | Q(line__remark__icontains=text)
    )
    plain = text.replace(",", "").lstrip("-\u2212")
    if plain.replace(".", "", 1).isdecimal() and len(plain) < 18:
        found |= Q(statement_amount=Decimal(plain)) | Q(our_amount=Decimal(plain))
    return rows.filter(found)


def statement_side(rows: QuerySet[Break]) -> QuerySet[Break]:
    """Return what the statement has, what both sides say differently, what the file says."""
    return rows.filter(source__in=_OF_STATEMENT).order_by("id")


def our_side(rows: QuerySet[Break]) -> QuerySet[Break]:
    """Return what only our books have."""
    return rows.filter(source=BreakSource.BOOKS).order_by("id")


def page(rows: QuerySet[Break], *, start: int, after: int) -> tuple[list[Break], Break | None]:
    """Return a page of a side and its current line: the first one past `after`.

    The page begins at `start` and stays while the current line is on it; past its end it begins
    with that line. With no line below, the last one above is current. At most two queries.
    """
    found = list(rows.filter(pk__gte=start)[:A_SIDE])
    current = next((one for one in found if one.pk > after), None)
    if current is None and (len(found) == A_SIDE or not found):
        further = list(rows.filter(pk__gt=after)[:A_SIDE]) if found else list(rows[:A_SIDE])
        if further:
            return further, further[0]
    return found, current or (found[-1] if found else None)


def suggestions(lines: Sequence[Break], *, rows: QuerySet[Break]) -> dict[int, list[Suggestion]]:
    """Return at most five of our items for each line, the best first, in one query.

    An item must share the order or the amount of a line to be thought of at all.
    """
    asking = [one for one in lines if _may_be_matched(one)]
    ours = _candidates(asking, rows)
    by_order: dict[str, list[Break]] = defaultdict(list)
    by_amount: dict[Decimal, list[Break]] = defaultdict(list)
    for item in ours:
        by_amount[signed(item)].append(item)
        for number in {item.order_no, item.refund_no} - {""}:
            by_order[number].append(item)
    return {
        line.pk: _best(line, [*by_order[line.order_no], *by_amount[signed(line)]])
        for line in asking
    }


def exact_pairs(found: Mapping[int, Sequence[Suggestion]]) -> list[tuple[int, Suggestion]]:
    """Return line and item where the sums are equal and neither side has another choice.

    Equal order, or the same day with no other item of this sum in sight.
    """
    takers: dict[int, int] = defaultdict(int)
    for given in found.values():
        for one in given:
            takers[one.item.pk] += not one.rest
    pairs = []
    for line_id, given in found.items():
        equal = [one for one in given if not one.rest]
        if len(equal) == 1 and takers[equal[0].item.pk] == 1 and equal[0].score >= _EXACT:
            pairs.append((line_id, equal[0]))
    return pairs


def signed(one: Break) -> Decimal:
    """Return the money of a break as it moves the channel's balance: out is below zero."""
    amount = one.statement_amount if one.source != BreakSource.BOOKS else one.our_amount
    outgoing = one.line.kind in ("refund", "fee", "withdrawal") if one.line else False
    outgoing = outgoing or one.type.startswith("REFUND")
    if one.line is not None and one.line.kind == "other":
        outgoing = one.line.amount < 0
    return -(amount or settlement.ZERO) if outgoing else amount or settlement.ZERO


_ORDER, _AMOUNT, _NEAR = 55, 40, 5
_EXACT: Final = _AMOUNT + _NEAR


def _may_be_matched(line: Break) -> bool:
    return line.source == BreakSource.STATEMENT and line.type != BreakType.FEE_DIFF


def _candidates(lines: Sequence[Break], rows: QuerySet[Break]) -> list[Break]:
    if not lines:
        return []
    orders = {one.order_no for one in lines} - {""}
    amounts = {abs(signed(one)) for one in lines}
    fitting = Q(order_no__in=orders) | Q(refund_no__in=orders) | Q(our_amount__in=amounts)
    return list(our_side(rows).filter(fitting)[:_REACH])


def _best(line: Break, items: Iterable[Break]) -> list[Suggestion]:
    once = {item.pk: item for item in items if (signed(line) < 0) == (signed(item) < 0)}
    found = [_judge(line, item) for item in once.values()]
    return sorted(found, key=lambda one: (-one.score, one.item.pk))[:MOST]


def _judge(line: Break, item: Break) -> Suggestion:
    score, reasons = 0, []
    if line.order_no and line.order_no in (item.order_no, item.refund_no):
        score += _ORDER
        reasons.append(_("same order"))
    rest = signed(line) - signed(item)
    if not rest:
        score += _AMOUNT
        reasons.append(_("same amount"))
    days = abs((line.occurred_on - item.occurred_on).days)
    score += max(_NEAR - days, 0)
    reasons.append(_("same day") if not days else _("%(days)s days apart") % {"days": days})
    return Suggestion(item, score, tuple(reasons), rest)
