"""A promotion the machine's buyers use: 40 off from 300 with a coupon, until its budget is gone."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from catalog.models import Coupon, PromotionCounter
from catalog.selectors import live_promotions
from catalog.services import coupons, promotions
from catalog.types.promotions import PromotionPlan
from tests.machine import world
from tests.support.company import SYSTEM, Company

LEAST, SAVED, BUDGET, COUPONS = Decimal(300), Decimal(40), Decimal(160), 6
_RULE = {
    "type": "spend_and_save",
    "steps": [{"amount": str(LEAST), "save": str(SAVED)}],
    "caps": {"budget": str(BUDGET)},
    "coupon": True,
}


def begin(company: Company) -> tuple[int, list[str]]:
    """Let the promotion run; return it and the codes of its coupons."""
    live_promotions.forget()
    writer, now = company.actor("specialist"), world.now()
    before = now - dt.timedelta(hours=2)
    plan = PromotionPlan(
        title="满 300 减 40", aim="清冬装", rule=_RULE, stock_note="库存充足", risk="退货",
        starts_at=now - dt.timedelta(hours=1), ends_at=now + dt.timedelta(days=3),
        coupon_mode="batch", no_material="只发券",
    )  # fmt: skip
    made = promotions.draft(channel_id=company.channel_id, plan=plan, actor=writer, at=before)
    promotions.submit(promotion_id=made.id, actor=writer, at=before)
    world.approve(company, ("catalog.promotion", made.id), "supervisor")
    promotions.run_clock(actor=SYSTEM, at=now)
    coupons.make_batch(promotion_id=made.id, count=COUPONS, actor=writer, at=now)
    codes = (
        Coupon.objects.filter(promotion_id=made.id).order_by("pk").values_list("code", flat=True)
    )
    return made.id, list(codes)


def used(promotion_id: int) -> tuple[Decimal, list[str]]:
    """Return what the promotion gave by its own counter, and which coupons are used up."""
    gave = PromotionCounter.objects.get(promotion_id=promotion_id).amount
    gone = Coupon.objects.filter(promotion_id=promotion_id, uses__gt=0).order_by("pk")
    return gave, list(gone.values_list("code", flat=True))
