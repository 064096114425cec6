"""The house with promotions: people who write and decide them, orders while they run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from catalog.models import Coupon, PromotionCounter, PromotionUse
from catalog.selectors import live_promotions
from catalog.services import coupons
from catalog.types.promotions import PromotionInfo
from customers.models import Order, OrderDiscount
from customers.services import orders
from customers.types import BuyerDraft, Outcome
from inventory.models import Shipment
from inventory.services import shipments
from ops.engines.events import delivery
from ops.engines.identity.choices import Role
from tests.catalog import promos
from tests.catalog.promos import DURING
from tests.catalog.shop import Shop, actor
from tests.customers.house import AT, SYSTEM, House, house
from tests.engines.identity.factories import account

CAPS: dict[str, Any] = {"budget": "5000.00"}
SAVE: dict[str, Any] = {
    "type": "spend_and_save",
    "steps": [{"amount": "300", "save": "40"}],
    "caps": CAPS,
}
TEN: dict[str, Any] = {"type": "percentage", "value": "10", "caps": CAPS}


@dataclass
class Fair:
    """A house, the people of its promotions, and orders placed while they run."""

    house: House
    shop: Shop

    def running(self, rule: Mapping[str, Any] = SAVE, **changes: Any) -> PromotionInfo:
        """Approve a promotion and let it start."""
        return promos.running(self.shop, rule, **changes)

    def coupon(self, made: PromotionInfo) -> str:
        """Make one coupon and return its code."""
        who = actor(self.shop.specialist)
        coupons.make_batch(promotion_id=made.id, count=1, actor=who, at=AT)
        return Coupon.objects.filter(promotion_id=made.id).latest("pk").code

    def place(self, number: str, *lines: tuple[Any, ...], buyer: str = "", **more: Any) -> Outcome:
        """Place one paid order while the promotions run."""
        who = BuyerDraft(code=buyer) if buyer else None
        return self.house.place(number, *lines, buyer=who, at=DURING, **more)

    def cancel(self, outcome: Outcome) -> Order:
        """Cancel an order."""
        return self.call_off(outcome.order_id)

    def call_off(self, order_id: int) -> Order:
        """Cancel an order by its id."""
        return orders.cancel(order_id=order_id, reason="changed my mind", actor=SYSTEM, at=DURING)


def send_off(outcome: Outcome) -> Order:
    """Take a placed order to shipped."""
    return shipped_of(outcome.order_id, at=DURING)


def shipped_of(order_id: int, *, at: datetime) -> Order:
    """Take an order to shipped at a moment."""
    delivery.drain(at=at)
    parcel = Shipment.objects.get(source_id=order_id)
    shipments.pick(shipment_id=parcel.pk, actor=SYSTEM, at=at)
    shipments.pack(shipment_id=parcel.pk, carrier="顺丰", actor=SYSTEM, at=at)
    shipments.ship(shipment_id=parcel.pk, actor=SYSTEM, at=at)
    delivery.drain(at=at)
    return Order.objects.get(pk=order_id)


def fair(*, stock: int = 100) -> Fair:
    """Open the house and hire the people; this process holds no rules of an earlier one."""
    live_promotions.forget()
    made = house(stock=stock)
    shop = Shop(
        channel_id=made.channel_id,
        category_id=0,
        sku_ids=list(made.skus.values()),
        specialist=made.worker("specialist", Role.OPERATIONS_SPECIALIST),
        supervisor=account("supervisor", Role.OPERATIONS_SUPERVISOR),
        manager=account("manager", Role.OPERATIONS_MANAGER),
        director=account("director", Role.OPERATIONS_DIRECTOR),
    )
    return Fair(made, shop)


def taken(made: PromotionInfo) -> tuple[int, Decimal]:
    """Return uses and amount of a promotion as its counter has them."""
    counter = PromotionCounter.objects.get(promotion_id=made.id)
    return counter.uses, counter.amount


def offs(order_id: int) -> list[tuple[int, int, Decimal]]:
    """Return line, promotion and amount of each discount of an order."""
    rows = OrderDiscount.objects.filter(order_id=order_id)
    return list(rows.values_list("line_no", "promotion_id", "amount"))


def uses(made: PromotionInfo) -> list[int]:
    """Return the orders that use a promotion and were not taken back."""
    rows = PromotionUse.objects.filter(promotion_id=made.id, reverses=None, reversal=None)
    return list(rows.order_by("source_id").values_list("source_id", flat=True))
