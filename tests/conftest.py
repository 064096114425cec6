"""Fixtures of the ground: databases made from a template, and the broker."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.conf import settings as product
from django.db import connections
from psycopg2.extensions import connection as Connection
from pytest_django.plugin import DjangoDbBlocker

from ops.embedded.valkey import broker_url, ensure_valkey
from tests.support import cluster
from tests.support.dealing import dealt
from tests.support.waiting import seal_among_others

pytest_plugins = [
    "tests.clause_plugin",
    "tests.support.grounded",
    "tests.support.trade",
    "tests.support.product",
    "tests.support.static",
    "tests.support.trail_watch",
]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let long tests run first on each of several workers; alone, tests run as they stand."""
    told = getattr(config, "workerinput", None)
    if told is not None:
        files = [item.nodeid.partition("::")[0] for item in items]
        items[:] = [items[at] for at in dealt(files, told["workercount"])]


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Give this process a database of its own, copied from the migrated template."""
    with django_db_blocker.unblock():
        cluster.start()
        name = cluster.fresh_name()
        cluster.create(name, cluster.template())
        cluster.point_to(name)
    yield
    with django_db_blocker.unblock():
        cluster.point_to("postgres")
        cluster.drop(name)


@pytest.fixture
def own_database(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    settings: LazySettings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[cluster.OwnDatabase]:
    """Give one test a fresh database for real commits and threads; never combined with `db`.

    Its audit log has keys and outside places of its own: anchors of one database are not another's.
    """
    seal_among_others(monkeypatch)
    settings.AUDIT_KEY_DIR = tmp_path / "keys"
    settings.AUDIT_ANCHOR_DIRS = [tmp_path / "here", tmp_path / "there"]
    with django_db_blocker.unblock():
        usual = connections.settings["default"]["NAME"]
        name = cluster.fresh_name()
        cluster.create(name, cluster.template())
        cluster.point_to(name)
        try:
            yield cluster.OwnDatabase(name=name)
        finally:
            cluster.point_to(usual)
            cluster.drop(name)


@pytest.fixture
def as_owner(own_database: cluster.OwnDatabase) -> Iterator[Connection]:
    """Open an autocommit connection of the owner to the test's own database."""
    link = own_database.connect()
    yield link
    link.close()


@pytest.fixture
def as_superuser(own_database: cluster.OwnDatabase) -> Iterator[Connection]:
    """Open an autocommit connection of the superuser to the test's own database."""
    link = own_database.connect(superuser=True)
    yield link
    link.close()


@pytest.fixture(scope="session")
def valkey() -> str:
    """Start Valkey for the tests and return its Celery URL."""
    ensure_valkey(product.DATA_DIR)
    return broker_url(product.DATA_DIR)
