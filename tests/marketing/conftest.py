"""A small channel with a fortnight of orders and returns, taken over from a file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connections
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from ops.engines.events import delivery
from tests.support import cluster

AT = dt.datetime(2026, 11, 21, 4, 0, tzinfo=dt.UTC)
HEAD = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
LINES = """
1001,10001,CUP,6,2011-04-28 09:00:00,2.50,501,United Kingdom
1001,POST,POSTAGE,1,2011-04-28 09:00:00,5.00,501,United Kingdom
1002,10001,CUP,4,2011-05-02 10:00:00,2.50,501,United Kingdom
1003,10002,BOWL,3,2011-05-02 11:00:00,10.00,502,France
1004,10001,CUP,1,2011-05-09 09:00:00,2.50,502,France
1005,10002,BOWL,2,2011-05-09 12:00:00,10.00,,United Kingdom
C1006,10002,BOWL,-1,2011-05-09 15:00:00,10.00,502,France
1007,10001,CUP,2,2011-05-10 15:00:00,2.50,501,United Kingdom
"""
OPENING = "StockCode,opening\n10001,500\n10002,300\n"


@pytest.fixture(scope="module")
def trade(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Path]:
    """Give a module a database with the little channel taken over; facts are delivered."""
    folder = tmp_path_factory.mktemp("trade")
    lines, opening = folder / "lines.csv", folder / "opening.csv"
    lines.write_text(HEAD + LINES)
    opening.write_text(OPENING)
    with django_db_blocker.unblock():
        usual = connections.settings["default"]["NAME"]
        name = cluster.fresh_name()
        cluster.create(name, cluster.template())
        cluster.point_to(name)
        try:
            call_command("ingest", "opening_stock", str(opening), "--channel", "uci")
            call_command("ingest", "uci_online_retail", str(lines), "--channel", "uci")
            delivery.drain(at=timezone.now())
            yield folder
        finally:
            cluster.point_to(usual)
            cluster.drop(name)
