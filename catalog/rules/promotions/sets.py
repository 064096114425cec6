"""Sets of pieces: groups of the same goods, goods that bring other goods, bundles of parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from catalog.rules.promotions.cents import FINE, basis_points, cents
from catalog.rules.promotions.goods import selects
from catalog.rules.promotions.grouping import groups
from catalog.rules.promotions.pieces import Board, Parcel, first_pieces, sorted_by_price
from catalog.rules.promotions.rules import Bundle, BuyGet, Goods, Off, Take


@dataclass(frozen=True, slots=True)
class Shape:
    """Groups of `size` pieces of which `off` are off."""

    size: int
    off: int
    take: Take
    same_sku: bool


@dataclass(frozen=True, slots=True)
class Sets:
    """The pieces of all sets, and the part of them that is off: its worth and how many."""

    parcels: list[Parcel]
    times: int
    off_worth: int
    off_pieces: int
    # What a percentage or an amount per piece is taken from can lie in pieces of unlike price.
    lots: tuple[tuple[int, int], ...]


NONE = Sets([], 0, 0, 0, ())


def off_of(off: Off, found: Sets) -> int:
    """Return what an off takes from the pieces that are off, in fine parts of a cent."""
    if off.percent is not None:
        return found.off_worth * basis_points(off.percent)
    if off.amount is not None:
        single = cents(off.amount)
        return sum(min(worth, single * pieces) for worth, pieces in found.lots) * FINE
    price = cents(off.price or Decimal(0))
    return sum(max(0, worth - price * pieces) for worth, pieces in found.lots) * FINE


def same_goods(board: Board, targets: Sequence[Parcel], shape: Shape, most: int | None) -> Sets:
    """Return the groups of the same goods; with `same_sku` every SKU makes its own."""
    parcels: list[Parcel] = []
    lots: list[tuple[int, int]] = []
    times = 0
    for pool in _pools(board, targets, same_sku=shape.same_sku):
        left = None if most is None else most - times
        number, grouped = groups(pool, shape.size, shape.off, left, shape.take)
        times += number
        for one in grouped:
            taken = board.carve(one.parcel, one.joined)
            parcels.append(taken)
            if one.off:
                lots.append((taken.amount * one.off // taken.pieces, one.off))
    return _sets(parcels, times, lots)


def _pools(board: Board, targets: Sequence[Parcel], *, same_sku: bool) -> list[list[Parcel]]:
    if not same_sku:
        return [list(targets)]
    pools: dict[int, list[Parcel]] = {}
    for parcel in targets:
        pools.setdefault(board.lines[parcel.line].line.sku_id, []).append(parcel)
    return list(pools.values())


def _sets(parcels: list[Parcel], times: int, lots: list[tuple[int, int]]) -> Sets:
    worth, pieces = sum(lot[0] for lot in lots), sum(lot[1] for lot in lots)
    return Sets(parcels, times, worth, pieces, tuple(lots))


def other_goods(
    board: Board, targets: Sequence[Parcel], benefit: BuyGet, goods: Goods, most: int | None
) -> Sets:
    """Return the pieces bought and the pieces that come off for them.

    Bought are first pieces that can't come off, then the dearest; off are the cheapest of the
    rest (`take` DEAREST with goods of their own: the dearest). A piece is never both.
    """
    sides = _sides(board, targets, benefit, goods)
    times, needed, off_pieces = _best_times(sides, benefit, most)
    if not off_pieces:
        return NONE
    if benefit.buy is None:
        bought = [*sides.only_bought]
        open_pieces = [*sides.both, *sides.only_off]
    else:
        first = first_pieces(board, sides.only_bought, benefit.buy * times - needed, Take.DEAREST)
        kept, rest = _divided(board, sides.both, needed, Take.DEAREST)
        bought, open_pieces = [*first, *kept], [*rest, *sides.only_off]
    own_order = Take.CHEAPEST if benefit.get_goods is None else benefit.take
    off, left = _divided(board, open_pieces, off_pieces, own_order)
    if benefit.buy is None:
        bought += [parcel for parcel in left if not any(parcel is p for p in sides.only_off)]
    return _sets([*bought, *off], times, [(parcel.amount, parcel.pieces) for parcel in off])


@dataclass(frozen=True, slots=True)
class _Sides:
    """Pieces that can only be bought, only come off, or either."""

    only_bought: list[Parcel]
    both: list[Parcel]
    only_off: list[Parcel]


def _sides(board: Board, targets: Sequence[Parcel], benefit: BuyGet, goods: Goods) -> _Sides:
    get_goods = benefit.get_goods or goods
    sides = _Sides([], [], [])
    for parcel in targets:
        line = board.lines[parcel.line].line
        is_bought = selects(goods, line.sku_id, line.category)
        if not selects(get_goods, line.sku_id, line.category):
            sides.only_bought.append(parcel)
        else:
            (sides.both if is_bought else sides.only_off).append(parcel)
    return sides


def _best_times(sides: _Sides, benefit: BuyGet, most: int | None) -> tuple[int, int, int]:
    """Return how often, how many of the either-pieces must be bought, how many pieces are off."""
    before = sum(parcel.pieces for parcel in sides.only_bought)
    either = sum(parcel.pieces for parcel in sides.both)
    others = sum(parcel.pieces for parcel in sides.only_off)
    best = (0, 0, 0)
    for times in range(_times_bought(sides, benefit, most), 0, -1):
        needed = 0 if benefit.buy is None else max(0, benefit.buy * times - before)
        off = min(benefit.get * times, others + either - needed)
        if off >= max(1, best[2]):
            best = (times, needed, off)
        if off == benefit.get * times:
            break
    return best


def _times_bought(sides: _Sides, benefit: BuyGet, most: int | None) -> int:
    bought = [*sides.only_bought, *sides.both]
    if benefit.buy is None:
        spent = sum(parcel.amount for parcel in bought)
        times = spent // cents(benefit.buy_amount or Decimal(1))
    else:
        times = sum(parcel.pieces for parcel in bought) // benefit.buy
    return times if most is None else min(times, most)


def _divided(
    board: Board, parcels: Sequence[Parcel], pieces: int, take: Take
) -> tuple[list[Parcel], list[Parcel]]:
    """Return the first pieces of some parcels, and the parcels of the rest."""
    first: list[Parcel] = []
    rest: list[Parcel] = []
    for parcel in sorted_by_price(parcels, take):
        taken = min(pieces, parcel.pieces)
        pieces -= taken
        if taken == 0:
            rest.append(parcel)
            continue
        carved = board.carve(parcel, taken)
        first.append(carved)
        if carved is not parcel:
            rest.append(parcel)
    return first, rest


def _is(board: Board, parcel: Parcel, goods: Goods) -> bool:
    line = board.lines[parcel.line].line
    return selects(goods, line.sku_id, line.category)


def bundles(board: Board, targets: Sequence[Parcel], benefit: Bundle, most: int | None) -> Sets:
    """Return as many bundles as save something, each part from its own goods."""
    pools = [
        sorted_by_price([p for p in targets if _is(board, p, part.goods)], benefit.take)
        for part in benefit.parts
    ]
    best: list[tuple[Parcel, int]] = []
    best_gain, times = 0, 0
    while most is None or times < most:
        picked = _picked(benefit, pools, times + 1)
        if picked is None:
            break
        gain = off_of(benefit.off, _bundled(picked, times + 1))
        if gain <= best_gain:
            break
        best, best_gain, times = picked, gain, times + 1
    if not times:
        return NONE
    worth = sum(parcel.amount * pieces // parcel.pieces for parcel, pieces in best)
    parcels = [board.carve(parcel, pieces) for parcel, pieces in best]
    return Sets(parcels, times, worth, times, ((worth, times),))


def _picked(
    benefit: Bundle, pools: Sequence[Sequence[Parcel]], times: int
) -> list[tuple[Parcel, int]] | None:
    """Return which pieces make so many bundles, None when there are too few."""
    used: dict[int, tuple[Parcel, int]] = {}
    for part, pool in zip(benefit.parts, pools, strict=True):
        missing = part.quantity * times
        for parcel in pool:
            already = used[id(parcel)][1] if id(parcel) in used else 0
            taken = min(missing, parcel.pieces - already)
            if taken:
                used[id(parcel)] = (parcel, already + taken)
                missing -= taken
            if not missing:
                break
        if missing:
            return None
    return list(used.values())


def _bundled(picked: Sequence[tuple[Parcel, int]], times: int) -> Sets:
    worth = sum(parcel.amount * pieces // parcel.pieces for parcel, pieces in picked)
    return Sets([], times, worth, times, ((worth, times),))
