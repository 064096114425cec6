"""Fixtures of the catalogue."""

from collections.abc import Callable

import pytest

from catalog import ports
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
