"""One small warehouse for the tests of stock."""

import pytest

from tests.inventory.factories import Shop, shop


@pytest.fixture(name="shop")
def fixture_shop(db: None) -> Shop:
    """Return a warehouse with three SKUs and nothing in it."""
    return shop()
