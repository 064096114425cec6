"""The pieces of a basket at work: parcels of like pieces, split where a rule asks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from catalog.rules.promotions.baskets import Basket, BasketLine
from catalog.rules.promotions.cents import cents, cents_up
from catalog.rules.promotions.rules import Take


@dataclass(slots=True)
class Parcel:
    """Like pieces of one line: what they were listed at, what is left of it, who touched them.

    Amounts are cents of the whole parcel; `marks` is a set of rule places, one bit each.
    """

    line: int
    pieces: int
    listed: int
    amount: int
    marks: int = 0

    def split(self, pieces: int) -> Parcel:
        """Take pieces out as a parcel of their own; no cent is lost or made."""
        if pieces == self.pieces:
            return self
        listed = self.listed * pieces // self.pieces
        amount = self.amount * pieces // self.pieces
        self.pieces -= pieces
        self.listed -= listed
        self.amount -= amount
        return Parcel(self.line, pieces, listed, amount, self.marks)


@dataclass(slots=True)
class BoardLine:
    """One basket line at work: its parcels, and the amount it may not fall under."""

    line: BasketLine
    listed: int
    net: int
    least: int
    parcels: list[Parcel]

    @property
    def room(self) -> int:
        """Return what may still be taken off."""
        return max(0, self.net - self.least)


class Board:
    """All lines of a basket at work."""

    __slots__ = ("lines",)

    def __init__(self, basket: Basket) -> None:
        self.lines = [_board_line(place, line) for place, line in enumerate(basket.lines)]

    def parcels(self, places: Iterable[int]) -> list[Parcel]:
        """Return the parcels of some lines, in the order of the lines."""
        lines = self.lines
        return [parcel for place in places for parcel in lines[place].parcels]

    def carve(self, parcel: Parcel, pieces: int) -> Parcel:
        """Return exactly these pieces of a parcel, set apart when they are not all of it."""
        taken = parcel.split(pieces)
        if taken is not parcel:
            self.lines[parcel.line].parcels.append(taken)
        return taken


def _board_line(place: int, line: BasketLine) -> BoardLine:
    listed = cents(line.unit_price * line.quantity)
    least = cents_up(line.floor * line.quantity) if line.floor is not None else 0
    return BoardLine(line, listed, listed, least, [Parcel(place, line.quantity, listed, listed)])


def sorted_by_price(parcels: Sequence[Parcel], take: Take) -> list[Parcel]:
    """Return parcels by the price of a piece; equal ones keep the order of their lines."""
    if len(parcels) < 2:
        return list(parcels)
    dearest = take is Take.DEAREST
    return sorted(parcels, key=lambda p: Fraction(p.amount, p.pieces), reverse=dearest)


def first_pieces(board: Board, parcels: Sequence[Parcel], most: int, take: Take) -> list[Parcel]:
    """Return at most so many pieces, cheapest or dearest first, set apart where needed."""
    taken: list[Parcel] = []
    for parcel in sorted_by_price(parcels, take):
        if most <= 0:
            break
        taken.append(board.carve(parcel, min(most, parcel.pieces)))
        most -= taken[-1].pieces
    return taken
