"""Promotions in every state, left where somebody may act on them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from catalog.models import Channel, Promotion
from catalog.services import promotions
from ops.engines.kernel.actor import Actor
from tests.badinput.asking import ask

if TYPE_CHECKING:
    from tests.badinput.ground import Ground

SYSTEM = Actor.system("tests.badinput")


def prepare(ground: Ground) -> None:
    """Leave drafts, one that waits, one that runs, one that is paused, one that is over."""
    made = [_drafted(ground, number) for number in range(6)]
    for pk in made[2:]:
        ask(ground, "specialist", f"/promotions/{pk}/submit/")
    for pk in made[3:]:
        approval = Promotion.objects.select_related("approval").get(pk=pk).approval
        assert approval is not None
        seen = {"content_hash": approval.content_hash}
        ask(ground, "supervisor", f"/approvals/{approval.pk}/approve/", seen)
    ask(ground, "specialist", f"/promotions/{made[0]}/coupons/", {"count": 2})
    start = Promotion.objects.get(pk=made[3]).starts_at
    promotions.run_clock(actor=SYSTEM, at=start)
    ask(ground, "supervisor", f"/promotions/{made[4]}/pause/", {"reason": "核对"})
    ask(ground, "supervisor", f"/promotions/{made[5]}/end/", {"reason": "核对"})


def _drafted(ground: Ground, number: int) -> int:
    body = plan() | {"title": f"促销 {number}", "coupon_mode": "batch"}
    return int(ask(ground, "specialist", "/promotions/", body)["id"])


def plan() -> dict[str, Any]:
    """Return a plan the company takes."""
    start = timezone.now() + dt.timedelta(hours=1)
    return {
        "channel": Channel.objects.order_by("pk").values_list("code", flat=True)[0],
        "title": "满 300 减 40",
        "aim": "清冬季库存",
        "rule": {
            "type": "spend_and_save",
            "steps": [{"amount": "300.00", "save": "10.00"}],
            "caps": {"budget": "1000.00"},
        },
        "stock_note": "在库充足",
        "materials": [],
        "no_material": "只改价格",
        "risk": "退货",
        "starts_at": start.isoformat(),
        "ends_at": (start + dt.timedelta(days=9)).isoformat(),
    }
