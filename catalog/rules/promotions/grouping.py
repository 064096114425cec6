"""Every n-th piece: which pieces make groups, and which of them are off, without walking pieces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.rules.promotions.pieces import Parcel, sorted_by_price
from catalog.rules.promotions.rules import Take


@dataclass(frozen=True, slots=True)
class Grouped:
    """Of one parcel: how many pieces stand in groups, and how many of those are off."""

    parcel: Parcel
    joined: int
    off: int


def groups(
    parcels: Sequence[Parcel], size: int, off: int, most: int | None, take: Take
) -> tuple[int, list[Grouped]]:
    """Return the number of groups of `size`, of which the `off` cheapest pieces are off.

    DEAREST: pieces are lined up from the dearest down and cut into groups. CHEAPEST: the same
    number of groups, but the cheapest pieces of all are off and the dearest are paid.
    """
    number = sum(parcel.pieces for parcel in parcels) // size
    if most is not None:
        number = min(number, most)
    if not number:
        return 0, []
    ranked = sorted_by_price(parcels, Take.DEAREST)
    pick = _in_rows if take is Take.DEAREST else _at_the_end
    return number, pick(ranked, number, size, off)


def _in_rows(ranked: Sequence[Parcel], number: int, size: int, off: int) -> list[Grouped]:
    end, start, found = number * size, 0, []

    def off_before(position: int) -> int:
        rows, rest = divmod(position, size)
        return rows * off + max(0, rest - (size - off))

    for parcel in ranked:
        stop = min(end, start + parcel.pieces)
        if stop > start:
            found.append(Grouped(parcel, stop - start, off_before(stop) - off_before(start)))
        start = stop
    return found


def _at_the_end(ranked: Sequence[Parcel], number: int, size: int, off: int) -> list[Grouped]:
    paid, free, found = number * (size - off), number * off, []
    from_front: list[int] = []
    for parcel in ranked:
        from_front.append(min(paid, parcel.pieces))
        paid -= from_front[-1]
    for parcel, front in zip(reversed(ranked), reversed(from_front), strict=True):
        back = min(free, parcel.pieces - front)
        free -= back
        if front or back:
            found.append(Grouped(parcel, front + back, back))
    found.reverse()
    return found
