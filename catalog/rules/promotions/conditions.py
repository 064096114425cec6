"""Whether a rule holds: who buys where and when, and how often the goods meet what it asks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from catalog.rules.promotions.baskets import Basket
from catalog.rules.promotions.cents import cents
from catalog.rules.promotions.pieces import Board, Parcel
from catalog.rules.promotions.quotes import Reason
from catalog.rules.promotions.rules import Condition, Hours
from ops.engines.kernel.parse import BUSINESS_ZONE


@dataclass(frozen=True, slots=True)
class Measured:
    """What the counted pieces come to: pieces, cents, different SKUs."""

    count: int
    amount: int
    distinct: int


def closed(condition: Condition, basket: Basket) -> Reason | None:
    """Return why a rule is closed to this buyer at this place and moment, None when it is open."""
    if condition.channels and basket.channel not in condition.channels:
        return Reason.CHANNEL
    if condition.tiers and basket.buyer.tier not in condition.tiers:
        return Reason.TIER
    if condition.first_order and not basket.buyer.is_first_order:
        return Reason.FIRST_ORDER
    if (condition.hours or condition.weekdays) and not _is_hour(condition, basket):
        return Reason.HOURS
    return None


def _is_hour(condition: Condition, basket: Basket) -> bool:
    local = basket.at.astimezone(BUSINESS_ZONE)
    if condition.weekdays and local.isoweekday() not in condition.weekdays:
        return False
    if not condition.hours:
        return True
    return any(_inside(stretch, local.hour * 60 + local.minute) for stretch in condition.hours)


def _inside(stretch: Hours, minute: int) -> bool:
    since = stretch.since.hour * 60 + stretch.since.minute
    until = stretch.until.hour * 60 + stretch.until.minute
    if since < until:
        return since <= minute < until
    return minute >= since or minute < until


def measure(board: Board, parcels: Iterable[Parcel], *, before_discounts: bool) -> Measured:
    """Return what some parcels come to."""
    count = amount = 0
    skus: set[int] = set()
    for parcel in parcels:
        count += parcel.pieces
        amount += parcel.listed if before_discounts else parcel.amount
        skus.add(board.lines[parcel.line].line.sku_id)
    return Measured(count, amount, len(skus))


def unmet(condition: Condition, measured: Measured) -> Reason | None:
    """Return which demand the counted pieces miss, None when all are met."""
    if condition.count is not None and measured.count < condition.count:
        return Reason.COUNT
    if condition.amount is not None and measured.amount < cents(condition.amount):
        return Reason.AMOUNT
    if condition.distinct is not None and measured.distinct < condition.distinct:
        return Reason.DISTINCT
    return None


def times_met(condition: Condition, measured: Measured) -> int:
    """Return how often the counted pieces meet the demands at once; 1 without demands."""
    often = []
    if condition.count is not None:
        often.append(measured.count // condition.count)
    if condition.amount is not None:
        often.append(measured.amount // cents(condition.amount))
    return min(often, default=1)
