"""Promotions in every stage: over and measured, running, waiting for a decision, drafted (4.4)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

from catalog.services import coupons, impact, promotion_course, promotions
from catalog.types.promotions import PromotionInfo, PromotionPlan
from ops.demo import producing
from ops.demo.company import Shop
from ops.demo.goods import Item
from ops.demo.plan import SYSTEM
from ops.demo.scene import Scene
from ops.engines.approvals import services as approvals
from ops.engines.approvals.models import Request

# The tier of customers that a promotion of the demo names.
MEMBERS: Final = "gold"


def promote(scene: Scene) -> int:
    """Let promotions run their course as the people of their channels; return how many."""
    tmall, jd = scene.company.shop("tmall"), scene.company.shop("jd")
    made = [_over(scene, tmall), *_running(scene, tmall)]
    waiting = _draft(
        scene,
        jd,
        "年末第二件半价",
        {"type": "nth_item", "n": 2, "percent": "50", "goods": _goods(scene, range(66, 76))},
        budget="3000",
        days=(2, 9),
    )
    promotions.submit(promotion_id=waiting.id, actor=scene.actor("specialist"), at=scene.plan.at)
    flash = _draft(
        scene,
        tmall,
        "周五晚间限时抢购",
        {
            "type": "flash_sale",
            "percent": "15",
            "goods": _goods(scene, range(90, 96)),
            "caps": {"pieces": 200, "pieces_per_buyer": 2},
        },
        budget="5000",
        days=(1, 2),
    )
    coming = _draft(
        scene,
        tmall,
        "周末两件 95 折",
        {"type": "nth_item", "n": 2, "percent": "10", "goods": _goods(scene, range(90, 96))},
        budget="1000",
        days=(2, 4),
        materials=("images", "copy"),
    )
    _approve(scene, coming, at=scene.plan.at)
    return len([*made, waiting, flash, coming]) + producing.produce(scene)


def _over(scene: Scene, shop: Shop) -> PromotionInfo:
    """Let a promotion end last week, with what came of it beside what was expected."""
    at = scene.plan.at
    past = _draft(
        scene,
        shop,
        "双11 返场满减",
        {
            "type": "spend_and_save",
            "steps": [{"amount": "200", "save": "10"}, {"amount": "400", "save": "25"}],
            "goods": _goods(scene, range(54, 66)),
        },
        budget="2000",
        days=(-14, -7),
    )
    _approve(scene, past, at=at - dt.timedelta(days=15))
    promotion_course.run_clock(actor=SYSTEM, at=at - dt.timedelta(days=14))
    promotion_course.run_clock(actor=SYSTEM, at=at - dt.timedelta(days=7))
    impact.measure_outcomes(actor=SYSTEM, at=at - dt.timedelta(days=6))
    return promotion_course.review(
        promotion_id=past.id,
        outcome="按期结束，未见明显增量；下次换品类再试。",
        actor=scene.actor("specialist"),
        at=at - dt.timedelta(days=6),
    )


def _running(scene: Scene, shop: Shop) -> list[PromotionInfo]:
    at = scene.plan.at
    steps = _draft(
        scene,
        shop,
        "暖冬满减",
        {
            "type": "spend_and_save",
            "steps": [{"amount": "150", "save": "8"}, {"amount": "300", "save": "20"}],
            "goods": _goods(scene, range(12)),
        },
        budget="3000",
        days=(0, 10),
    )
    _approve(scene, steps, at=at)
    members = _draft(
        scene,
        shop,
        "老客专享券",
        {
            "type": "percentage",
            "value": "8",
            "coupon": True,
            "goods": _goods(scene, range(76, 90)),
            "caps": {"buyer_uses": 1},
        },
        budget="1000",
        days=(0, 30),
        coupon_mode="batch",
    )
    _approve(scene, members, at=at)
    given, *bought = _roomy(scene, range(12))
    gift = _draft(
        scene,
        shop,
        "满 200 送赠品",
        {
            "type": "gift",
            "gifts": [{"sku_id": given.sku_id, "quantity": 1, "value": str(given.price)}],
            "condition": {
                "goods": {"skus": sorted(item.sku_id for item in bought)},
                "amount": "200",
            },
        },
        budget="5000",
        days=(0, 10),
        gift_stock=60,
    )
    _approve(scene, gift, at=at)
    free = _draft(
        scene,
        shop,
        "金卡会员满 99 包邮",
        {"type": "free_shipping", "condition": {"amount": "99", "tiers": [MEMBERS]}},
        budget="2000",
        days=(0, 30),
    )
    _approve(scene, free, at=at)
    coupons.make_batch(promotion_id=members.id, count=500, actor=scene.actor("specialist"), at=at)
    promotion_course.run_clock(actor=SYSTEM, at=at)
    return [steps, members, gift, free]


def _approve(scene: Scene, promotion: PromotionInfo, *, at: dt.datetime) -> None:
    handed_in = promotions.submit(
        promotion_id=promotion.id, actor=scene.staff.actor("specialist", at=at), at=at
    )
    request = Request.objects.get(pk=handed_in.approval_id or 0)
    approvals.approve(
        request_id=request.pk,
        content_hash=request.content_hash,
        actor=scene.staff.actor("supervisor", at=at),
        at=at,
        opinion="同意",
    )


def _draft(
    scene: Scene,
    shop: Shop,
    title: str,
    rule: Mapping[str, Any],
    *,
    budget: str,
    days: tuple[int, int],
    coupon_mode: str = "none",
    gift_stock: int | None = None,
    materials: Sequence[str] = (),
) -> PromotionInfo:
    since, until = (scene.plan.at + dt.timedelta(days=day) for day in days)
    at = min(since - dt.timedelta(days=1), scene.plan.at) if days[0] < 0 else scene.plan.at
    return promotions.draft(
        channel_id=shop.id,
        plan=PromotionPlan(
            title=title,
            aim="带动滞销款，毛利不低于类目下限",
            rule={**rule, "caps": {"budget": budget, **rule.get("caps", {})}},
            stock_note="现货可供活动期销量两倍",
            risk="让利集中在已有老客，新客不足时提前结束",
            starts_at=since,
            ends_at=until,
            coupon_mode=coupon_mode,
            gift_stock=gift_stock,
            materials=materials,
            no_material="" if materials else "沿用店铺常用页面与图片，无需新做",
        ),
        actor=scene.staff.actor("specialist", at=at),
        at=at,
    )


def _goods(scene: Scene, ranks: range) -> dict[str, list[int]]:
    return {"skus": [item.sku_id for item in _roomy(scene, ranks)]}


def _roomy(scene: Scene, ranks: range) -> list[Item]:
    """Return those of the goods that can bear a promotion, the cheapest first.

    Half of the price stays above cost, so that nothing which meets can pass the floor.
    """
    chosen = [scene.items[rank] for rank in ranks]
    roomy = [item for item in chosen if item.cost * 2 < item.price]
    return sorted(roomy, key=lambda item: (item.price, item.sku_id))
