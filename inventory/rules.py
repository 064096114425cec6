"""How stock is valued: moving average in whole cents that never drifts, and exact FIFO layers.

The rule of the average, in words and in one formula:

* A pool is one SKU in one warehouse, all its own places together: quantity Q, value V in cents.
* Goods from outside raise Q and V. Their value is what the document says, `quantity * unit cost`
  rounded half up to cents; without a cost they come in at the average.
* Goods that leave take a share of V: of c pieces out of Q, `share(V, Q, c) = V * c / Q` rounded
  half up. The k-th issue of one posting takes share(c_k) - share(c_k-1), so that what is taken
  and what is left add up to V at every moment, and the last piece takes the last cent.
* Receipts of one posting come before its issues. What arrives by a transfer can be issued by the
  next posting, not by the same one.
* A move within one warehouse changes no value; it states the share it carries.

The database function `inventory_share` is the same formula on numerics; a test compares them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

CENT = Decimal("0.01")
COST_STEP = Decimal("0.000001")
CENTS = 100

# Limits, in CNY and pieces; the clause says who decides above them.
PURCHASE_MANAGER_LIMIT = Decimal("50000.00")  # SCM-2.4-01: beyond, the operations manager too
PURCHASE_FINANCE_LIMIT = Decimal("200000.00")  # SCM-2.4-01: beyond, the finance manager too
MISMATCH_DIRECTOR_LIMIT = Decimal("1000.00")  # SCM-2.2-03: beyond, the operations director too
CYCLE_COUNT_LIMIT = Decimal("1000.00")  # SCM-2.3-07: below, the store manager decides alone
RECOUNT_PIECES = 2  # SCM-2.3-05: a difference of more pieces is counted again by another person
RECOUNT_VALUE = Decimal("100.00")  # SCM-2.3-05: or one worth more
CYCLE_PLACES = 20  # SCM-2.3-07: places of one warehouse counted in a week


def share(value: Decimal, quantity: int, part: int) -> Decimal:
    """Return the value of `part` pieces out of `quantity` worth `value`, half up to cents.

    Raises ValueError unless 0 <= part <= quantity; nothing out of nothing is worth nothing.
    """
    if not 0 <= part <= quantity:
        raise ValueError("a part lies between nothing and the whole")
    if quantity == 0:
        return Decimal("0.00")
    cents = int(value * CENTS)
    return Decimal((2 * cents * part + quantity) // (2 * quantity)) * CENT


def receipt_value(quantity: int, unit_cost: Decimal) -> Decimal:
    """Return what received goods are worth: quantity times unit cost, half up to cents."""
    return (quantity * unit_cost).quantize(CENT, ROUND_HALF_UP)


def share_note(noted: int, counted: Sequence[int]) -> list[int]:
    """Share what a note says of one SKU among the lots found of it; the shares add up to it.

    Each lot takes what was counted of it as far as the note goes; the last takes what is left, so
    that a shortage is one line's and a surplus too.
    """
    shares, left = [], noted
    for pieces in counted[:-1]:
        shares.append(min(pieces, left))
        left -= shares[-1]
    return [*shares, left] if counted else []


def variance_rate(gross: Decimal | int, book: Decimal | int | None) -> Decimal | None:
    """Return how much of the book differs, surplus and shortage together, with six decimals.

    None while there is no book to compare with.
    """
    if not book:
        return None
    return (Decimal(gross) / Decimal(book)).quantize(COST_STEP, ROUND_HALF_UP)


def average(value: Decimal, quantity: int) -> Decimal:
    """Return the unit cost with six decimals, half up; zero for nothing."""
    if quantity == 0:
        return Decimal(0).quantize(COST_STEP)
    return (value / quantity).quantize(COST_STEP, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Pool:
    """One SKU in one warehouse: pieces owned and what they cost."""

    quantity: int = 0
    value: Decimal = Decimal("0.00")

    @property
    def unit_cost(self) -> Decimal:
        """The moving average."""
        return average(self.value, self.quantity)

    def receive(self, quantity: int, value: Decimal) -> Pool:
        """Return the pool after goods worth `value` came in."""
        return Pool(self.quantity + quantity, self.value + value)

    def issue(self, *quantities: int) -> tuple[Pool, list[Decimal]]:
        """Return the pool after the issues of one posting, and the value of each."""
        taken, values, before = 0, [], Decimal("0.00")
        for quantity in quantities:
            taken += quantity
            upto = share(self.value, self.quantity, taken)
            values.append(upto - before)
            before = upto
        return Pool(self.quantity - taken, self.value - before), values


@dataclass(frozen=True, slots=True)
class Layer:
    """What is left of one receipt."""

    quantity: int
    unit_cost: Decimal


def fifo_issue(layers: Iterable[Layer], quantity: int) -> tuple[list[Layer], Decimal]:
    """Take pieces from the oldest layers; return what is left and the exact cost of the issue.

    Raises ValueError when the layers hold less.
    """
    queue, cost = deque(layers), Decimal(0)
    while quantity and queue:
        layer = queue.popleft()
        taken = min(quantity, layer.quantity)
        cost += taken * layer.unit_cost
        quantity -= taken
        if taken < layer.quantity:
            queue.appendleft(Layer(layer.quantity - taken, layer.unit_cost))
    if quantity:
        raise ValueError("the layers hold less")
    return list(queue), cost


@dataclass(frozen=True, slots=True)
class Costed:
    """What a sequence of receipts and issues comes to, exact."""

    quantity: int
    stock_value: Fraction
    unit_value: Fraction
    issue_costs: tuple[Fraction, ...]


Step = tuple[int, Decimal | None]


def cost_average(steps: Iterable[Step], start: Decimal = Decimal(0)) -> Costed:
    """Cost receipts (quantity, unit cost) and issues (quantity, None) at the moving average.

    Exact, as worked examples are written; the ledger posts the same in whole cents. `start` is the
    unit value before anything came in. Raises ValueError when more leaves than there is.
    """
    quantity, value, unit, issues = 0, Fraction(0), Fraction(start), []
    for pieces, cost in steps:
        if cost is not None:
            quantity, value = quantity + pieces, value + pieces * Fraction(cost)
        elif pieces > quantity:
            raise ValueError("the pool holds less")
        else:
            issues.append(pieces * unit)
            quantity, value = quantity - pieces, value - pieces * unit
        if quantity:
            unit = value / quantity
    return Costed(quantity, value, unit, tuple(issues))


def cost_fifo(steps: Iterable[Step], start: Decimal = Decimal(0)) -> Costed:
    """Cost receipts and issues first in, first out; see `cost_average`.

    The unit value is that of what is left; of nothing, that of the last piece that left.
    """
    layers: list[Layer] = []
    unit, issues = Fraction(start), []
    for pieces, cost in steps:
        if cost is not None:
            layers.append(Layer(pieces, cost))
        else:
            before = layers
            layers, taken = fifo_issue(layers, pieces)
            issues.append(Fraction(taken))
            unit = Fraction(before[-1].unit_cost) if before else unit
        left = sum(layer.quantity for layer in layers)
        if left:
            unit = _worth(layers) / left
    left = sum(layer.quantity for layer in layers)
    return Costed(left, _worth(layers), unit, tuple(issues))


def _worth(layers: Iterable[Layer]) -> Fraction:
    return sum((layer.quantity * Fraction(layer.unit_cost) for layer in layers), Fraction(0))
