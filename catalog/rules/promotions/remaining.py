"""What live rules have left while one basket after another is sold: pure counting, no database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from catalog.rules.promotions.baskets import Basket, Usage
from catalog.rules.promotions.quotes import Discount, Quote
from catalog.rules.promotions.rules import Gift, Rule


@dataclass(slots=True)
class Left:
    """What one rule may still give, to everybody or to one buyer; None is no limit."""

    uses: int | None = None
    pieces: int | None = None
    gifts: int | None = None
    budget: Decimal | None = None

    def take(self, done: Discount, gifts: int) -> None:
        """Count one use."""
        self.uses = _less(self.uses, done.times)
        self.pieces = _less(self.pieces, done.pieces)
        self.gifts = _less(self.gifts, gifts)
        self.budget = None if self.budget is None else self.budget - done.amount


@dataclass(slots=True)
class Ticket:
    """A coupon: the promotion it opens, for whom (empty: whoever holds it), uses left."""

    id: int
    promotion_id: int
    buyer_key: str
    left: int | None


@dataclass(slots=True)
class Remaining:
    """What the live rules have left, sold down by `take`.

    `gift_stock` are the pieces of gifts that are there to give, by SKU.
    """

    rules: Mapping[int, Rule]
    everybody: dict[int, Left]
    buyers: dict[tuple[int, str], Left]
    coupons: dict[str, Ticket]
    gift_stock: dict[int, int]

    def usage(self, basket: Basket) -> dict[int, Usage]:
        """Return what each rule has left for one basket."""
        return {pk: self._usage(pk, rule, basket) for pk, rule in self.rules.items()}

    def take(self, basket: Basket, answer: Quote) -> None:
        """Count what a basket that is sold at a quote takes; its goods are no gifts any more."""
        for line in basket.lines:
            self._give(line.sku_id, line.quantity)
        given: dict[int, int] = {}
        for gift in answer.gifts:
            given[gift.rule_id] = given.get(gift.rule_id, 0) + gift.quantity
            self._give(gift.sku_id, gift.quantity)
        for done in answer.discounts:
            for left in self._counted(done.rule, basket.buyer.key):
                left.take(done, given.get(done.rule_id, 0))
            if done.coupon:
                ticket = self.coupons[done.coupon]
                ticket.left = _less(ticket.left, 1)

    def _usage(self, pk: int, rule: Rule, basket: Basket) -> Usage:
        left = self.everybody.get(pk) or Left()
        mine = self._mine(rule, basket.buyer.key)
        return Usage(
            uses_left=left.uses,
            budget_left=left.budget,
            pieces_left=left.pieces,
            gift_pieces_left=left.gifts,
            gift_pieces_there=gifts_there(rule, basket, self.gift_stock),
            buyer_uses_left=mine.uses,
            buyer_pieces_left=mine.pieces,
            coupons=tuple(code for code in basket.coupons if self._opens(code, pk, basket)),
        )

    def _mine(self, rule: Rule, buyer: str) -> Left:
        """Return what is left for a buyer; who is not known uses nothing that is counted by it."""
        caps = rule.caps
        if caps.buyer_uses is None and caps.pieces_per_buyer is None:
            return Left()
        if not buyer:
            return Left(uses=0, pieces=0)
        return self.buyers.setdefault(
            (rule.id, buyer), Left(uses=caps.buyer_uses, pieces=caps.pieces_per_buyer)
        )

    def _counted(self, rule: Rule, buyer: str) -> tuple[Left, ...]:
        return self.everybody.setdefault(rule.id, Left()), self._mine(rule, buyer)

    def _opens(self, code: str, pk: int, basket: Basket) -> bool:
        ticket = self.coupons.get(code)
        return (
            ticket is not None
            and ticket.promotion_id == pk
            and ticket.buyer_key in ("", basket.buyer.key)
            and ticket.left != 0
        )

    def _give(self, sku_id: int, quantity: int) -> None:
        if sku_id in self.gift_stock:
            self.gift_stock[sku_id] -= quantity


def gifts_there(rule: Rule, basket: Basket, stock: Mapping[int, int]) -> int | None:
    """Return how many gift pieces are in stock beside what the basket buys, in whole sets.

    None: the rule gives none.
    """
    if not isinstance(rule.benefit, Gift):
        return None
    bought = {line.sku_id: 0 for line in basket.lines}
    for line in basket.lines:
        bought[line.sku_id] += line.quantity
    sets = min(
        max(0, stock.get(gift.sku_id, 0) - bought.get(gift.sku_id, 0)) // gift.quantity
        for gift in rule.benefit.gifts
    )
    return sets * sum(gift.quantity for gift in rule.benefit.gifts)


def _less(left: int | None, taken: int) -> int | None:
    return None if left is None else left - taken
