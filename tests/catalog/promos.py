"""Promotions for tests: plans of every kind in the small shop, and the way to their effect."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from catalog.models import Promotion
from catalog.services import promotions
from catalog.types.promotions import PromotionInfo, PromotionPlan, UseWanted
from ops.engines.approvals import services as approvals
from ops.engines.approvals.models import Request
from ops.engines.identity.models import User
from tests.catalog.shop import END, START, Shop, actor
from tests.engines.identity.factories import AT, SYSTEM

DURING = START + timedelta(hours=1)
PERCENT: dict[str, Any] = {
    "type": "percentage",
    "value": "10",
    "caps": {"budget": "1000.00"},
}


def plan(rule: Mapping[str, Any] = PERCENT, **changes: Any) -> PromotionPlan:
    """Return a complete plan."""
    given: dict[str, Any] = {
        "title": "Winter sale",
        "aim": "Clear the winter stock",
        "rule": rule,
        "stock_note": "300 pieces at hand",
        "risk": "Returns after the festival",
        "starts_at": START,
        "ends_at": END,
        **({} if "materials" in changes else {"no_material": "Only the price moves"}),
        **changes,
    }
    return PromotionPlan(**given)


def draft(
    shop: Shop, rule: Mapping[str, Any] = PERCENT, *, by: User | None = None, **changes: Any
) -> PromotionInfo:
    """Draft it as the specialist, or as somebody else."""
    return promotions.draft(
        channel_id=shop.channel_id,
        plan=plan(rule, **changes),
        actor=actor(by or shop.specialist),
        at=AT,
    )


def submitted(
    shop: Shop, rule: Mapping[str, Any] = PERCENT, *, by: User | None = None, **changes: Any
) -> PromotionInfo:
    """Draft it and hand it in."""
    made = draft(shop, rule, by=by, **changes)
    return promotions.submit(promotion_id=made.id, actor=actor(by or shop.specialist), at=AT)


def approve(shop: Shop, made: PromotionInfo, *users: User, at: datetime = AT) -> PromotionInfo:
    """Approve it as the users in turn (the supervisor unless told)."""
    request = Request.objects.get(pk=Promotion.objects.get(pk=made.id).approval_id or 0)
    for user in users or (shop.supervisor,):
        approvals.approve(
            request_id=request.pk,
            content_hash=request.content_hash,
            actor=actor(user, at=at),
            at=at,
        )
    return made


def approved(shop: Shop, rule: Mapping[str, Any] = PERCENT, **changes: Any) -> PromotionInfo:
    """Draft, hand in, approve."""
    return approve(shop, submitted(shop, rule, **changes))


def running(shop: Shop, rule: Mapping[str, Any] = PERCENT, **changes: Any) -> PromotionInfo:
    """Approve it and let it start."""
    made = approved(shop, rule, **changes)
    promotions.run_clock(actor=SYSTEM, at=made.starts_at)
    return made


def state(made: PromotionInfo) -> str:
    """Return the state in the database."""
    return Promotion.objects.get(pk=made.id).state


def wish(made: PromotionInfo, order: int, *, amount: str = "10.00", **changes: Any) -> UseWanted:
    """Return one use by an order."""
    given: dict[str, Any] = {
        "source": ("customers.order", order),
        "promotion_id": made.id,
        "times": 1,
        "pieces": 1,
        "amount": Decimal(amount),
        **changes,
    }
    return UseWanted(**given)
