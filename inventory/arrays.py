"""Lists as PostgreSQL array texts: one parameter instead of ten thousand expressions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal


def array(values: Iterable[object]) -> str:
    """Return the array text of numbers, texts, dates and None; the query names its type."""
    return "{" + ",".join(map(_item, values)) + "}"


def _item(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dt.date):
        return f'"{value.isoformat()}"'
    return str(value)
