"""What the tests of permissions do without."""

import pytest


@pytest.fixture
def no_silent_write() -> None:
    """Do not watch the trail: thousands of requests, of which other tests ask that."""
