"""Fixtures of the order book."""

import pytest

from tests.customers.house import House, house


@pytest.fixture(name="shop")
def fixture_shop(db: None) -> House:
    """Return a channel with a hundred pieces of each SKU."""
    return house()
