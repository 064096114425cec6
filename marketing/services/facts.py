"""Build the stored sums whole, day by day, from the order book: the same day again is the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from typing import Any

from django.db import connection, transaction

from catalog.selectors import channels
from customers.selectors import days as book
from customers.selectors import facts
from marketing.models import ChangedDay, SalesDay
from marketing.services import dictionary
from marketing.types import Built
from ops.engines.kernel.actor import Actor

_LOCK = 7_031_986  # one builder at a time: two would both delete and insert a day
_EVER = dt.date(1900, 1, 1)
_MACHINE = Actor.system("marketing.facts")
_NOTE = """
INSERT INTO marketing_changedday (day, noted_at, is_built)
SELECT day, %s, false FROM unnest(%s::date[]) AS day
    ON CONFLICT (day) DO UPDATE SET noted_at = excluded.noted_at, is_built = false
"""
_DAYS = """
INSERT INTO marketing_salesday
       (day, channel_id, country, scope, lines, orders, cancel_docs, units, gmv, returns)
SELECT * FROM unnest(%s::date[], %s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::bigint[],
                     %s::bigint[], %s::bigint[], %s::numeric[], %s::numeric[])
"""
_MONTHS = """
INSERT INTO marketing_salesmonth
       (month, channel_id, scope, customers, repeat_in_month, returners)
SELECT * FROM unnest(%s::date[], %s::bigint[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[])
"""


def note(*, days: Iterable[dt.date], at: dt.datetime) -> None:
    """Remember that the orders of these days changed; noting a day twice is noting it once."""
    told = sorted(set(days))
    if told:
        with connection.cursor() as cursor:
            cursor.execute(_NOTE, [at, told])


def build_changed(*, at: dt.datetime, with_months: bool) -> Built:
    """Build every day that changed since it was built, once; with its months when asked.

    A company whose book is older than its sums gets all of them. Months cost a look at the whole
    book and are built at night, through to the newest: earlier buyers decide who returns later.
    """
    with transaction.atomic():
        _alone()
        noted = list(ChangedDay.objects.order_by("day").values_list("day", "is_built"))
        fresh = [day for day, is_built in noted if not is_built]
        waiting = [day for day, _is_built in noted]
        if not SalesDay.objects.exists() and (span := book.bounds()):
            fresh = waiting = [
                span[0] + dt.timedelta(days=n) for n in range((span[1] - span[0]).days + 1)
            ]
        rows = sum(_build_days(first, last, at) for first, last in runs_of(fresh))
        months = 0
        if with_months and waiting:
            months = _build_months(waiting[0].replace(day=1), at)
            ChangedDay.objects.filter(day__in=waiting).delete()
        else:
            ChangedDay.objects.filter(day__in=fresh).update(is_built=True)
        return Built(len(fresh), rows, months)


def build(*, first: dt.date, last: dt.date, at: dt.datetime) -> Built:
    """Build the days `first` to `last` and the months from theirs on, whatever was there."""
    with transaction.atomic():
        _alone()
        rows = _build_days(first, last, at)
        months = _build_months(first.replace(day=1), at)
    return Built((last - first).days + 1, rows, months)


def runs_of(days: Collection[dt.date]) -> list[tuple[dt.date, dt.date]]:
    """Return sorted days as stretches without a gap of more than a week."""
    found: list[tuple[dt.date, dt.date]] = []
    for day in sorted(days):
        if found and (day - found[-1][1]).days <= 7:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found


def _alone() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _build_days(first: dt.date, last: dt.date, at: dt.datetime) -> int:
    found = facts.sales_days(first=first, last=last)
    columns: list[list[Any]] = [
        [getattr(row, name) for row in found]
        for name in (
            "day", "channel_id", "country", "scope", "lines", "orders", "cancel_docs", "units",
            "gmv", "returns",
        )
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM marketing_salesday WHERE day BETWEEN %s AND %s", [first, last])
        cursor.execute(_DAYS, columns)
    dictionary.store_days(first=first, last=last, at=at)
    return len(found)


def _build_months(first: dt.date, at: dt.datetime) -> int:
    span = book.bounds()
    last = max(first, span[1]) if span else first
    asked: list[int | None] = [None, *(channel.id for channel in channels.visible(actor=_MACHINE))]
    rows = [
        (month.month, channel, month.scope, month.customers, month.repeat_in_month,
         month.returning or 0)
        for channel in asked
        for month in facts.sales_months(
            first=first, last=last, since=_EVER,
            channel_ids=None if channel is None else [channel],
        )
        if month.month is not None
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM marketing_salesmonth WHERE month >= %s", [first])
        cursor.execute(_MONTHS, [list(column) for column in zip(*rows, strict=True)] or [[]] * 6)
    dictionary.store_months(first=first, last=last, at=at)
    return len(rows)
