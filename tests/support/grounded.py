"""The demo company, founded once per process; every test leaves it as it found it."""

from collections.abc import Iterator
from unittest import mock

import pytest
from django.db import connections
from pytest_django.plugin import DjangoDbBlocker

from tests.badinput import ground as grounds
from tests.support import cluster


@pytest.fixture(scope="session")
def _company(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[tuple[str, grounds.Ground]]:
    with django_db_blocker.unblock():
        usual = connections.settings["default"]["NAME"]
        name = cluster.fresh_name()
        cluster.create(name, cluster.template())
        cluster.point_to(name)
        try:
            made = grounds.found()
        finally:
            cluster.point_to(usual)
    yield name, made
    with django_db_blocker.unblock():
        cluster.drop(name)


@pytest.fixture
def ground(
    _company: tuple[str, grounds.Ground], django_db_blocker: DjangoDbBlocker
) -> Iterator[grounds.Ground]:
    """Give a test the company; what the test does to it is undone."""
    name, made = _company
    with django_db_blocker.unblock():
        usual = connections.settings["default"]["NAME"]
        cluster.point_to(name)
        try:
            # A request over WSGI gives its connection back at its end: not in our transaction.
            keep = mock.patch.object(connections["default"], "close_if_unusable_or_obsolete")
            with keep, grounds.undone():
                yield grounds.Ground(made.tokens)
        finally:
            cluster.point_to(usual)
