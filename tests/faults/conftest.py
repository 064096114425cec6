"""Running products: one for the tests that leave it as they found it, one each for the others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults import ground
from tests.faults.ground import Ground
from tests.support.product import Product


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """Start one product with a company in it."""
    product = Product(tmp_path_factory.mktemp("running") / "data")
    try:
        yield ground.prepare(product, tmp_path_factory)
    finally:
        product.stop()


@pytest.fixture
def here(product: Product, tmp_path_factory: pytest.TempPathFactory) -> Ground:
    """Start one product for one test."""
    return ground.prepare(product, tmp_path_factory)
