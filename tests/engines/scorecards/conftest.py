"""Every test has the toy scorecard and its metrics."""

from collections.abc import Iterator

import pytest

from ops.engines.scorecards.declarations import Scorecard
from tests.engines.scorecards.toy import declared


@pytest.fixture(autouse=True)
def toy() -> Iterator[Scorecard]:
    """Declare the toy for one test."""
    with declared() as scorecard:
        yield scorecard
