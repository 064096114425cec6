"""The last two days: orders that wait, are held, packed and shipped."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from random import Random
from typing import Final

from customers.choices import TierSource
from customers.models import Order
from customers.services import placing, tiers
from customers.types import LineDraft, OrderDraft, Outcome, TierWish
from inventory.choices import ShipmentState
from inventory.models import Shipment
from inventory.services import shipments
from inventory.types import Label
from ops.demo import buyers, names
from ops.demo.company import Shop
from ops.demo.plan import SYSTEM
from ops.demo.promoting import MEMBERS
from ops.demo.scene import Scene
from ops.engines.events import delivery
from ops.engines.kernel.actor import Actor

_FEWEST: Final = 120  # enough for a desk with something in every tab
_HOURS: Final = 30
_CHANNEL_PULL: Final = Actor.system("channel.pull")
_FAR_TOO_MANY: Final = 5_000
_FEE: Final = Decimal("8.00")  # every third order pays for shipping
_KEEPERS: Final = (("HZ", "keeper"), ("SH", "keeper"), ("GZ", "keeper2"))
# Of the parcels of a warehouse: shipped, packed and picked; the rest waits.
_SHIPPED, _PACKED, _PICKED = 0.5, 0.65, 0.8


def trade_on(scene: Scene) -> dict[str, int]:
    """Place the orders of the last hours and let the keepers work; return orders by state."""
    for shop in scene.company.shops:
        placed = _place(scene, shop)
        _note_cheap(scene, placed)
    delivery.drain(at=scene.plan.at)
    for code, keeper in _KEEPERS:
        _work_off(scene, code, keeper)
    delivery.drain(at=scene.plan.at)
    states: dict[str, int] = {}
    for state in Order.objects.filter(batch_id=None).values_list("state", flat=True):
        states[state] = states.get(state, 0) + 1
    return states


def _place(scene: Scene, shop: Shop) -> list[Outcome]:
    draws = scene.plan.draws(f"live:{shop.code}")
    usual = scene.plan.orders / scene.plan.days * _HOURS / 24
    count = round(max(_FEWEST, usual) * shop.share)
    drafts = [_draft(scene, shop, number, draws) for number in range(count)]
    if shop.code == "tmall":
        _enrol(scene, shop, drafts)
    return placing.place_orders(
        sorted(drafts, key=lambda one: one.placed_at),
        channel=shop.code,
        actor=_CHANNEL_PULL,
        at=scene.plan.at,
    )


def _enrol(scene: Scene, shop: Shop, drafts: Sequence[OrderDraft]) -> None:
    """Let every sixth of these buyers be a member since a month."""
    tiers.set_tiers(
        [
            TierWish(
                buyer=draft.buyer_code,
                tier=MEMBERS,
                reason="近一年实付满 2,000 元",
                since=scene.plan.at - dt.timedelta(days=30),
            )
            for draft in drafts[::6]
        ],
        channel_id=shop.id,
        source=TierSource.COMPUTED,
        actor=SYSTEM,
        at=scene.plan.at,
    )


def _draft(scene: Scene, shop: Shop, number: int, draws: Random) -> OrderDraft:
    """Return one order; a few are unpaid, without an address, too cheap, or far too large."""
    at = scene.plan.at
    placed = at - dt.timedelta(minutes=draws.randrange(15, _HOURS * 60))
    buyer, region = buyers.draft(draws, f"live{shop.digit}{number:05d}")
    lines = _lines(scene, draws)
    odd = draws.random()
    paid: dt.datetime | None = placed + dt.timedelta(seconds=draws.randrange(5, 600))
    if odd < 0.06:
        paid = None
    elif odd < 0.09:
        buyer = type(buyer)(code=buyer.code, name=buyer.name, phone=buyer.phone)
    elif odd < 0.12:
        cheap = (scene.items[number].price * Decimal("0.35")).quantize(Decimal("0.01"))
        lines = (LineDraft(code=scene.items[number].code, quantity=1, unit_price=cheap),)
    elif odd < 0.14:
        lines = (LineDraft(code=lines[0].code, quantity=_FAR_TOO_MANY),)
    return OrderDraft(
        external_no=f"{placed:%Y%m%d}{shop.digit}8{number:08d}",
        placed_at=placed,
        paid_at=paid,
        lines=lines,
        buyer=buyer,
        country=region,
        shipping=_FEE if number % 3 == 0 else Decimal(0),
    )


def _lines(scene: Scene, draws: Random) -> tuple[LineDraft, ...]:
    best = max(20, len(scene.items) // 5)
    chosen = draws.sample(scene.items[:best], draws.choice((1, 1, 1, 2, 2, 3)))
    return tuple(LineDraft(code=item.code, quantity=draws.choice((1, 1, 1, 2))) for item in chosen)


def _note_cheap(scene: Scene, placed: Sequence[Outcome]) -> None:
    for outcome in placed:
        for complaint in outcome.complaints:
            if complaint.code == "customers.below_price":
                scene.planted.add(
                    "order_below_price",
                    outcome.number,
                    "held until a supervisor confirms it",
                    complaint.detail,
                )


def _work_off(scene: Scene, code: str, keeper: str) -> None:
    actor, at = scene.actor(keeper), scene.plan.at
    waiting = Shipment.objects.filter(
        warehouse_id=scene.company.warehouses[code].id, state=ShipmentState.OPEN
    )
    ids = list(waiting.order_by("pk").values_list("pk", flat=True))
    picked = ids[: round(len(ids) * _PICKED)]
    packed = picked[: round(len(ids) * _PACKED)]
    shipped = packed[: round(len(ids) * _SHIPPED)]
    if not shipped:
        return
    shipments.pick_many(shipment_ids=picked, actor=actor, at=at)
    labels = {
        pk: Label(carrier=names.CARRIERS[pk % len(names.CARRIERS)], tracking_no=f"DEMO{pk:010d}")
        for pk in packed
    }
    shipments.pack_many(labels=labels, actor=actor, at=at)
    shipments.ship_many(shipment_ids=shipped, actor=actor, at=at)
