"""R16: a file comes in whole or not at all, and its content once, however often it is sent."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import psycopg2
import pytest

from tests.faults import books, ground
from tests.faults.ground import Ground
from tests.finance.statements import Statement
from tests.support.product import ROOT

LINES = 100_000 if ground.IS_FULL else 2_000
ORDERS = 20_000 if ground.IS_FULL else 400
# Killed at a random moment of the load, and as it is about to write into a table.
KILLS = 20 if ground.IS_FULL else 1
LOAD_SECONDS = 4.0 if ground.IS_FULL else 0.2  # the shorter part of a load's own time
SETTLED_TABLES = ("finance_settlementline", "finance_settlementfile", "audit_fact")
ORDERED_TABLES = ("inventory_reservation", "customers_order", "customers_orderline", "events_fact")
TABLES = slice(None) if ground.IS_FULL else slice(1)
PATIENCE = 120  # seconds until a process that was started writes
SEED = 20261126
PROGRAM = "import-under-test"
pytestmark = pytest.mark.slow

# What a clean import leaves behind, as one digest and its sums.
_SETTLED = """
SELECT count(*), coalesce(sum(amount), 0), count(DISTINCT serial_no),
       md5(string_agg(serial_no || kind || amount, ',' ORDER BY serial_no, kind))
  FROM finance_settlementline
"""
_ORDERED = """
SELECT count(*), coalesce(sum(l.amount), 0), count(DISTINCT o.id),
       md5(string_agg(o.external_no || l.line_no || l.amount, ','
                      ORDER BY o.external_no, l.line_no))
  FROM customers_order o JOIN customers_orderline l ON l.order_id = o.id
 WHERE o.external_no LIKE 'I%'
"""

_SESSIONS = f"SELECT count(*) FROM pg_stat_activity WHERE application_name = '{PROGRAM}'"
_WRITES = f"{_SESSIONS} AND backend_xid IS NOT NULL"
_WAITS = f"""
SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)
 WHERE application_name = '{PROGRAM}' AND NOT granted
"""


@dataclass(frozen=True, kw_only=True)
class File:
    """A file to import: what asks for its rows, how many it has, what its load writes into."""

    profile: str
    path: Path
    question: str
    whole: int
    tables: Sequence[str]


def statement() -> tuple[Statement, Decimal]:
    """Return a long statement and the sum of its amounts."""
    draws, made, total = random.Random(SEED), Statement(), Decimal(0)
    for number in range(LINES):
        cents = draws.randint(1, 99_999)
        amount = Decimal(cents if number % 7 else -cents) / 100
        kind = "在线支付" if amount > 0 else "交易退款"
        serial = f"20261120{number:016}"
        made.add(f"SO-{number}", f"{amount:.2f}", kind, serial=serial, txn=f"TX{number}")
        total += abs(amount)
    return made, total


def order_rows(here: Ground) -> list[str]:
    """Return lines of an order file."""
    codes = sorted(here.prices)
    when = "2026-11-20 09:00:00,2026-11-20 09:01:00"
    return [f"I{n:06},{when},{codes[n % len(codes)]},{1 + n % 3}" for n in range(ORDERS)]


def order_file(path: Path, rows: list[str]) -> Path:
    """Write an order file."""
    path.write_text("\r\n".join(["订单编号,下单时间,付款时间,商家编码,数量", *rows, ""]), "utf-8")
    return path


def begin(here: Ground, profile: str, *paths: Path) -> subprocess.Popen[str]:
    """Start to import files as an operator does, in a process that may be killed."""
    return subprocess.Popen(
        [
            sys.executable, "-W", "ignore", "manage.py", "ingest", profile, *map(str, paths),
            "--channel", here.channel, "--json",
        ],
        cwd=ROOT, env=here.product.environment | {"PGAPPNAME": PROGRAM}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip


def bring(here: Ground, profile: str, *paths: Path) -> tuple[float, dict[str, int]]:
    """Import files to the end; return the seconds it took and what it says of all."""
    began = time.monotonic()
    process = begin(here, profile, *paths)
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, (out, err)
    return time.monotonic() - began, json.loads(out)


def kill(process: subprocess.Popen[str]) -> None:
    """Kill -9 a process and its children."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def kill_writing(here: Ground, profile: str, path: Path, *, after: float) -> None:
    """Kill an import so long after its transaction began to write."""
    process = begin(here, profile, path)
    until(here, _WRITES, process)
    time.sleep(after)
    kill(process)
    until_gone(here)


