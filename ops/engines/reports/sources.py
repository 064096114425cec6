"""Where the figures come from: one snapshot of the report database, streamed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections, transaction

CHUNK = 5_000
MOST_SECONDS = 600


def stream(alias: str, statement: str, params: Any = None) -> Iterator[tuple[Any, ...]]:
    """Yield a statement's rows through a server-side cursor."""
    with connections[alias].chunked_cursor() as cursor:
        cursor.execute(statement, params)
        while rows := cursor.fetchmany(CHUNK):
            yield from rows


@contextmanager
def snapshot(alias: str) -> Iterator[None]:
    """Let everything read inside see one moment of the database, and end what takes too long."""
    link = connections[alias]
    is_outermost = not link.in_atomic_block
    with transaction.atomic(using=alias), link.cursor() as cursor:
        if is_outermost:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute(f"SET LOCAL statement_timeout = '{MOST_SECONDS}s'")
        yield
