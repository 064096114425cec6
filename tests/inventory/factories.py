"""A small warehouse made through the services, and short ways to move goods in it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal

from catalog.models import Category, Product, Sku
from inventory.choices import MoveReason
from inventory.models import Stock
from inventory.selectors import places as where
from inventory.services import moves, places, reservations, shipments
from inventory.types import (
    MoveDraft,
    Posting,
    ReturnInfo,
    ShipmentInfo,
    ShipmentWant,
    Source,
    VirtualPlaces,
    Want,
    WarehouseInfo,
)
from ops.engines.kernel.actor import Actor
from ops.engines.periods import services as periods

AT = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)
SYSTEM = Actor.system("tests")
ORDER = "customers.order"

__all__ = ["AT", "ORDER", "SYSTEM", "TODAY", "ReturnInfo", "Shop", "shop"]


@dataclass
class Shop:
    """One warehouse, some SKUs, the virtual places, and a counter for effect keys."""

    warehouse: WarehouseInfo
    skus: list[int]
    virtual: VirtualPlaces
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def key(self) -> str:
        """Return an effect key nobody used."""
        return f"test:{next(self.numbers)}"

    def draft(
        self, sku_id: int, quantity: int, origin: int, target: int, **more: object
    ) -> MoveDraft:
        """Return a draft between two places."""
        values = {
            "sku_id": sku_id,
            "quantity": quantity,
            "from_location_id": origin,
            "to_location_id": target,
            "reason": MoveReason.RELOCATION,
            "source": Source(type="tests.document", id=1),
            "effect_key": self.key(),
        } | more
        return MoveDraft(**values)  # type: ignore[arg-type]

    def post(self, *drafts: MoveDraft, day: date = TODAY) -> Posting:
        """Post drafts as the system."""
        return moves.post(drafts, actor=SYSTEM, at=AT, business_day=day)

    def receive(
        self, sku_id: int, quantity: int, cost: str | None = "2.50", **more: object
    ) -> Posting:
        """Receive goods into the default bin."""
        return self.post(
            self.draft(
                sku_id,
                quantity,
                self.virtual.supplier,
                self.warehouse.bin_id,
                unit_cost=None if cost is None else Decimal(cost),
                **{"reason": MoveReason.RECEIPT} | more,
            )
        )

    def lose(self, sku_id: int, quantity: int, origin: int | None = None) -> Posting:
        """Write goods off."""
        return self.post(
            self.draft(
                sku_id,
                quantity,
                origin or self.warehouse.bin_id,
                self.virtual.gain_loss,
                reason=MoveReason.WRITE_OFF,
            )
        )

    def reserve(self, order: int, *wants: tuple[int, int]) -> list[int]:
        """Hold (SKU, quantity) pairs for an order and return the reservations."""
        held = reservations.reserve(
            source=Source(type=ORDER, id=order),
            wants=[
                Want(line=line, sku_id=sku, warehouse_id=self.warehouse.id, quantity=quantity)
                for line, (sku, quantity) in enumerate(wants, start=1)
            ],
            actor=SYSTEM,
            at=AT,
        )
        return [one.reservation_id for one in held]

    def open(self, order: int, *wants: tuple[int, int]) -> ShipmentInfo:
        """Open a shipment for an order's lines."""
        return shipments.open_for(
            source=Source(type=ORDER, id=order),
            warehouse_id=self.warehouse.id,
            lines=[
                ShipmentWant(source_line=line, sku_id=sku, quantity=quantity)
                for line, (sku, quantity) in enumerate(wants, start=1)
            ],
            actor=SYSTEM,
            at=AT,
        )

    def packed(self, order: int, *wants: tuple[int, int]) -> ShipmentInfo:
        """Hold, open, pick and pack an order."""
        self.reserve(order, *wants)
        made = self.open(order, *wants)
        shipments.pick(shipment_id=made.id, actor=SYSTEM, at=AT)
        return shipments.pack(
            shipment_id=made.id, carrier="SF", tracking_no=f"SF{order}", actor=SYSTEM, at=AT
        )

    def ship(self, order: int, *wants: tuple[int, int]) -> ShipmentInfo:
        """Take an order from nothing to shipped."""
        made = self.packed(order, *wants)
        return shipments.ship(shipment_id=made.id, actor=SYSTEM, at=AT)

    def stock(self, sku_id: int, warehouse_id: int | None = None) -> Stock:
        """Return the counter of a SKU."""
        return Stock.objects.get(sku_id=sku_id, warehouse_id=warehouse_id or self.warehouse.id)


def make_skus(count: int, prefix: str = "S") -> list[int]:
    """Make goods."""
    category, _new = Category.objects.get_or_create(
        code="goods", defaults={"name": "百货", "path": "goods"}
    )
    product, _new = Product.objects.get_or_create(
        code=f"{prefix}-product", defaults={"name": "杯子", "category": category}
    )
    made = Sku.objects.bulk_create(
        Sku(
            code=f"{prefix}{n}",
            code_key=f"{prefix}{n}".casefold(),
            product=product,
            name=f"杯子 {n}",
        )
        for n in range(count)
    )
    return [sku.pk for sku in made]


def shop(*, skus: int = 3) -> Shop:
    """Make a warehouse with goods to sell and the month open."""
    periods.ensure_month(module="stock", day=TODAY, actor=SYSTEM, at=AT)
    warehouse = places.create_warehouse(code="WH1", name="一号仓", actor=SYSTEM, at=AT)
    return Shop(warehouse, make_skus(skus), where.virtual_places())
