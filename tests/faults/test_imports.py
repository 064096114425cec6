"""R16: a file comes in whole or not at all, and its content once, however often it is sent."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import pytest

from tests.faults import books, ground
from tests.faults.ground import Ground
from tests.finance.statements import Statement
from tests.support.product import ROOT, Product

LINES = 100_000 if ground.IS_FULL else 4_000
ORDERS = 20_000 if ground.IS_FULL else 1_000
KILLS = 20 if ground.IS_FULL else 3
LOAD_SECONDS = 4.0 if ground.IS_FULL else 0.2  # the shorter part of a load's own time
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

_WRITES = f"""
SELECT count(*) FROM pg_stat_activity
 WHERE application_name = '{PROGRAM}' AND backend_xid IS NOT NULL
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """Start one product for the file."""
    product = Product(tmp_path_factory.mktemp("imports") / "data")
    try:
        yield ground.prepare(product)
    finally:
        product.manage("down")


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


def begin(here: Ground, profile: str, path: Path) -> subprocess.Popen[str]:
    """Start to import a file as an operator does, in a process that may be killed."""
    return subprocess.Popen(
        [
            sys.executable, "-W", "ignore", "manage.py", "ingest", profile, str(path),
            "--channel", here.channel, "--json",
        ],
        cwd=ROOT, env=here.product.environment | {"PGAPPNAME": PROGRAM}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip


def bring(here: Ground, profile: str, path: Path) -> tuple[float, dict[str, int]]:
    """Import a file to the end; return the seconds it took and what it says."""
    began = time.monotonic()
    process = begin(here, profile, path)
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, (out, err)
    told = json.loads(out)
    return time.monotonic() - began, told["files"][0] if "files" in told else told


def kill_writing(here: Ground, profile: str, path: Path, *, after: float) -> None:
    """Kill -9 an import with its children, so long after its transaction began to write."""
    process = begin(here, profile, path)
    while not books.number(here.product, _WRITES) and process.poll() is None:
        time.sleep(0.02)
    time.sleep(after)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def kept(here: Ground, question: str) -> tuple[object, ...]:
    """Return count, sum, documents and digest of what was imported."""
    return books.ask(here.product, question)[0]


def survive(here: Ground, profile: str, path: Path, question: str, whole: int) -> int:
    """Kill imports of a file while they write; each leaves nothing, or at the end the whole file.

    Returns how many were killed before they were done.
    """
    draws, killed = random.Random(SEED), 0
    for _turn in range(KILLS):
        kill_writing(here, profile, path, after=draws.uniform(0, LOAD_SECONDS))
        rows = kept(here, question)[0]
        assert rows in {0, whole}
        if rows:
            break
        killed += 1
    return killed


def test_a_settlement_file_killed_and_sent_again_counts_once(
    running: Ground, tmp_path: Path
) -> None:
    made, total = statement()
    path = made.write(tmp_path)
    killed = survive(running, "alipay_merchant", path, _SETTLED, LINES)
    seconds, _told = bring(running, "alipay_merchant", path)
    clean = kept(running, _SETTLED)
    for name in ("again.csv", "三月账单.csv", "alipay (1).csv"):
        copy = tmp_path / name
        copy.write_bytes(path.read_bytes())
        bring(running, "alipay_merchant", copy)
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
    killed = survive(running, "generic_orders", path, _ORDERED, ORDERS)
    seconds, _told = bring(running, "generic_orders", path)
    clean = kept(running, _ORDERED)
    held = books.counters(running.product)
    bring(running, "generic_orders", order_file(tmp_path / "orders-2.csv", rows))
    mixed = rows[:]
    random.Random(SEED).shuffle(mixed)
    bring(running, "generic_orders", order_file(tmp_path / "anders.csv", mixed))
    head, tail = mixed[: ORDERS // 2], rows[: ORDERS // 3]
    bring(
        running,
        "generic_orders",
        order_file(tmp_path / "part.csv", [*head, *tail[-3:]][: ORDERS // 2]),
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
