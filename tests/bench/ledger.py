"""W5: vouchers posted; the trial balance from kept balances."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from decimal import Decimal

from finance.selectors import ledger as ledger_of
from finance.services import journal
from finance.types import EntryDraft, LineDraft
from ops.engines.kernel.actor import Actor
from tests.bench import ground
from tests.bench.measure import Row, in_turn, seconds

ACTOR = Actor.system("bench")
VOUCHERS = 10_000
_numbers = itertools.count(1)
_LINES = (
    LineDraft("1122", debit=Decimal("113.00")),
    LineDraft("6001", credit=Decimal("100.00")),
    LineDraft("2221.01.01", credit=Decimal("13.00")),
)


def _post() -> float:
    day = ground.NOW.date()
    drafts = [
        EntryDraft(f"bench:{n}", day, "bench", str(n), "bench", _LINES)
        for n in itertools.islice(_numbers, VOUCHERS)
    ]
    started = time.perf_counter()
    journal.post(drafts, actor=ACTOR, at=ground.NOW)
    return VOUCHERS / (time.perf_counter() - started)


def _post_limit() -> float:
    first = next(_numbers) * 10**6
    link = ground.connect()
    started = time.perf_counter()
    with link, link.cursor() as cursor:
        cursor.execute(
            "INSERT INTO limits.entries SELECT n, current_date, 'e' || n"
            "  FROM generate_series(%s, %s) n",
            [first, first + VOUCHERS - 1],
        )
        cursor.execute(
            "INSERT INTO limits.entry_lines SELECT n, a, d, c FROM generate_series(%s, %s) n,"
            " (VALUES ('1122', 113, 0), ('6001', 0, 100), ('2221.01.01', 0, 13)) AS v(a, d, c)",
            [first, first + VOUCHERS - 1],
        )
    elapsed = time.perf_counter() - started
    link.close()
    return VOUCHERS / elapsed


def _trial() -> float:
    day = ground.NOW.date()
    return 1000 * seconds(lambda: ledger_of.trial_balance(first=day, last=day))


def _trial_limit() -> float:
    link = ground.connect()
    with link.cursor() as cursor:
        elapsed = seconds(lambda: cursor.execute("SELECT * FROM finance_accountbalance"))
    link.close()
    return 1000 * elapsed


def posting() -> Iterator[Row]:
    """W5: 10,000 vouchers of three lines; trial balance."""
    project, limit = in_turn(_post, _post_limit)
    yield Row("W5.a", "post 10,000 vouchers, 3 lines", "vouchers/s", project, limit, 0.2)
    project, limit = in_turn(_trial, _trial_limit, rounds=9)
    yield Row("W5.b", "trial balance from kept balances", "ms", project, limit, 0.1, better="lower")
