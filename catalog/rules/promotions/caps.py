"""The most a rule may give in this order: its own caps and what earlier orders left of them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from catalog.rules.promotions.baskets import UNUSED, Usage
from catalog.rules.promotions.cents import cents
from catalog.rules.promotions.quotes import Reason
from catalog.rules.promotions.rules import NO_CAPS, Caps


@dataclass(frozen=True, slots=True)
class Limits:
    """What one order may get; None is no limit. Money is cents."""

    times: int | None
    pieces: int | None
    line: int | None
    order: int | None
    budget: int | None
    gift_pieces: int | None


UNLIMITED = Limits(None, None, None, None, None, None)


def limits(caps: Caps, usage: Usage) -> Limits:
    """Return the limits of one order: the smaller of the rule's caps and what is left."""
    if caps is NO_CAPS and usage is UNUSED:
        return UNLIMITED
    return Limits(
        times=_least(
            caps.times, caps.uses, caps.buyer_uses, usage.uses_left, usage.buyer_uses_left
        ),
        pieces=_least(
            caps.order_pieces,
            caps.pieces,
            caps.pieces_per_buyer,
            usage.pieces_left,
            usage.buyer_pieces_left,
        ),
        line=_cents(caps.line),
        order=_cents(caps.order),
        budget=_least(_cents(caps.budget), _cents(usage.budget_left)),
        gift_pieces=usage.gift_pieces_left,
    )


def used_up(usage: Usage, found: Limits) -> Reason | None:
    """Return why nothing is left of a rule, None when something is."""
    if found is UNLIMITED:
        return None
    if _gone(usage.buyer_uses_left) or _gone(usage.buyer_pieces_left):
        return Reason.BUYER_USED_UP
    if _gone(found.times) or _gone(found.pieces) or _gone(found.budget) or _gone(found.order):
        return Reason.USED_UP
    return None


def _gone(left: int | None) -> bool:
    return left is not None and left <= 0


def _cents(amount: Decimal | None) -> int | None:
    return None if amount is None else cents(amount)


def _least(*found: int | None) -> int | None:
    return min((limit for limit in found if limit is not None), default=None)
