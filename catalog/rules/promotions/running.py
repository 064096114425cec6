"""One run of rules over a basket, in their order: each looks, claims, is cut, and is spread."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from catalog.rules.promotions import caps as caps_of
from catalog.rules.promotions.baskets import Basket
from catalog.rules.promotions.benefits import CLAIMS, Claim, Ground, off_amount
from catalog.rules.promotions.caps import Limits
from catalog.rules.promotions.cents import cents, half_up
from catalog.rules.promotions.conditions import Measured, measure, times_met, unmet
from catalog.rules.promotions.entries import Entry
from catalog.rules.promotions.pieces import Board, Parcel, sorted_by_price
from catalog.rules.promotions.quotes import Cut, Reason
from catalog.rules.promotions.rules import Gift, GiftItem, Points, Shipping, Take
from catalog.rules.promotions.settling import capped, settle


@dataclass(frozen=True, slots=True)
class Applied:
    """What a rule did, in cents."""

    entry: Entry
    amount: int = 0
    by_line: Mapping[int, int] = field(default_factory=dict)
    times: int = 1
    pieces: int = 0
    consumed: int = 0
    cuts: tuple[Cut, ...] = ()
    on_shipping: bool = False
    gifts: tuple[GiftItem, ...] = ()


@dataclass(slots=True)
class Run:
    """A basket under a series of rules: what they did so far, and what is left of the fee."""

    board: Board
    basket: Basket
    friends: Sequence[int]
    shipping: int
    applied: list[Applied] = field(default_factory=list)
    skipped: list[tuple[int, Reason]] = field(default_factory=list)

    @property
    def saving(self) -> int:
        """Return what the rules took off, with the worth of gifts, in cents."""
        return sum(
            done.amount + sum(cents(gift.value) * gift.quantity for gift in done.gifts)
            for done in self.applied
        )

    def take(self, entry: Entry) -> None:
        """Apply one rule, or keep the reason why not."""
        done = self._apply(entry)
        if isinstance(done, Reason):
            self.skipped.append((entry.place, done))
        else:
            self.applied.append(done)

    def trial(self, entry: Entry) -> int:
        """Return what a rule would take off if it came now; nothing changes."""
        kept = [[*line.parcels] for line in self.board.lines]
        state = [[(p.pieces, p.listed, p.amount, p.marks) for p in line] for line in kept]
        nets = [line.net for line in self.board.lines]
        shipping = self.shipping
        done = self._apply(entry)
        for line, parcels, states, net in zip(self.board.lines, kept, state, nets, strict=True):
            line.parcels, line.net = parcels, net
            for parcel, (pieces, listed, amount, marks) in zip(parcels, states, strict=True):
                parcel.pieces, parcel.listed = pieces, listed
                parcel.amount, parcel.marks = amount, marks
        self.shipping = shipping
        return done.amount if isinstance(done, Applied) else 0

    def _apply(self, entry: Entry) -> Applied | Reason:
        rule = entry.rule
        found = caps_of.limits(rule.caps, entry.usage)
        gone = caps_of.used_up(entry.usage, found)
        if gone is not None:
            return gone
        is_price = type(rule.benefit) in CLAIMS
        counted = self._open(entry, entry.counted) if is_price else self._all(entry.counted)
        measured = measure(self.board, counted, before_discounts=rule.condition.is_before_discounts)
        missed = unmet(rule.condition, measured)
        if missed is not None:
            barred = is_price and not counted and entry.counted
            return Reason.NOT_COMBINED if barred else missed
        if isinstance(rule.benefit, Gift):
            return _gifts(entry, rule.benefit, measured, found)
        if isinstance(rule.benefit, Shipping):
            return self._shipping(entry, rule.benefit, found)
        if isinstance(rule.benefit, Points):
            return self._points(entry)
        return self._prices(entry, measured, counted, found)

    def _open(self, entry: Entry, lines: Iterable[int]) -> list[Parcel]:
        """Return the pieces no rule has touched that this one does not meet."""
        strangers = ~self.friends[entry.place]
        return [p for p in self.board.parcels(lines) if not p.marks & strangers]

    def _all(self, lines: Iterable[int]) -> list[Parcel]:
        return self.board.parcels(lines)

    def _prices(
        self, entry: Entry, measured: Measured, counted: list[Parcel], found: Limits
    ) -> Applied | Reason:
        rule = entry.rule
        targets = self._open(entry, entry.lines)
        if not targets:
            return Reason.NOT_COMBINED
        ground = Ground(rule, self.board, targets, measured, found)
        claim = CLAIMS[type(rule.benefit)](rule.benefit, ground)
        if isinstance(claim, Reason):
            return claim
        if claim.off <= 0:
            return Reason.NO_PIECES if not claim.parcels else Reason.NO_EFFECT
        by_line, cuts = settle(self.board, claim, found, mark=1 << entry.place)
        amount = sum(by_line.values())
        if amount == 0:
            return Reason.FLOOR if Cut.FLOOR in cuts else Reason.NO_EFFECT
        pieces = consumed = sum(parcel.pieces for parcel in claim.parcels)
        if rule.condition.consumes:
            consumed += self._consume(entry, claim, counted)
        return Applied(entry, amount, by_line, claim.times, pieces, consumed, cuts)

    def _consume(self, entry: Entry, claim: Claim, counted: list[Parcel]) -> int:
        """Mark as many counted pieces as met the condition, touched ones first, then dearest.

        Return how many more than the touched ones were marked.
        """
        condition, mark = entry.rule.condition, 1 << entry.place
        pieces = (condition.count or 0) * claim.times
        amount = cents(condition.amount) * claim.times if condition.amount is not None else 0
        lines = dict.fromkeys(parcel.line for parcel in counted)
        parcels = self.board.parcels(lines)
        touched = [p for p in parcels if p.marks & mark]
        pieces -= sum(p.pieces for p in touched)
        amount -= sum(p.listed for p in touched)
        free = [
            p for p in parcels if not p.marks & mark and not p.marks & ~self.friends[entry.place]
        ]
        more = 0
        for parcel in sorted_by_price(free, Take.DEAREST):
            by_amount = -(-amount * parcel.pieces // parcel.listed) if parcel.listed else 0
            wanted = min(parcel.pieces, max(pieces, by_amount))
            if wanted <= 0:
                continue
            taken = self.board.carve(parcel, wanted)
            taken.marks |= mark
            pieces -= taken.pieces
            amount -= taken.listed
            more += taken.pieces
        return more

    def _shipping(self, entry: Entry, benefit: Shipping, found: Limits) -> Applied | Reason:
        if not self._meets(entry, Shipping):
            return Reason.NOT_COMBINED
        wanted = half_up(off_amount(benefit.off, self.shipping, 1))
        amount, cuts = capped(wanted, found)
        if amount <= 0:
            return Reason.NO_EFFECT
        self.shipping -= amount
        return Applied(entry, amount, {}, cuts=cuts, on_shipping=True)

    def _points(self, entry: Entry) -> Applied | Reason:
        return Applied(entry) if self._meets(entry, Points) else Reason.NOT_COMBINED

    def _meets(self, entry: Entry, kind: type[Shipping | Points]) -> bool:
        """Say whether a rule meets the rules of its kind that applied before it."""
        return all(
            self.friends[entry.place] >> done.entry.place & 1
            for done in self.applied
            if isinstance(done.entry.rule.benefit, kind)
        )


def _gifts(entry: Entry, benefit: Gift, measured: Measured, found: Limits) -> Applied | Reason:
    times = times_met(entry.rule.condition, measured) if benefit.repeat else 1
    if found.times is not None:
        times = min(times, found.times)
    each = sum(gift.quantity for gift in benefit.gifts)
    if found.gift_pieces is not None:
        times = min(times, found.gift_pieces // each)
    if times <= 0:
        return Reason.GIFTS_GONE
    if entry.usage.gift_pieces_there is not None:
        times = min(times, entry.usage.gift_pieces_there // each)
        if times <= 0:
            return Reason.GIFTS_OUT_OF_STOCK
    gifts = tuple(
        GiftItem(sku_id=gift.sku_id, quantity=gift.quantity * times, value=gift.value)
        for gift in benefit.gifts
    )
    return Applied(entry, times=times, pieces=each * times, gifts=gifts)
