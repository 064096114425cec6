"""Sealing among neighbours: tests share a cluster, and any open transaction in it holds seals back.

`pg_snapshot_xmin` knows no databases: that is safe for the log, and makes tests depend on who runs
beside them. So a test's seal first waits until no transaction of another database is older than
the newest fact here.
"""

from __future__ import annotations

import time
from typing import Final

import pytest
from django.db import connections

from ops.engines.audit import sealing
from tests.support import cluster

_PATIENCE: Final = 60
_OTHERS = """
SELECT EXISTS (
    SELECT FROM pg_stat_activity
     WHERE datname <> current_database() AND backend_xid IS NOT NULL
       AND age(backend_xid) >= (SELECT age(txid::xid) FROM audit_fact ORDER BY txid DESC LIMIT 1))
"""


def wait_for_others(name: str) -> None:
    """Wait until no transaction of another database is older than the newest fact."""
    link = cluster.connect(name, superuser=True)
    deadline = time.monotonic() + _PATIENCE
    try:
        with link.cursor() as cursor:
            while time.monotonic() < deadline:
                cursor.execute(_OTHERS)
                if not cursor.fetchone()[0]:  # type: ignore[index]
                    return
                time.sleep(0.02)
    finally:
        link.close()


def seal_among_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every seal of this test wait for its neighbours first."""
    place_facts = sealing._place_facts

    def waited(first: int, *, since: int) -> tuple[int, int]:
        wait_for_others(connections.settings["default"]["NAME"])
        return place_facts(first, since=since)

    monkeypatch.setattr(sealing, "_place_facts", waited)
