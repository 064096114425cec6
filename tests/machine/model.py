"""What must be on the shelf, held, sold and owed: plain arithmetic, knowing nothing of the product.

Written from the rules of the house, not from its code: a sum of whole cents, a piece counted once.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

ZERO, CENT, VAT = Decimal(0), Decimal("0.01"), Decimal("0.13")
UNSHIPPED = ("placed", "paid", "allocated")
RETURNABLE = ("shipped", "closed", "refunding")


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def vat_in(amount: Decimal) -> Decimal:
    return cents(amount * VAT / (1 + VAT))


@dataclass
class Back:
    """Pieces of an order that come back."""

    pieces: dict[int, int]
    total: Decimal
    tax: Decimal
    state: str = "requested"


@dataclass
class Sale:
    """An order: lines of (code, pieces, price), numbered from 1; a price is net of a coupon."""

    lines: tuple[tuple[str, int, Decimal], ...]
    state: str
    is_on_hold: bool = False
    coupon: str = ""
    parcel: str = ""
    held: dict[int, int] = field(default_factory=dict)
    backs: dict[int, Back] = field(default_factory=dict)

    @property
    def total(self) -> Decimal:
        return cents(sum((pieces * price for _code, pieces, price in self.lines), ZERO))

    def worth_back(self) -> Decimal:
        return sum(
            (
                count * self.lines[line - 1][2]
                for back in self.backs.values()
                if back.state != "refused"
                for line, count in back.pieces.items()
            ),
            ZERO,
        )

    def left(self, line: int) -> int:
        """Return the pieces of a line that may still come back."""
        gone = sum(b.pieces.get(line, 0) for b in self.backs.values() if b.state != "refused")
        return self.lines[line - 1][1] - gone


@dataclass
class Model:
    """The whole company in numbers."""

    on_hand: Counter[str]
    quarantine: Counter[str] = field(default_factory=Counter)
    sales: dict[int, Sale] = field(default_factory=dict)
    accounts: Counter[str] = field(default_factory=Counter)
    clock: int = 0

    def coupons_used(self) -> set[str]:
        """Return the coupons of orders that stand: who cancels has the coupon back."""
        return {s.coupon for s in self.sales.values() if s.coupon and s.state != "cancelled"}

    def held(self, code: str) -> int:
        return sum(
            sale.lines[line - 1][1]
            for sale in self.sales.values()
            for line in sale.held
            if sale.lines[line - 1][0] == code
        )

    def free(self, code: str) -> int:
        return self.on_hand[code] - self.held(code)

    def can_hold(self, sale: Sale) -> bool:
        need: Counter[str] = Counter()
        for number, (code, pieces, _price) in enumerate(sale.lines, 1):
            if number not in sale.held:
                need[code] += pieces
        return all(self.free(code) >= pieces for code, pieces in need.items())

    def hold(self, sale: Sale) -> None:
        for number in range(1, len(sale.lines) + 1):
            if number not in sale.held:
                self.clock += 1
                sale.held[number] = self.clock

    def allocate(self, sale: Sale) -> bool:
        """Hold goods for the whole order, or put it on hold."""
        if not self.can_hold(sale):
            sale.is_on_hold = True
            return False
        self.hold(sale)
        sale.state, sale.is_on_hold = "allocated", False
        return True

    def ship(self, sale: Sale) -> None:
        for code, pieces, _price in sale.lines:
            self.on_hand[code] -= pieces
        sale.held.clear()
        sale.state, sale.parcel = "shipped", "shipped"
        self._sell(sale.total, vat_in(sale.total))

    def give_back(self, sale: Sale, back: Back) -> None:
        for line, pieces in back.pieces.items():
            self.quarantine[sale.lines[line - 1][0]] += pieces
        back.state, sale.state = "accepted", "refunding"
        self._sell(-back.total, -back.tax)

    def lose(self, code: str, pieces: int) -> None:
        """Goods are gone: who was promised them last, loses them first."""
        self.on_hand[code] -= pieces
        holders = sorted(
            (
                (at, sale, line)
                for sale in self.sales.values()
                for line, at in sale.held.items()
                if sale.lines[line - 1][0] == code
            ),
            key=lambda holder: -holder[0],
        )
        for _at, sale, line in holders:
            if self.free(code) >= 0:
                return
            del sale.held[line]
            sale.is_on_hold, sale.parcel = True, ""

    def post(self, **amounts: Decimal) -> None:
        for account, amount in amounts.items():
            self.accounts[account.removeprefix("a")] += amount  # type: ignore[assignment]

    def _sell(self, total: Decimal, tax: Decimal) -> None:
        self.post(a1122=total, a6001=tax - total)
        self.accounts["2221.01.01"] -= tax  # type: ignore[assignment]
