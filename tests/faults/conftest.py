"""One running product for the tests that leave it as they found it: imports and failing wires."""

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
        yield ground.prepare(product)
    finally:
        product.manage("down")
