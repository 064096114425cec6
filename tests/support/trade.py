"""The company of the real trade data: taken over once per run, then copied for every module."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connections
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from ops.engines.events import delivery
from tests.support import cluster
from tests.support.once import database_of_the_run, once
from tests.support.shared import shared_file


def lines_file() -> Path:
    """Return half a year of real order lines."""
    return shared_file("uci_online_retail/lines_2010-12_2011-06.csv.gz")


def opening_file() -> Path:
    """Return the stock that was there before them."""
    return shared_file("uci_online_retail/opening_stock.csv.gz")


def _founded() -> str:
    return database_of_the_run("trade")


def _found(_folder: Path) -> str:
    cluster.drop(_founded())
    cluster.create(_founded(), cluster.template())
    cluster.point_to(_founded())
    call_command("ingest", "opening_stock", str(opening_file()), "--channel", "uci")
    call_command("ingest", "uci_online_retail", str(lines_file()), "--channel", "uci")
    delivery.drain(at=timezone.now())
    cluster.analyze(_founded())
    return ""


@pytest.fixture(scope="module")
def trade_company(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[cluster.OwnDatabase]:
    """Give a module a database in which the real half year was taken over, posted and delivered."""
    opening_file(), lines_file()
    with django_db_blocker.unblock():
        usual = connections.settings["default"]["NAME"]
        name = cluster.fresh_name()
        try:
            once(tmp_path_factory, "trade", _found)
            cluster.point_to(usual)  # what somebody is in cannot be copied
            cluster.create(name, _founded())
            cluster.point_to(name)
            yield cluster.OwnDatabase(name=name)
        finally:
            cluster.point_to(usual)
            cluster.drop(name)
