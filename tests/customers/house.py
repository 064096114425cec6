"""A small shop for the order book: a channel served by a warehouse, goods with prices and stock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.test.utils import CaptureQueriesContext

from catalog.services import channels, loading, opening
from catalog.types.goods import ProductRow
from catalog.types.prices import OpeningPrice
from customers.models import Order
from customers.services import placing, routes
from customers.types import BuyerDraft, LineDraft, OrderDraft, Outcome
from inventory.choices import MoveReason
from inventory.models import Stock
from inventory.selectors import places as where
from inventory.services import moves, places
from inventory.types import MoveDraft, Source
from ops.engines.identity import selectors as identity
from ops.engines.identity import services as identity_services
from ops.engines.identity.models import User
from ops.engines.kernel.actor import Actor
from ops.engines.periods import services as periods
from tests.engines.identity.factories import account

AT = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
SYSTEM = Actor.system("tests")
IMPORTER = Actor.importer("tests")
CODES = ("A-1", "B-2", "C-3")
PRICES = dict(zip(CODES, ("199.00", "59.00", "10.50"), strict=True))
BUYER = BuyerDraft(
    code="buyer-1", name="李小龙", phone="13812342231", address="浙江省杭州市西湖区文三路 1 号"
)


@dataclass
class House:
    """One channel, its warehouse and three SKUs."""

    channel_id: int
    code: str
    warehouse_id: int
    bin_id: int
    skus: dict[str, int]

    def receive(self, code: str, quantity: int) -> None:
        """Put goods on the shelf."""
        virtual = where.virtual_places()
        moves.post(
            [
                MoveDraft(
                    sku_id=self.skus[code],
                    from_location_id=virtual.supplier,
                    to_location_id=self.bin_id,
                    quantity=quantity,
                    reason=MoveReason.RECEIPT,
                    source=Source(type="tests.receipt", id=1),
                    effect_key=f"receipt:{self.code}:{code}:{quantity}",
                    unit_cost=Decimal("5.00"),
                )
            ],
            actor=SYSTEM,
            at=AT,
            business_day=AT.date(),
        )

    def place(self, number: str, *lines: tuple[Any, ...], **more: Any) -> Outcome:
        """Place one paid order."""
        options: dict[str, Any] = {"actor": SYSTEM, "at": AT}
        options |= {key: more.pop(key) for key in ("actor", "at", "on_short") if key in more}
        return placing.place_order(
            draft(number, *lines, **more),
            channel=self.code,
            **options,
        )

    def free(self, code: str) -> int:
        """Return how many pieces are free."""
        stock = Stock.objects.get(sku_id=self.skus[code], warehouse_id=self.warehouse_id)
        return stock.on_hand - stock.reserved

    def worker(self, name: str, role: str) -> User:
        """Return an account confined to this channel."""
        user = account(name, role)
        identity_services.grant_scope(
            user_id=user.pk, kind="channel", object_id=self.channel_id, actor=SYSTEM, at=AT
        )
        return user


def actor(user: User) -> Actor:
    """Return who the account is."""
    return identity.actor_for(User.objects.select_related("person").get(pk=user.pk), at=AT)


def draft(number: str, *lines: tuple[Any, ...], **more: Any) -> OrderDraft:
    """Return a paid order of code and quantity pairs; a third member is the channel's price."""
    values = {
        "external_no": number,
        "placed_at": AT - timedelta(minutes=10),
        "paid_at": AT - timedelta(minutes=9),
        "lines": tuple(
            LineDraft(
                code=line[0],
                quantity=line[1],
                unit_price=Decimal(line[2]) if len(line) > 2 else None,
            )
            for line in lines
        ),
    }
    return OrderDraft(**(values | more))  # type: ignore[arg-type]


def house(code: str = "tmall", *, stock: int = 100) -> House:
    """Make a channel and warehouse; the SKUs are shared by all houses."""
    channel = channels.create_channel(
        code=code, name=f"{code} 旗舰店", platform="tmall", actor=SYSTEM, at=AT
    )
    loaded = loading.load_products(
        rows=[ProductRow(code=one, name=f"商品 {one}", category=("百货",)) for one in CODES],
        source=f"tests {code}",
        actor=SYSTEM,
        at=AT,
    )
    opening.open_prices(
        channel_id=channel.id,
        prices=[
            OpeningPrice(
                sku_id=loaded.sku_ids[one],
                price=Decimal(PRICES[one]),
                since=datetime(2026, 1, 1, tzinfo=UTC),
            )
            for one in CODES
        ],
        source="tests",
        actor=IMPORTER,
        at=AT,
    )
    periods.ensure_month(module="stock", day=AT.date(), actor=SYSTEM, at=AT)
    warehouse = places.create_warehouse(code=f"WH-{code}", name="一号仓", actor=SYSTEM, at=AT)
    routes.set_route(channel_id=channel.id, warehouse_id=warehouse.id, actor=SYSTEM, at=AT)
    made = House(channel.id, code, warehouse.id, warehouse.bin_id, dict(loaded.sku_ids))
    for one in CODES if stock else ():
        made.receive(one, stock)
    return made


def order(outcome: Outcome) -> Order:
    """Return the order of an outcome as it stands."""
    return Order.objects.get(pk=outcome.order_id)


def statements(captured: CaptureQueriesContext) -> list[str]:
    """Return the statements that do something, without those that only frame a transaction."""
    frames = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
    return [q["sql"] for q in captured if not q["sql"].startswith(frames)]
