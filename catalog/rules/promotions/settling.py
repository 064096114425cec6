"""From a claim to cents: rounded once, capped, spread over lines and pieces, and taken off."""

from __future__ import annotations

from collections.abc import Sequence

from catalog.rules.promotions.benefits import Claim
from catalog.rules.promotions.caps import Limits
from catalog.rules.promotions.cents import half_up
from catalog.rules.promotions.pieces import Board, Parcel
from catalog.rules.promotions.quotes import Cut
from catalog.rules.promotions.spreading import within

Weighed = list[tuple[Parcel, int]]


def settle(
    board: Board, claim: Claim, found: Limits, *, mark: int
) -> tuple[dict[int, int], tuple[Cut, ...]]:
    """Take a claim off the board; return the cents by line, and what cut it.

    The sum is rounded once, capped by order and budget, and divided over the lines, of which
    none goes under its floor or over the cap per line. Touched pieces get the mark.
    """
    total, cuts = capped(half_up(claim.off), found)
    by_line: dict[int, Weighed] = {}
    for parcel, weight in zip(claim.parcels, claim.weights, strict=True):
        by_line.setdefault(parcel.line, []).append((parcel, weight))
    lines = sorted(by_line)
    rooms = [
        min(board.lines[line].room, sum(p.amount for p, _w in by_line[line])) for line in lines
    ]
    limits = rooms if found.line is None else [min(room, found.line) for room in rooms]
    weights = [sum(weight for _p, weight in by_line[line]) for line in lines]
    shares, held = within(total, weights, limits, shift=claim.shift)
    if held and sum(shares) < total:
        cuts = (*cuts, *_held(shares, rooms, found))
    for line, share in zip(lines, shares, strict=True):
        board.lines[line].net -= share
        _take_off(by_line[line], share, mark)
    return {line: share for line, share in zip(lines, shares, strict=True) if share}, cuts


def _take_off(weighed: Weighed, share: int, mark: int) -> None:
    if len(weighed) == 1:
        parts = [share]
    else:
        weights, limits = [weight for _p, weight in weighed], [p.amount for p, _w in weighed]
        parts, _limited = within(share, weights, limits, shift=True)
    for (parcel, _weight), part in zip(weighed, parts, strict=True):
        parcel.amount -= part
        parcel.marks |= mark


def capped(total: int, found: Limits) -> tuple[int, tuple[Cut, ...]]:
    """Return a sum within the caps of order and budget, and which of them cut it."""
    cuts: tuple[Cut, ...] = ()
    if found.order is not None and total > found.order:
        total, cuts = found.order, (Cut.ORDER,)
    if found.budget is not None and total > found.budget:
        total, cuts = found.budget, (Cut.BUDGET,)
    return total, cuts


def _held(shares: Sequence[int], rooms: Sequence[int], found: Limits) -> tuple[Cut, ...]:
    cuts = []
    if any(share == room for share, room in zip(shares, rooms, strict=True)):
        cuts.append(Cut.FLOOR)
    if found.line is not None and any(share == found.line for share in shares):
        cuts.append(Cut.LINE)
    return tuple(cuts)
