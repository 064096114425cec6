"""The toy sheets and their people."""

from collections.abc import Iterator

import pytest

from ops.engines.sheets.types import SheetInfo
from tests.engines.sheets import toys


@pytest.fixture(autouse=True, scope="package")
def _toys() -> Iterator[None]:
    with toys.declared():
        yield


@pytest.fixture(name="people")
def fixture_people(db: None) -> toys.Team:
    """Return two keepers of one department, a manager, a director, an auditor."""
    return toys.team()


@pytest.fixture(name="sheet")
def fixture_sheet(people: toys.Team) -> SheetInfo:
    """Return an open sheet of the keepers' department."""
    return toys.opened(people)
