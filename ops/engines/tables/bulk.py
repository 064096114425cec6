"""Big files into the database: checked rows flow through COPY, never through a list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import IO

from django.db import connection
from psycopg2 import sql

from .intake import Intake


def to_copy(intake: Intake, out: IO[str]) -> int:
    """Write the accepted rows as COPY text, file line first; returns how many."""
    count = 0
    for line in intake.copy_lines():
        out.write(line)
        count += 1
    return count


def copy_into(intake: Intake, *, table: str, columns: Sequence[str]) -> int:
    """COPY the accepted rows into a (temporary) table; returns how many.

    `columns` receive the line number, then the profile's columns in order. Runs in the caller's
    transaction. Raises DataError when the table refuses what the profile accepted.
    """
    copy = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    source = _LineSource(intake.copy_lines())
    with connection.cursor() as cursor:
        cursor.cursor.copy_expert(copy, source)
    return source.count


class _LineSource:
    """A readable over lines, as much at a time as asked for."""

    def __init__(self, lines: Iterator[str]) -> None:
        self.lines, self.rest, self.count = lines, "", 0

    def read(self, size: int = 8192) -> str:
        """Return up to `size` characters, "" at the end."""
        parts, length = [self.rest], len(self.rest)
        while length < size and (line := next(self.lines, None)) is not None:
            parts.append(line)
            length += len(line)
            self.count += 1
        text = "".join(parts)
        self.rest = text[size:]
        return text[:size]
