"""The demo company, founded once per run; every test leaves its worker's copy as it found it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest
from django.db import connections
from pytest_django.plugin import DjangoDbBlocker

from tests.badinput import ground as grounds
from tests.support import cluster
from tests.support.once import OF_THE_RUN, database_of_the_run, once


def _founded() -> str:
    """Return the database in which the company of this run is founded; nobody works in it."""
    return database_of_the_run("company")


def _found(_folder: Path) -> str:
    cluster.drop(_founded())
    cluster.create(_founded(), cluster.template())
    cluster.point_to(_founded())
    tokens = grounds.found().tokens
    cluster.analyze(_founded())
    return json.dumps(tokens)


@pytest.fixture(scope="session")
def _company(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[str, grounds.Ground]]:
    with django_db_blocker.unblock():
        usual = connections.settings["default"]["NAME"]
        try:
            _folder, tokens = once(tmp_path_factory, "company", _found)
        finally:
            cluster.point_to(usual)
        name = cluster.fresh_name()
        cluster.create(name, _founded())
    yield name, grounds.Ground(json.loads(tokens))
    with django_db_blocker.unblock():
        cluster.drop(name)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Drop what was founded when all workers are done."""
    if not hasattr(config, "workerinput") and cluster.answers():
        cluster.start()
        for name in OF_THE_RUN:
            cluster.drop(database_of_the_run(name))


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
