"""A profile with a loader that puts rows into a table of its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import connection

from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import RuleViolation
from ops.engines.kernel.policy import may
from ops.engines.tables.bulk import copy_into
from ops.engines.tables.intake import Intake, Reject
from ops.engines.tables.profile import Column, Profile
from ops.engines.tables.registry import register_profile
from ops.engines.tables.types import BatchInfo, LoadResult, Scope

AT = dt.datetime(2026, 11, 20, 6, 0, tzinfo=dt.UTC)
CHANNELS = {"tmall": 7, "jd": 8}
ROWS = "sku,qty\nA1,5\nA2,7\n"
PROFILE = Profile(
    "toy_stock",
    "Toy stock",
    columns=(
        Column("sku", parse=parse.code),
        Column("qty", parse=parse.quantity),
    ),
)


def load(
    batch: BatchInfo, intake: Intake, *, actor: Actor, at: dt.datetime, options: Mapping[str, Any]
) -> LoadResult:
    """COPY into a temporary table, turn down BAD, count what was there before."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE IF NOT EXISTS toy_stock"
            " (line int, sku text, qty bigint, batch bigint)"
        )
        copied = copy_into(intake, table="toy_stock", columns=("line", "sku", "qty"))
        if options.get("fail"):
            raise RuleViolation("toy.no", "no")
        if options.get("crash"):
            raise ZeroDivisionError
        cursor.execute("DELETE FROM toy_stock WHERE sku = 'BAD' RETURNING line, sku")
        bad = [Reject(line, "sku", sku, "toy.bad", "bad") for line, sku in cursor.fetchall()]
        cursor.execute("UPDATE toy_stock SET batch = %s WHERE batch IS NULL", [batch.id])
        cursor.execute("SELECT coalesce(sum(qty), 0) FROM toy_stock WHERE batch = %s", [batch.id])
        total = int(cursor.fetchone()[0])
    lost = 1 if options.get("lose") else 0
    return LoadResult(copied - len(bad) - lost, rejects=bad, totals={"qty": total})


def scope(options: Mapping[str, Any]) -> Scope | None:
    """Find the toy channel."""
    return Scope("channel", CHANNELS[options["channel"]]) if "channel" in options else None


def loaded() -> int:
    """Return how many rows lie in the toy table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('pg_temp.toy_stock')")
        if cursor.fetchone()[0] is None:
            return 0
        cursor.execute("SELECT count(*) FROM toy_stock")
        return int(cursor.fetchone()[0])


def register() -> None:
    """Declare the toy; people need the right to post stock."""
    register_profile(PROFILE, load=load, policy=may("inventory", "P"), scope=scope)
