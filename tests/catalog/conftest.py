"""Fixtures of the catalogue."""

from collections.abc import Callable

import pytest

from catalog import ports
from tests.catalog.listed import Stall, open_stall, stocked
from tests.catalog.shop import Shop, costs, open_shop


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
def stall(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Stall:
    """Goods with a price, stock, three pictures and a report, ready to be listed."""
    monkeypatch.setattr(ports.sellable_pieces, "_answer", stocked)
    return open_stall(shop)
