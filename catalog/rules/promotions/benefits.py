"""What a benefit claims: which pieces it touches, how much comes off, and by what it is divided."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from catalog.rules.promotions import sets
from catalog.rules.promotions.caps import Limits
from catalog.rules.promotions.cents import FINE, basis_points, cents
from catalog.rules.promotions.conditions import Measured, times_met
from catalog.rules.promotions.pieces import Board, Parcel, first_pieces
from catalog.rules.promotions.quotes import Reason
from catalog.rules.promotions.rules import (
    Bundle,
    BuyGet,
    GoodsOff,
    MemberPrice,
    NthItem,
    Off,
    Per,
    Rule,
    SpendAndSave,
    Step,
)


@dataclass(slots=True)
class Claim:
    """What a rule asks for.

    `off` is in fine parts of a cent; it is divided over `parcels` by `weights`. With `shift` an
    amount that one line can't take goes to the others: an advertised sum is kept. Without, each
    piece has its own off, and what a floor keeps is lost.
    """

    parcels: list[Parcel] = field(default_factory=list)
    weights: list[int] = field(default_factory=list)
    off: int = 0
    shift: bool = False
    times: int = 1

    def add(self, parcel: Parcel, off: int) -> None:
        """Claim an off of its own for one parcel."""
        if off > 0:
            self.parcels.append(parcel)
            self.weights.append(off)
            self.off += off


@dataclass(frozen=True, slots=True)
class Ground:
    """What a benefit works on: the pieces it may touch, what was counted, what it may give."""

    rule: Rule
    board: Board
    targets: list[Parcel]
    measured: Measured
    limits: Limits


def off_amount(off: Off, amount: int, pieces: int) -> int:
    """Return what an off takes from pieces worth `amount` cents, in fine parts, at most all."""
    if off.percent is not None:
        return amount * basis_points(off.percent)
    if off.amount is not None:
        return min(amount, cents(off.amount) * pieces) * FINE
    return max(0, amount - cents(off.price or Decimal(0)) * pieces) * FINE


def shared(parcels: Sequence[Parcel], off: int, times: int) -> Claim:
    """Return a claim of one sum over pieces, divided by what is left of them."""
    touched = [parcel for parcel in parcels if parcel.amount > 0]
    return Claim(touched, [parcel.amount for parcel in touched], off, shift=True, times=times)


def _limited(ground: Ground, times: int = 1) -> list[Parcel]:
    """Return the target pieces within the cap of pieces."""
    most = ground.limits.pieces
    if most is None or most >= sum(parcel.pieces for parcel in ground.targets):
        return ground.targets
    return first_pieces(ground.board, ground.targets, most * times, ground.rule.take)


def _times(ground: Ground, *, repeat: bool) -> int:
    if not repeat:
        return 1
    often = times_met(ground.rule.condition, ground.measured)
    return often if ground.limits.times is None else min(often, ground.limits.times)


def _goods_off(benefit: GoodsOff, ground: Ground) -> Claim:
    times = _times(ground, repeat=benefit.repeat)
    targets = _limited(ground)
    off = benefit.off
    if off is not None and off.amount is not None and benefit.per is not Per.PIECE:
        return _lump(off.amount, benefit.per, targets, times)
    claim = Claim(times=times)
    for parcel in targets:
        price = benefit.prices.get(ground.board.lines[parcel.line].line.sku_id)
        own = Off(price=price) if price is not None else off
        if own is not None:
            claim.add(parcel, off_amount(own, parcel.amount, parcel.pieces))
    return claim


def _lump(amount: Decimal, per: Per, targets: Sequence[Parcel], times: int) -> Claim:
    if per is Per.ORDER:
        whole = sum(parcel.amount for parcel in targets)
        return shared(targets, min(whole, cents(amount) * times) * FINE, times)
    claim = Claim(times=times)
    for line in dict.fromkeys(parcel.line for parcel in targets):
        mine = [parcel for parcel in targets if parcel.line == line]
        whole = sum(parcel.amount for parcel in mine)
        taken = min(whole, cents(amount) * times)
        for parcel in mine:
            claim.add(parcel, taken * FINE * parcel.amount // whole if whole else 0)
    claim.off = -(-claim.off // FINE) * FINE
    return claim


def _member_price(benefit: MemberPrice, ground: Ground) -> Claim:
    claim = Claim()
    for parcel in _limited(ground):
        tier_price = ground.board.lines[parcel.line].line.tier_price
        if benefit.percent is not None:
            off = Off(percent=benefit.percent)
        elif tier_price is not None:
            off = Off(price=tier_price)
        else:
            continue
        claim.add(parcel, off_amount(off, parcel.amount, parcel.pieces))
    return claim


def reached(steps: Iterable[Step], measured: Measured) -> Step | None:
    """Return the highest step that is reached."""
    found = None
    for step in steps:
        if step.amount is not None and measured.amount >= cents(step.amount):
            found = step
        if step.count is not None and measured.count >= step.count:
            found = step
    return found


def _spend_and_save(benefit: SpendAndSave, ground: Ground) -> Claim | Reason:
    step = reached(benefit.steps, ground.measured)
    if step is None:
        return Reason.AMOUNT if benefit.steps[0].amount is not None else Reason.COUNT
    targets = _limited(ground)
    if step.off.percent is not None:
        claim = Claim()
        for parcel in targets:
            claim.add(parcel, off_amount(step.off, parcel.amount, parcel.pieces))
        return claim
    times = 1
    if benefit.repeat:
        measured = ground.measured
        times = (
            measured.amount // cents(step.amount)
            if step.amount is not None
            else measured.count // (step.count or 1)
        )
        times = times if ground.limits.times is None else min(times, ground.limits.times)
    return _lump(step.off.amount or Decimal(0), Per.ORDER, targets, times)


def _most_sets(ground: Ground, size: int) -> int | None:
    """Return the most sets the caps allow, None without limit."""
    by_pieces = None if ground.limits.pieces is None else ground.limits.pieces // size
    found = [limit for limit in (ground.limits.times, by_pieces) if limit is not None]
    return min(found, default=None)


def _from_sets(found: sets.Sets, off: Off) -> Claim:
    return shared(found.parcels, sets.off_of(off, found), found.times)


def _nth_item(benefit: NthItem, ground: Ground) -> Claim:
    found = sets.same_goods(
        ground.board,
        ground.targets,
        sets.Shape(benefit.n, 1, benefit.take, benefit.same_sku),
        _most_sets(ground, benefit.n),
    )
    return _from_sets(found, benefit.off)


def _buy_get(benefit: BuyGet, ground: Ground) -> Claim:
    bought = benefit.buy or 0
    most = _most_sets(ground, bought + benefit.get)
    if benefit.get_goods is None and benefit.buy is not None:
        shape = sets.Shape(benefit.buy + benefit.get, benefit.get, benefit.take, benefit.same_sku)
        return _from_sets(sets.same_goods(ground.board, ground.targets, shape, most), benefit.off)
    found = sets.other_goods(ground.board, ground.targets, benefit, ground.rule.goods, most)
    return _from_sets(found, benefit.off)


def _bundle(benefit: Bundle, ground: Ground) -> Claim:
    size = sum(part.quantity for part in benefit.parts)
    found = sets.bundles(ground.board, ground.targets, benefit, _most_sets(ground, size))
    return _from_sets(found, benefit.off)


CLAIMS: Final[Mapping[type[Any], Callable[[Any, Ground], Claim | Reason]]] = MappingProxyType(
    {
        GoodsOff: _goods_off,
        MemberPrice: _member_price,
        SpendAndSave: _spend_and_save,
        NthItem: _nth_item,
        BuyGet: _buy_get,
        Bundle: _bundle,
    }
)
