"""Exports straight out of PostgreSQL: COPY to the stream, text made inert by the server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, BinaryIO, Final

from django.db import connections, transaction
from psycopg2 import sql

from ops.engines.kernel.parse import BUSINESS_ZONE

from .inert import MARK, RISKY_SQL
from .writer import BOM, Column, csv_header

_TEXT: Final = "CASE WHEN q.{0}::text ~ {1} THEN {2} || q.{0}::text ELSE q.{0}::text END"
_MOMENT: Final = "(q.{0} AT TIME ZONE {1})::text"
_OTHER: Final = "q.{0}::text"


def stream_query_csv(
    query: str,
    params: Sequence[Any] | dict[str, Any],
    columns: Sequence[Column],
    stream: BinaryIO,
    *,
    using: str = "default",
) -> int:
    """Write the result of `query` as CSV at constant memory; returns the number of rows.

    `query` is our own SQL and names its result columns by the keys of `columns`; what people choose
    goes into `params`.
    """
    connection = connections[using]
    with transaction.atomic(using=using), connection.cursor() as cursor:
        bound = cursor.cursor.mogrify(query, params or None).decode()
        parts = sql.SQL(", ").join(_expression(column) for column in columns)
        copy = sql.SQL("COPY (SELECT {} FROM ({}) AS q) TO STDOUT WITH (FORMAT csv)").format(
            parts, sql.SQL(bound)
        )
        stream.write(BOM + csv_header(columns).removesuffix(b"\r\n") + b"\n")
        cursor.cursor.copy_expert(copy, stream)
        return int(cursor.cursor.rowcount)


def _expression(column: Column) -> sql.Composable:
    name = sql.Identifier(column.key)
    if column.kind == "text":
        return sql.SQL(_TEXT).format(name, sql.Literal(RISKY_SQL), sql.Literal(MARK))
    if column.kind == "datetime":
        return sql.SQL(_MOMENT).format(name, sql.Literal(str(BUSINESS_ZONE)))
    return sql.SQL(_OTHER).format(name)
