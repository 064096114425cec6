"""A channel with four goods on sale, their sales and stock, and people who arrange its slots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from catalog import ports
from catalog.selectors import display_slots
from catalog.services import loading, opening
from catalog.types.display import FilledSlot
from catalog.types.goods import ProductRow
from catalog.types.prices import OpeningPrice
from ops.engines.identity.choices import Role
from ops.engines.revisions import services as revisions
from ops.engines.revisions.types import RevisionInfo
from tests.catalog.pages import House
from tests.catalog.shop import IMPORTER, LONG_AGO, Shop
from tests.engines.identity.factories import AT, SYSTEM

KIND = "catalog.display_plan"
NEXT = AT + timedelta(minutes=5)


def slot(key: str, place: int, **changes: Any) -> dict[str, Any]:
    """Return a slot that shows the channel's best sellers."""
    made: dict[str, Any] = {
        "key": key, "title": key.title(), "place": place, "size": "normal", "rule": "popularity",
        "category": "", "promotion": "", "pinned": "", "since": "", "until": "",
    }  # fmt: skip
    return made | changes


def plan(*slots: Mapping[str, Any]) -> dict[str, Any]:
    """Return a plan of slots."""
    return {"title": "秋季陈列", "window_days": 30, "slots": list(slots)}


@dataclass
class Window:
    """The channel, its four goods by code (A sells best, then B, C, D), what is sold and free."""

    shop: Shop
    house: House
    ids: dict[str, int]
    sold: dict[str, int] = field(default_factory=lambda: {"A": 40, "B": 30, "C": 20, "D": 10})
    free: dict[str, int] = field(default_factory=lambda: dict.fromkeys("ABCD", 5))

    @property
    def page_id(self) -> int:
        """Return the home page."""
        return self.house.page_id("home")

    def live(self, *slots: Mapping[str, Any]) -> None:
        """Take a plan of these slots over as live."""
        revisions.open_as_history(
            kind=KIND, contents={self.page_id: plan(*slots)}, why="上线前", actor=IMPORTER, at=AT
        )

    def published(self, *slots: Mapping[str, Any], at: datetime = AT) -> RevisionInfo:
        """Let a plan of these slots be written, looked at and decided."""
        for role in (Role.WEB_EDITING_SUPERVISOR, Role.OPERATIONS_SUPERVISOR):
            self.house.actor(role)
        return self.house.published(KIND, self.page_id, plan(*slots), at=at)

    def now(self, at: datetime = NEXT) -> dict[str, FilledSlot]:
        """Return what the slots show."""
        found = display_slots.shown(page_id=self.page_id, at=at)
        return {each.key: each for each in found.slots} if found else {}

    def codes(self, at: datetime = NEXT) -> dict[str, str]:
        """Return the code of the good in each slot."""
        return {key: each.shown.code if each.shown else "" for key, each in self.now(at).items()}

    def orders(self, *, channel_id: int, **_asked: Any) -> ports.OrderQuery:
        """Answer the port to the order book."""
        rows = ", ".join(f"({self.ids[c]}::bigint, {n}::bigint)" for c, n in self.sold.items())
        return ports.OrderQuery(f"SELECT * FROM (VALUES {rows}) AS v(sku_id, quantity)", {})

    def stock(self, *, channel_id: int) -> ports.FreeQuery:
        """Answer the port to the stock ledger."""
        rows = ", ".join(f"({self.ids[c]}::bigint, {n}::bigint)" for c, n in self.free.items())
        return ports.FreeQuery(f"SELECT * FROM (VALUES {rows}) AS v(sku, pieces)", {})


def open_window(shop: Shop, patch: pytest.MonkeyPatch) -> Window:
    """Make the goods and answer the ports; C and D are scarves, A and B coats."""
    shelves = {"A": "大衣", "B": "大衣", "C": "围巾", "D": "围巾"}
    rows = [
        ProductRow(code=code, name=f"{name} {code}", category=("女装", name))
        for code, name in shelves.items()
    ]
    ids = loading.load_products(rows=rows, source="tests", actor=SYSTEM, at=AT).sku_ids
    opening.open_prices(
        channel_id=shop.channel_id,
        prices=[
            OpeningPrice(sku_id=sku_id, price=Decimal("59.00"), since=LONG_AGO)
            for sku_id in ids.values()
        ],
        source="window",
        actor=IMPORTER,
        at=AT,
    )
    made = Window(shop, House(shop.channel_id), dict(ids))
    patch.setattr(ports.recent_orders, "_answer", made.orders)
    patch.setattr(ports.channel_free, "_answer", made.stock)
    return made