def kill_before(here: Ground, profile: str, path: Path, *, table: str) -> None:
    """Kill an import that is about to write into a table: the table is held until it is dead."""
    link = psycopg2.connect(here.product.run_json()["owner_database_url"])
    try:
        with link, link.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table} IN SHARE MODE")
            process = begin(here, profile, path)
            until(here, _WAITS, process)
            assert process.poll() is None, (table, process.communicate())
            kill(process)
    finally:
        link.close()
    until_gone(here)


def until(here: Ground, question: str, process: subprocess.Popen[str]) -> None:
    """Wait until the import's session does something, or the import is over."""
    deadline = time.monotonic() + PATIENCE
    while not books.number(here.product, question) and process.poll() is None:
        assert time.monotonic() < deadline, question
        time.sleep(0.01)


def until_gone(here: Ground) -> None:
    """Wait until the server has noticed that the import is dead, and undone it."""
    deadline = time.monotonic() + PATIENCE
    while books.number(here.product, _SESSIONS):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def kept(here: Ground, question: str) -> tuple[object, ...]:
    """Return count, sum, documents and digest of what was imported."""
    return books.ask(here.product, question)[0]


def survive(here: Ground, file: File) -> int:
    """Kill imports of a file while they write; each leaves nothing, or at the end the whole file.

    Returns how many were killed before they were done.
    """
    draws, killed = random.Random(SEED), 0
    for table in file.tables[TABLES]:
        kill_before(here, file.profile, file.path, table=table)
        assert kept(here, file.question)[0] == 0, table
        killed += 1
    for _turn in range(KILLS):
        kill_writing(here, file.profile, file.path, after=draws.uniform(0, LOAD_SECONDS))
        rows = kept(here, file.question)[0]
        assert rows in {0, file.whole}
        if rows:
            break
        killed += 1
    return killed


def test_a_settlement_file_killed_and_sent_again_counts_once(
    running: Ground, tmp_path: Path
) -> None:
    made, total = statement()
    path = made.write(tmp_path)
    file = File(
        profile="alipay_merchant", path=path, question=_SETTLED, whole=LINES, tables=SETTLED_TABLES
    )
    killed = survive(running, file)
    seconds, _told = bring(running, "alipay_merchant", path)
    clean = kept(running, _SETTLED)
    copies = [tmp_path / name for name in ("again.csv", "三月账单.csv", "alipay (1).csv")]
    for copy in copies:
        copy.write_bytes(path.read_bytes())
    mixed = replace(made, rows=random.Random(SEED).sample(made.rows, LINES))
    half = replace(made, rows=made.rows[: LINES // 2])
    others = [mixed.write(tmp_path, name="anders.csv"), half.write(tmp_path, name="half.csv")]
    bring(running, "alipay_merchant", *copies, *others)
    ground.keep(
        "settlement",
        {
            "promise": "R16", "seconds": round(seconds, 1), "accepted": LINES, "kills": killed,
            "lost": LINES - int(str(clean[0])), "doubled": int(str(clean[0])) - int(str(clean[2])),
        },
    )  # fmt: skip

    assert killed >= 1
    assert clean[:3] == (LINES, total, LINES)
    assert kept(running, _SETTLED) == clean


def test_an_order_file_killed_renamed_and_sorted_anew_counts_once(
    running: Ground, tmp_path: Path
) -> None:
    rows = order_rows(running)
    path = order_file(tmp_path / "orders.csv", rows)
    file = File(
        profile="generic_orders", path=path, question=_ORDERED, whole=ORDERS, tables=ORDERED_TABLES
    )
    killed = survive(running, file)
    seconds, _told = bring(running, "generic_orders", path)
    clean = kept(running, _ORDERED)
    held = books.counters(running.product)
    mixed = random.Random(SEED).sample(rows, len(rows))
    bring(
        running,
        "generic_orders",
        order_file(tmp_path / "orders-2.csv", rows),
        order_file(tmp_path / "anders.csv", mixed),
        order_file(tmp_path / "part.csv", mixed[: ORDERS // 2]),
    )
    expected = sum(
        Decimal(running.prices[row.split(",")[3]]) * int(row.split(",")[4]) for row in rows
    )
    ground.keep(
        "orders",
        {
            "promise": "R16", "seconds": round(seconds, 1), "accepted": ORDERS, "kills": killed,
            "lost": ORDERS - int(str(clean[2])), "doubled": int(str(clean[0])) - int(str(clean[2])),
        },
    )  # fmt: skip

    assert killed >= 1
    assert clean[:3] == (ORDERS, expected, ORDERS)
    assert kept(running, _ORDERED) == clean
    assert books.counters(running.product) == held
    assert held[0] == held[1]
