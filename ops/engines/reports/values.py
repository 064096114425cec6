"""Values of columns: back from stored text, and as people read them on paper."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.utils import timezone

from ops.engines.kernel.parse import BUSINESS_ZONE


def _moment_text(value: Any) -> str:
    return f"{timezone.localtime(value, BUSINESS_ZONE):%Y-%m-%d %H:%M}"


_REVIVE: dict[str, Callable[[Any], Any]] = {
    "money": Decimal,
    "decimal": Decimal,
    "rate": Decimal,
    "date": dt.date.fromisoformat,
    "datetime": dt.datetime.fromisoformat,
}
_SHOWN: dict[str, Callable[[Any], str]] = {
    "integer": "{:,}".format,
    "money": "{:,f}".format,
    "decimal": "{:,f}".format,
    "rate": "{:.2%}".format,
    "date": dt.date.isoformat,
    "datetime": _moment_text,
}
_NUMBERS = frozenset({"integer", "money", "decimal", "rate"})


def revive(kind: str) -> Callable[[Any], Any]:
    """Return the function that turns stored JSON back into the value a column of a kind holds."""
    return _REVIVE.get(kind, _same)


def shown(kind: str) -> Callable[[Any], str]:
    """Return the function that writes a value of a kind for people; nothing stays empty."""
    write = _SHOWN.get(kind, str)
    return lambda value: "" if value is None else write(value)


def is_number(kind: str) -> bool:
    """Say whether a column of the kind stands flush right."""
    return kind in _NUMBERS


def _same(value: Any) -> Any:
    return value
