"""One canonical JSON and one hash for everything that is ever compared, sealed or signed."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise


def plain(value: Any) -> Any:
    """Turn a value into what JSON can say: money as text, moments as ISO 8601 UTC.

    Raises TypeError for floats and anything else without one canonical form.
    """
    if value is None or isinstance(value, bool | int):
        return value
    for kind, say in _FORMS:
        if isinstance(value, kind):
            return say(value)
    raise TypeError(f"no canonical form for {type(value).__name__}")


def _number(value: Decimal) -> str:
    if not value.is_finite():
        raise TypeError("a number must be finite")
    return format(value, "f")


def _moment(value: dt.datetime) -> str:
    if value.tzinfo is None:
        raise TypeError("a moment needs its offset")
    return value.astimezone(dt.UTC).isoformat(timespec="microseconds")


def _mapping(value: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(key): plain(item) for key, item in value.items()}


def _items(value: Iterable[Any]) -> list[Any]:
    ordered = sorted(value) if isinstance(value, set | frozenset) else value
    return [plain(item) for item in ordered]


# Tried in this order: a datetime is a date, and text is iterable.
_FORMS: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (str, str),
    (Promise, str),
    (Decimal, _number),
    (dt.datetime, _moment),
    (dt.date, dt.date.isoformat),
    (uuid.UUID, str),
    (bytes, bytes.hex),
    (Mapping, _mapping),
    (Iterable, _items),
)


def canonical_json(value: Any) -> str:
    """Return the one text a value has: sorted keys, no spaces, UTF-8 unescaped."""
    return json.dumps(plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def content_hash(value: Any) -> str:
    """Return the sha256 (64 hex digits) of the canonical text."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()
