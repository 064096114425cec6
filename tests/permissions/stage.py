"""A small shop of its own inside the demo company, and people confined to it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone

from catalog.models import Sku
from catalog.services import channels
from customers.services import placing
from customers.types import BuyerDraft, LineDraft, OrderDraft
from inventory.services import places
from ops.engines.events import delivery
from ops.engines.identity import services as identity
from ops.engines.kernel.actor import Actor
from tests.badinput.ground import Ground
from tests.engines.identity.factories import account

FOUNDER = Actor.system("tests.permissions")
API = "/api/v1"


@dataclass(frozen=True)
class Corner:
    """A channel and a warehouse that nobody else has anything to do with."""

    channel_id: int
    channel: str
    warehouse_id: int
    warehouse: str


def corner(ground: Ground) -> Corner:
    """Open the shop, with an order and a purchase of its own."""
    at = timezone.now()
    channel = channels.create_channel(code="OURS", name="自家小店", actor=FOUNDER, at=at)
    warehouse = places.create_warehouse(code="OURS", name="自家小库", actor=FOUNDER, at=at)
    place_order("OURS", number="OURS-1", buyer=BuyerDraft(code="ours-buyer"))
    sku = Sku.objects.order_by("pk").values_list("code", flat=True)[0]
    line = {"sku": sku, "quantity": 5, "unit_cost": "3.00", "reason": "补货"}
    body = {"supplier": "S001", "warehouse": "OURS", "lines": [line]}
    made = ground.api("buyer_officer").post(f"{API}/purchase-orders/", body, format="json")
    assert made.status_code == 201, made.content
    delivery.drain(at=at)
    return Corner(channel.id, "OURS", warehouse.id, "OURS")


def newcomer(ground: Ground, name: str, role: str, where: Corner) -> None:
    """Let somebody without a past work in the corner, and there alone."""
    at = timezone.now()
    user = account(name, role)
    for kind, pk in (("channel", where.channel_id), ("warehouse", where.warehouse_id)):
        identity.grant_scope(user_id=user.pk, kind=kind, object_id=pk, actor=FOUNDER, at=at)
    made = identity.create_api_token(
        user_id=user.pk, label="tests", lifetime=dt.timedelta(days=1), actor=FOUNDER, at=at
    )
    ground.tokens = {**ground.tokens, name: made.token}
    ground.__dict__.pop("actors", None)


def place_order(
    channel: str,
    *,
    number: str,
    buyer: BuyerDraft | None = None,
    sku: str = "",
    price: str = "20.00",
) -> None:
    """Hand an order in as its channel does."""
    at = timezone.now()
    code = sku or Sku.objects.order_by("pk").values_list("code", flat=True)[0]
    draft = OrderDraft(
        external_no=number,
        placed_at=at - dt.timedelta(minutes=5),
        paid_at=at - dt.timedelta(minutes=4),
        buyer=buyer,
        lines=(LineDraft(code=code, quantity=1, unit_price=Decimal(price)),),
    )
    placing.place_orders([draft], channel=channel, actor=FOUNDER, at=at)
