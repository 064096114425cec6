"""Which gift promotions have nothing whole to give any more (CAT-4.4-07)."""

from __future__ import annotations

from collections.abc import Mapping

from catalog import ports
from catalog.choices.promotions import PromotionState, PromotionType
from catalog.models import Promotion, PromotionCounter
from catalog.rules.promotions.rules import Gift
from catalog.selectors import promotion_rules


def without_gifts() -> list[int]:
    """Return the running gift promotions that cannot give one more whole gift.

    Either what was set aside does not last, or the warehouse that serves the channel has not the
    pieces: one question for each channel that gives something away.
    """
    found = []
    for channel_id, plans in _running().items():
        skus = {gift.sku_id for benefit in plans.values() for gift in benefit.gifts}
        there = ports.gift_stock(sku_ids=skus, channel_id=channel_id)
        aside = _set_aside(plans)
        found += [
            pk
            for pk, benefit in plans.items()
            if not _is_aside(benefit, aside.get(pk)) or not _is_there(benefit, there)
        ]
    return found


def _running() -> dict[int, dict[int, Gift]]:
    """Return the gifts of running promotions, by channel and promotion."""
    plans: dict[int, dict[int, Gift]] = {}
    rows = Promotion.objects.filter(state=PromotionState.RUNNING, type=PromotionType.GIFT)
    for row in rows.order_by("pk"):
        benefit = promotion_rules.plan_of(row).rule.benefit
        if isinstance(benefit, Gift):
            plans.setdefault(row.channel_id, {})[row.pk] = benefit
    return plans


def _set_aside(plans: Mapping[int, Gift]) -> dict[int, int | None]:
    """Return the pieces set aside for promotions that were not given away yet."""
    rows = PromotionCounter.objects.filter(pk__in=plans)
    return {
        pk: None if most is None else most - given
        for pk, most, given in rows.values_list("pk", "gift_limit", "gift_pieces")
    }


def _is_aside(benefit: Gift, left: int | None) -> bool:
    return left is None or left >= sum(gift.quantity for gift in benefit.gifts)


def _is_there(benefit: Gift, there: Mapping[int, int] | None) -> bool:
    if there is None:
        return True
    return all(there.get(gift.sku_id, 0) >= gift.quantity for gift in benefit.gifts)
