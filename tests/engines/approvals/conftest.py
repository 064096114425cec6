"""Every test starts with effects that saw nothing."""

from collections.abc import Iterator

import pytest

from tests.engines.approvals.toys import SEEN


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    yield
    SEEN.approved.clear()
    SEEN.returned.clear()
    SEEN.now.clear()
    SEEN.refuse = None
