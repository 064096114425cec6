"""Lists as PostgreSQL array texts: one parameter instead of ten thousand expressions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any


def array(values: Iterable[object]) -> str:
    """Return the array text of numbers, texts, dates and None; the query names its type."""
    items = list(values)
    kinds = set(map(type, items))
    # Nearly every column holds one kind: no question is asked item by item then.
    write = _WRITERS.get(kinds.pop(), _item) if len(kinds) == 1 else _item
    return "{" + ",".join(map(write, items)) + "}"


def _text(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _moment(value: dt.date) -> str:
    return f'"{value.isoformat()}"'


def _null(_value: None) -> str:
    return "NULL"


_WRITERS: dict[type, Callable[[Any], str]] = {
    int: str,
    Decimal: str,
    str: _text,
    dt.datetime: _moment,
    dt.date: _moment,
    type(None): _null,
}


def _item(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, str):  # a StrEnum is its text
        return _text(value)
    return _WRITERS.get(type(value), str)(value)
