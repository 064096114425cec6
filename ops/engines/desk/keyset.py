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
from typing import Any, Final, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import IntegerField, Model, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.errors import BadInput

Row = TypeVar("Row", bound=Model)
EXACT_COUNT: Final = 10_000
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
    """How many rows another query has, up to ten thousand, as a value of each row."""

    template = "(SELECT count(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()

    def __init__(self, queryset: QuerySet[Any], *, most: int = EXACT_COUNT) -> None:
        super().__init__(queryset.order_by().values("pk")[:most])


def head_of(queryset: QuerySet[Row], most: int) -> tuple[list[Row], int]:
    """Return the first rows and how many there are (up to ten thousand), in one statement."""
    rows = list(queryset.annotate(in_all=CountOf(queryset))[:most])
    return rows, rows[0].in_all if rows else 0


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
    minus for descending. `row` turns each fetched object into what is shown. Two statements, one
    when `counted` is false. Raises BadInput for a cursor that is not ours.
    """
    key = order.removeprefix("-")
    path, backward = orders.get(key, next(iter(orders.values()))), bool(before)
    descending = order.startswith("-") != backward
    sign = "-" if descending else ""
    cursor = before or after
    wanted = queryset.order_by(f"{sign}{path}", f"{sign}pk")
    if cursor:
        wanted = wanted.filter(_past(path, *_read(cursor), descending=descending))
    found = list(wanted[: limit + 1])
    more, found = len(found) > limit, found[:limit]
    if backward:
        found.reverse()
    first = _write(path, found[0]) if found else ""
    last = _write(path, found[-1]) if found else ""
    return ListPage(
        rows=[row(each) for each in found] if row else found,
        after=last if (more or backward) else "",
        before=first if (more and backward) or (cursor and not backward) else "",
        count=count_of(queryset) if counted else None,
    )


def count_of(queryset: QuerySet[Any]) -> Count:
    """Count exactly up to ten thousand rows, then ask the planner."""
    plain = queryset.order_by()
    number = plain[: EXACT_COUNT + 1].count()
    if number <= EXACT_COUNT:
        return Count(number)
    sql, params = plain.query.get_compiler(plain.db).as_sql()
    with connections[plain.db].cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        plan = cursor.fetchone()[0]
    read = json.loads(plan) if isinstance(plan, str) else plan
    return Count(max(int(read[0]["Plan"]["Plan Rows"]), EXACT_COUNT), is_exact=False)


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
