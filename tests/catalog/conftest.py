"""Fixtures of the catalogue."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from catalog import ports
from tests.catalog.listed import Stall, open_stall, stocked
from tests.catalog.shop import START, Shop, costs, open_shop

Sell = Callable[..., None]


@pytest.fixture
def shop(db: None) -> Shop:
    return open_shop()


@pytest.fixture
def cost_of(monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[int, str]], None]:
    """Answer the unit cost port, as the stock ledger does."""

    def fill(values: dict[int, str]) -> None:
        monkeypatch.setattr(ports.unit_cost, "_answer", costs(values))

    return fill


@pytest.fixture
def sell(monkeypatch: pytest.MonkeyPatch) -> Sell:
    """Answer the port to the order book with these deals, by (SKU, price, days before START)."""

    def fill(*deals: tuple[int, str, float]) -> None:
        def answer(
            *, sku_ids: Collection[int], channel_id: int, since: datetime, until: datetime
        ) -> dict[int, ports.Deals]:
            found: dict[int, list[ports.Deal]] = {}
            for number, (sku, price, days) in enumerate(deals):
                at = START - timedelta(days=days)
                if sku in sku_ids and since <= at < until:
                    deal = ports.Deal(f"SO-{number}", 1, Decimal(price), 1, at)
                    found.setdefault(sku, []).append(deal)
            return {
                sku: ports.Deals(len(rows), sorted(rows, key=lambda deal: deal.price)[:5])
                for sku, rows in found.items()
            }

        monkeypatch.setattr(ports.lowest_deals, "_answer", answer)

    return fill


@pytest.fixture
def stall(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Stall:
    """Goods with a price, stock, three pictures and a report, ready to be listed."""
    monkeypatch.setattr(ports.sellable_pieces, "_answer", stocked)
    return open_stall(shop)
