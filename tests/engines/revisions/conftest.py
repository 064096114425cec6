"""The toy kind and its people."""

from collections.abc import Iterator

import pytest
from pytest_django.plugin import DjangoDbBlocker

from tests.engines.revisions import toys


@pytest.fixture(autouse=True, scope="package")
def _toys(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock():
        toys.enter()
    with toys.declared():
        yield
    with django_db_blocker.unblock():
        toys.leave()


@pytest.fixture(autouse=True)
def _forgetful() -> Iterator[None]:
    yield
    toys.MEMORY.live.clear()
    toys.MEMORY.writers, toys.MEMORY.forbidden = None, "badword"


@pytest.fixture(name="people")
def fixture_people(db: None) -> toys.Team:
    """Return the people of two departments."""
    return toys.team()
