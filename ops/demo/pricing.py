"""Price changes in every stage, and two attempts that must not succeed."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from catalog.models import PriceChange
from catalog.selectors import prices
from catalog.services import pricing
from catalog.types.prices import PriceChangeInfo, PriceLine
from ops.demo.company import Shop
from ops.demo.scene import Scene
from ops.engines.kernel.errors import OpsError


def change_prices(scene: Scene) -> None:
    """Draft price changes as the specialist; some wait, one is scheduled, two are planted."""
    tmall, jd = scene.company.shop("tmall"), scene.company.shop("jd")
    _draft(scene, tmall, "冬季清仓前的试算", range(4), "0.95")
    _submit(scene, _draft(scene, tmall, "跟进同款竞品降价", range(10, 16), "0.94"))
    outside = _submit(scene, _draft(scene, jd, "年末会员日让利", range(20, 24), "0.82"))
    scene.approve(outside, "supervisor")
    scheduled = _submit(scene, _draft(scene, tmall, "周末限时优惠", range(30, 35), "0.93"))
    scene.approve(scheduled, "supervisor")
    _below_floor(scene, jd)
    _own_request(scene, tmall)


def _draft(
    scene: Scene,
    shop: Shop,
    reason: str,
    ranks: range,
    factor: str,
    *,
    username: str = "specialist",
) -> PriceChangeInfo:
    starts = scene.plan.at + dt.timedelta(days=1)
    sku_ids = [scene.items[rank].sku_id for rank in ranks]
    now = prices.price_at(sku_ids=sku_ids, channel_id=shop.id, at=scene.plan.at)
    lines = []
    for sku_id in sku_ids:
        price = (now[sku_id] * Decimal(factor)).quantize(Decimal("0.01"))
        lines.append(PriceLine(sku_id=sku_id, price=price, rival=price + Decimal("1.00")))
    return pricing.draft_price_change(
        channel_id=shop.id,
        reason=reason,
        starts_at=starts,
        ends_at=starts + dt.timedelta(days=7),
        lines=lines,
        actor=scene.actor(username),
        at=scene.plan.at,
    )


def _submit(scene: Scene, change: PriceChangeInfo, username: str = "specialist") -> int | None:
    submitted = pricing.submit_price_change(
        change_id=change.id, actor=scene.actor(username), at=scene.plan.at
    )
    return submitted.approval_id


def _below_floor(scene: Scene, shop: Shop) -> None:
    """Ask for a price under cost: the request shows it and climbs to the director."""
    change = _draft(scene, shop, "冲量：击穿竞品底价", range(40, 42), "0.30")
    _submit(scene, change)
    scene.planted.add(
        "price_below_floor",
        change.number,
        "needs supervisor, operations manager and operations director; every line is marked",
    )


def _own_request(scene: Scene, shop: Shop) -> None:
    """Let one person ask under one account and try to approve under the other."""
    change = _draft(scene, shop, "自审尝试", range(50, 52), "0.95", username="supervisor2_b")
    request_id = _submit(scene, change, "supervisor2_b")
    try:
        scene.approve(request_id, "supervisor2")
    except OpsError as refusal:
        state = PriceChange.objects.get(pk=change.id).state
        scene.planted.add(
            "self_approval",
            change.number,
            "refused: one person with two accounts is one person",
            f"{refusal.code}; the change stays {state}",
        )
