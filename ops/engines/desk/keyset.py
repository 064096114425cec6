"""Pages by keyset over a query set: no offset, no page number, rows never counted twice.

A cursor carries the ordering value and the id of the last row shown, so a page costs the same at
the start and at the end of a million rows.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final, TypeVar

from django.core.cache import cache
from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import IntegerField, Model, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.errors import BadInput

Row = TypeVar("Row", bound=Model)
EXACT_COUNT: Final = 10_000
KEPT_SECONDS: Final = 60
PAGE_SIZES: Final = (25, 50, 100)


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows there are: exact, or the planner's estimate past ten thousand."""

    number: int
    is_exact: bool = True


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of rows with the cursors to both sides (empty where there is nothing)."""

    rows: Sequence[Any]
    after: str = ""
    before: str = ""
    count: Count | None = None


def counts_of(*querysets: QuerySet[Any]) -> list[int]:
    """Return how many rows each query set has, up to ten thousand, in one statement for all."""
    counts: list[str] = []
    values: list[Any] = []
    for each in querysets:
        try:
            sql, given = each.order_by().values("pk")[:EXACT_COUNT].query.sql_with_params()
        except EmptyResultSet:
            counts.append("0")
            continue
        counts.append(f"(SELECT count(*) FROM ({sql}) c{len(counts)})")  # noqa: S608 by Django
        values += given
    if all(part == "0" for part in counts):
        return [0] * len(counts)
    with connections[querysets[0].db].cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(counts)}", values)
        return [int(number) for number in cursor.fetchone()]


class CountOf(Subquery):
    """How many rows another query has, up to `most`, as a value of each row."""

    template = "(SELECT count(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()

    def __init__(self, queryset: QuerySet[Any], *, most: int) -> None:
        super().__init__(queryset.order_by().values("pk")[:most])


def head_of(queryset: QuerySet[Row], most: int) -> tuple[list[Row], int]:
    """Return the first rows and how many there are (up to ten thousand), in one statement."""
    rows = list(queryset.annotate(in_all=CountOf(queryset, most=EXACT_COUNT))[:most])
    return rows, int(getattr(rows[0], "in_all", 0)) if rows else 0


def page_of(
    queryset: QuerySet[Any],
    *,
    orders: Mapping[str, str],
    order: str,
    after: str = "",
    before: str = "",
    limit: int = 50,
    row: Callable[[Any], Any] | None = None,
    counted: bool = True,
) -> ListPage:
    """Return one page of a query set ordered by one non-null column and the id.

    `orders` maps the keys a list allows to column paths; `order` is such a key, with a leading
    minus for descending. `row` turns each fetched object into what is shown. One statement, also
    for the number of rows; past ten thousand of them the planner is asked too, once a minute.
    Raises BadInput for a cursor that is not ours.
    """
    key = order.removeprefix("-")
    path, backward = orders.get(key, next(iter(orders.values()))), bool(before)
    descending = order.startswith("-") != backward
    sign = "-" if descending else ""
    cursor = before or after
    wanted = queryset.order_by(f"{sign}{path}", f"{sign}pk")
    if cursor:
        wanted = wanted.filter(_past(path, *_read(cursor), descending=descending))
    count = _kept_estimate(queryset) if counted else None
    is_asked = counted and count is None
    # Rows of a union or of sums cannot be counted by their keys.
    tells = is_asked and not queryset.query.combinator and queryset.query.group_by is None
    if tells:
        wanted = wanted.annotate(in_all=CountOf(queryset, most=EXACT_COUNT + 1))
    found = list(wanted[: limit + 1])
    if is_asked:
        # A page past the last row has nobody to tell it; a first page without rows has none.
        nothing = not found and not cursor
        told = _told(queryset, found[0]) if tells and found else None
        count = Count(0) if nothing else told or count_of(queryset)
    more, found = len(found) > limit, found[:limit]
    if backward:
        found.reverse()
    first = _write(path, found[0]) if found else ""
    last = _write(path, found[-1]) if found else ""
    return ListPage(
        rows=[row(each) for each in found] if row else found,
        after=last if (more or backward) else "",
        before=first if (more and backward) or (cursor and not backward) else "",
        count=count,
    )


def count_of(queryset: QuerySet[Any]) -> Count:
    """Count exactly up to ten thousand rows, then ask the planner."""
    plain = queryset.order_by()
    number = plain[: EXACT_COUNT + 1].count()
    return Count(number) if number <= EXACT_COUNT else _estimate(plain)


def _told(queryset: QuerySet[Any], first: Any) -> Count:
    """Return the number of rows that the first row of a page carries."""
    number = first["in_all"] if isinstance(first, Mapping) else first.in_all
    return Count(number) if number <= EXACT_COUNT else _estimate(queryset)


def _estimate(queryset: QuerySet[Any]) -> Count:
    """Return the planner's estimate and keep it for a minute: nobody sees such a list move."""
    plain = queryset.order_by()
    sql, params = plain.query.sql_with_params()
    with connections[plain.db].cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        plan = cursor.fetchone()[0]
    read = json.loads(plan) if isinstance(plan, str) else plan
    number = max(int(read[0]["Plan"]["Plan Rows"]), EXACT_COUNT)
    cache.set(_estimate_key(queryset), number, KEPT_SECONDS)
    return Count(number, is_exact=False)


def _kept_estimate(queryset: QuerySet[Any]) -> Count | None:
    number: int | None = cache.get(_estimate_key(queryset))
    return None if number is None else Count(number, is_exact=False)


def _estimate_key(queryset: QuerySet[Any]) -> str:
    # The text of a query set holds its values too; what a page shows beside a row is left out.
    try:
        told = str(queryset.order_by().values("pk").query)
    except EmptyResultSet:
        told = ""
    return f"desk.estimate.{sha256(told.encode()).hexdigest()}"


def encode(value: Any, pk: int) -> str:
    """Return the cursor that stands at one row."""
    kind = {dt.datetime: "t", dt.date: "d", Decimal: "n", int: "i"}.get(type(value), "s")
    text = value.isoformat() if kind in "td" else str(value)
    raw = json.dumps([kind, text, pk], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _write(path: str, found: Any) -> str:
    if isinstance(found, Mapping):
        return encode(found[path], found["pk"] if "pk" in found else found["id"])
    value = found
    for part in path.split("__"):
        value = getattr(value, part)
    return encode(value, found.pk)


def _read(cursor: str) -> tuple[Any, int]:
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        kind, text, pk = json.loads(raw)
        readers: dict[str, Callable[[str], Any]] = {
            "t": dt.datetime.fromisoformat,
            "d": dt.date.fromisoformat,
            "n": Decimal,
            "i": int,
            "s": str,
        }
        return readers[kind](text), int(pk)
    except (ValueError, TypeError, KeyError, ArithmeticError, binascii.Error) as error:
        raise BadInput("list.cursor", _("This page address is damaged; start again.")) from error


def _past(path: str, value: Any, pk: int, *, descending: bool) -> Q:
    word = "lt" if descending else "gt"
    # The first condition is implied by the second; it lets the index start at the cursor.
    return Q(**{f"{path}__{word}e": value}) & (
        Q(**{f"{path}__{word}": value}) | Q(**{path: value, f"pk__{word}": pk})
    )
