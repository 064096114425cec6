"""Back from an order: what returned pieces were paid with, to the cent, in any order of returns.

Each piece carries its share of every discount (CAT-4.4-06): the refund of a line is a function of
how many of its pieces have come back in all, so no order of returns gains or loses a cent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from django.utils.translation import gettext_lazy as _

from catalog.rules.promotions.baskets import Basket, Usage
from catalog.rules.promotions.cents import cents, money
from catalog.rules.promotions.quotes import Quote, QuotedGift
from catalog.rules.promotions.quoting import NO_USAGE, RuleSet
from catalog.rules.promotions.quoting import quote as quote_of
from ops.engines.kernel.errors import RuleViolation

NOTHING: Final[Mapping[str, int]] = MappingProxyType({})


class ReturnTooMany(RuleViolation):
    """More pieces of a line come back than were bought."""

    def __init__(self, key: str) -> None:
        super().__init__(
            "catalog.return_too_many",
            _("More pieces come back than this order has."),
            line=key,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """What goes back for the pieces that come back now.

    `lines` are the amounts by line key, `shipping` the paid fee once nothing is left of the
    order. `gifts_due` come back with the goods because what is kept no longer earns them;
    `gift_value` is what may be kept back for those that don't. `forgone` is how much less the
    kept pieces would have saved had they been bought alone: for information, never withheld.
    """

    lines: Mapping[str, Decimal]
    shipping: Decimal
    total: Decimal
    gifts_due: tuple[QuotedGift, ...]
    gift_value: Decimal
    forgone: Decimal


def refund(
    quote: Quote,
    basket: Basket,
    rules: RuleSet,
    returned: Mapping[str, int],
    *,
    before: Mapping[str, int] = NOTHING,
    usage: Mapping[int, Usage] = NO_USAGE,
) -> Refund:
    """Return what goes back for `returned` pieces by line key, after `before` came back earlier.

    Raises ReturnTooMany.
    """
    after = {line.key: before.get(line.key, 0) + returned.get(line.key, 0) for line in quote.lines}
    for key in {*returned, *before} - after.keys():
        raise ReturnTooMany(key)
    lines: dict[str, Decimal] = {}
    for line in quote.lines:
        if not 0 <= before.get(line.key, 0) <= after[line.key] <= line.quantity:
            raise ReturnTooMany(line.key)
        paid = cents(line.net_amount)
        amount = _share(paid, after[line.key], line.quantity) - _share(
            paid, before.get(line.key, 0), line.quantity
        )
        if returned.get(line.key, 0):
            lines[line.key] = money(amount)
    is_whole = all(after[line.key] == line.quantity for line in quote.lines)
    was_whole = all(before.get(line.key, 0) == line.quantity for line in quote.lines)
    shipping = quote.shipping_after if is_whole and not was_whole else Decimal("0.00")
    kept = quote_of(_kept(basket, after), rules, usage)
    kept_before = quote_of(_kept(basket, before), rules, usage)
    due = _gifts_due(quote, kept_before, kept)
    return Refund(
        lines=lines,
        shipping=shipping,
        total=sum(lines.values(), Decimal("0.00")) + shipping,
        gifts_due=due,
        gift_value=sum((gift.value * gift.quantity for gift in due), Decimal("0.00")),
        forgone=_forgone(quote, kept, after),
    )


def _share(paid: int, pieces: int, quantity: int) -> int:
    """Return what the first pieces of a line were paid with, half a cent up."""
    return (2 * paid * pieces + quantity) // (2 * quantity)


def _kept(basket: Basket, gone: Mapping[str, int]) -> Basket:
    lines = tuple(
        replace(line, quantity=line.quantity - gone.get(line.key, 0))
        for line in basket.lines
        if line.quantity > gone.get(line.key, 0)
    )
    return replace(basket, lines=lines)


def _gifts_due(quote: Quote, before: Quote, after: Quote) -> tuple[QuotedGift, ...]:
    def given(found: Quote) -> dict[tuple[int, int], int]:
        return {(gift.rule_id, gift.sku_id): gift.quantity for gift in found.gifts}

    had, earned_before, earned = given(quote), given(before), given(after)
    due = []
    for gift in quote.gifts:
        key = (gift.rule_id, gift.sku_id)
        kept_before = min(had[key], earned_before.get(key, 0))
        missing = kept_before - min(kept_before, earned.get(key, 0))
        if missing:
            due.append(replace(gift, quantity=missing))
    return tuple(due)


def _forgone(quote: Quote, kept: Quote, gone: Mapping[str, int]) -> Decimal:
    """Return what the kept pieces carry of discounts they would not earn alone."""
    paid = sum(
        cents(line.net_amount) - _share(cents(line.net_amount), gone[line.key], line.quantity)
        for line in quote.lines
    )
    alone = sum(cents(line.net_amount) for line in kept.lines)
    return money(max(0, alone - paid))
