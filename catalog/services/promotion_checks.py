"""The checks of promotions before their start and every hour, each in the log (CAT-4.4-04)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_noop

from catalog.choices.promotions import CheckOccasion
from catalog.errors import promotions as errors
from catalog.models import Promotion, PromotionCheck
from catalog.selectors import promotion_limits, promotions
from catalog.selectors.promotion_gifts import without_gifts
from catalog.selectors.promotion_limits import FLOOR, REFERENCE
from catalog.types.promotion_checks import Limits
from catalog.types.promotions import Standing

REACHED: Final = {
    "uses": gettext_noop("The number of uses is reached."),
    "pieces": gettext_noop("The number of pieces is reached."),
    "gifts": gettext_noop("The gifts are used up."),
    "budget": gettext_noop("The budget is used up."),
}
OUT_OF_GIFTS: Final = gettext_noop("The gifts are out of stock.")
_BELOW_FLOOR: Final = gettext_noop("Some goods could end below the floor.")
_ABOVE_REFERENCE: Final = gettext_noop("Some goods were sold for less in the days before it.")
_SOLD_OUT: Final = gettext_noop("None of its goods is in stock any more.")
_MOST_NAMED: Final = 20


def judge(rows: Sequence[Promotion], occasion: CheckOccasion, *, at: datetime) -> dict[int, str]:
    """Look at every limit of promotions, write the log, return why each must pause ('': none).

    The reason is a message id. Statements do not grow with the promotions of a channel.
    """
    if not rows:
        return {}
    found = promotion_limits.limits(rows, at=at)
    standings = promotions.standings(promotion_ids=[row.pk for row in rows])
    dry = set(without_gifts())
    reasons = {
        row.pk: _reason(found[row.pk], standings.get(row.pk), is_dry=row.pk in dry) for row in rows
    }
    with transaction.atomic():
        PromotionCheck.objects.bulk_create(
            [
                _entry(row, found[row.pk], standings.get(row.pk), occasion, reasons[row.pk], at=at)
                for row in rows
            ]
        )
    return reasons


def refuse_crossed(row: Promotion, *, at: datetime) -> None:
    """Raise PromotionBelowFloor or PromotionAboveReference naming the goods beyond the limit."""
    found = promotion_limits.limits([row], at=at)[row.pk]
    if low := found.codes(FLOOR):
        raise errors.PromotionBelowFloor(low)
    if dear := found.codes(REFERENCE):
        raise errors.PromotionAboveReference(dear)


def _reason(found: Limits, standing: Standing | None, *, is_dry: bool) -> str:
    if found.codes(FLOOR):
        return _BELOW_FLOOR
    if found.codes(REFERENCE):
        return _ABOVE_REFERENCE
    if found.is_sold_out:
        return _SOLD_OUT
    if standing is not None and standing.reached:
        return REACHED[standing.reached]
    return OUT_OF_GIFTS if is_dry else ""


def _entry(
    row: Promotion,
    found: Limits,
    standing: Standing | None,
    occasion: CheckOccasion,
    why: str,
    *,
    at: datetime,
) -> PromotionCheck:
    named: list[dict[str, Any]] = [
        {"limit": each.limit, "sku": each.sku_id, "code": each.code, "value": str(each.value),
         "bound": str(each.bound)}
        for each in found.crossings[:_MOST_NAMED]
    ]  # fmt: skip
    return PromotionCheck(
        promotion=row,
        checked_at=at,
        occasion=occasion,
        examined=found.examined,
        below_floor=len(found.codes(FLOOR)),
        above_reference=len(found.codes(REFERENCE)),
        without_stock=found.without_stock,
        used=standing.amount if standing else Decimal(0),
        budget=standing.budget if standing else row.budget,
        findings=named,
        why=why,
    )
