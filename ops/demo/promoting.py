"""Two promotions that run on the day of the demo: spend and save, and a gift."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from catalog.models import Promotion
from catalog.selectors import prices
from catalog.services import promotions
from catalog.types.promotions import PromotionPlan
from ops.demo.company import Shop
from ops.demo.scene import Scene
from ops.engines.kernel.actor import Actor

_CLOCK: Final = Actor.system("demo")
_LOOKED_AT, _CHOSEN = 80, 12
# Far enough above the floor that nothing which meets can pass it.
_ROOM: Final = Decimal("0.8")
_CAPS: Final = {"budget": "20000.00"}


def run_promotions(scene: Scene) -> int:
    """Write, decide and start promotions of the first shop; return how many run."""
    shop = scene.company.shop("tmall")
    goods = _with_room(scene, shop)
    if len(goods) < 2:
        return 0
    given, *chosen = goods
    condition = {"goods": {"skus": sorted(chosen)}}
    save: dict[str, Any] = {
        "type": "spend_and_save",
        "steps": [{"amount": "100", "save": "5"}, {"amount": "300", "save": "18"}],
    }
    gift: dict[str, Any] = {
        "type": "gift",
        "gifts": [{"sku_id": given, "quantity": 1, "value": str(goods[given])}],
    }
    _start(scene, shop, "双 12 预热：满 100 减 5，满 300 减 18", save | {"condition": condition})
    gift["condition"] = condition | {"amount": "200"}
    _start(scene, shop, "双 12 预热：满 200 送赠品", gift, gift_stock=60)
    return promotions.run_clock(actor=_CLOCK, at=scene.plan.at).started


def _with_room(scene: Scene, shop: Shop) -> Mapping[int, Decimal]:
    """Return best sellers whose price lies well above their floor, with the price."""
    ids = [item.sku_id for item in scene.items[:_LOOKED_AT]]
    now = prices.price_at(sku_ids=ids, channel_id=shop.id, at=scene.plan.at)
    floors = prices.floors(sku_ids=ids, at=scene.plan.at)
    roomy = [sku for sku in ids if sku in now and now[sku] * _ROOM >= floors.get(sku, now[sku])]
    return {sku: now[sku] for sku in _cheapest_first(roomy[:_CHOSEN], now)}


def _cheapest_first(ids: Sequence[int], now: Mapping[int, Decimal]) -> list[int]:
    return sorted(ids, key=lambda sku: (now[sku], sku))


def _start(
    scene: Scene, shop: Shop, title: str, rule: Mapping[str, Any], *, gift_stock: int | None = None
) -> None:
    at, writer = scene.plan.at, scene.actor("specialist")
    plan = PromotionPlan(
        title=title,
        aim="为年末大促预热，带动连带购买",
        rule={**rule, "caps": _CAPS},
        stock_note="现货充足",
        risk="退货增加，客服提前排班",
        starts_at=at,
        ends_at=at + dt.timedelta(days=10),
        gift_stock=gift_stock,
    )
    made = promotions.draft(channel_id=shop.id, plan=plan, actor=writer, at=at)
    promotions.submit(promotion_id=made.id, actor=writer, at=at)
    scene.approve(Promotion.objects.get(pk=made.id).approval_id, "supervisor")
