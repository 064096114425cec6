"""Document numbers without gaps."""

from __future__ import annotations

import re
from datetime import datetime

from django.db import connection

from ops.engines.kernel.parse import business_day

_SERIES = re.compile(r"[A-Z][A-Z0-9]{0,11}", re.ASCII)
_TAKE_EACH = """
INSERT INTO numbering_counter AS counter (series, period, last)
SELECT series, %s, 1 FROM unnest(%s::text[]) AS wanted(series) ORDER BY series
ON CONFLICT (series, period) DO UPDATE SET last = counter.last + 1
RETURNING series, last
"""
_TAKE = """
INSERT INTO numbering_counter AS counter (series, period, last) VALUES (%s, %s, %s)
ON CONFLICT (series, period) DO UPDATE SET last = counter.last + excluded.last
RETURNING last
"""


def take(series: str, *, at: datetime, count: int = 1) -> list[str]:
    """Return the next `count` numbers of a series in the business month of `at`.

    They read "PO-202611-0001": the series, the month, four digits or more. Take them last of all
    locks: the counter stays locked until the caller's transaction ends, and a rolled back number is
    given again. Raises RuntimeError outside a transaction, ValueError for a series that is not an
    upper-case prefix or a count below one.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("take() needs the transaction that uses the number")
    if not _SERIES.fullmatch(series) or count < 1:
        raise ValueError(f"no numbers for series {series!r}, count {count}")
    period = f"{business_day(at):%Y%m}"
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [series, period, count])
        last = int(cursor.fetchone()[0])
    return [_number(series, period, number) for number in range(last - count + 1, last + 1)]


def take_one(series: str, *, at: datetime) -> str:
    """Return the next number of a series; see `take`."""
    (number,) = take(series, at=at)
    return number


def take_each(*series: str, at: datetime) -> list[str]:
    """Return the next number of each of several series, in the order asked, in one statement.

    The counters are locked in the order of their series' names. Raises as `take`.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("take_each() needs the transaction that uses the numbers")
    if not all(_SERIES.fullmatch(one) for one in series) or len(set(series)) != len(series):
        raise ValueError(f"no numbers for series {series!r}")
    period = f"{business_day(at):%Y%m}"
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_EACH, [period, list(series)])
        last = dict(cursor.fetchall())
    return [_number(one, period, int(last[one])) for one in series]


def _number(series: str, period: str, number: int) -> str:
    return f"{series}-{period}-{number:04d}"
