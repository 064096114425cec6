"""Cells as a profile's columns understand them; each different text is worked out once."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any, Final

from ops.engines.kernel.errors import OpsError

from .errors import cell_reason
from .profile import Column

_MOST_REMEMBERED: Final = 60_000
# What a program leaves of a long order number that it took for a number.
_MANGLED = re.compile(r"[0-9](?:\.[0-9]+)?[Ee]\+[0-9]{1,3}")
_COPY_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
COPY_NULL: Final = "\\N"


class CellRefused(OpsError):
    """One cell cannot be accepted: 422 where a single row is entered."""

    status = 422


class Values(dict[str, Any]):
    """Raw cell -> value of one column; looking up a wrong cell raises OpsError."""

    def __init__(self, column: Column, trim: str) -> None:
        super().__init__()
        self.column, self.trim = column, trim

    def __missing__(self, raw: str) -> Any:
        value = self._read(raw.strip(self.trim) if self.trim else raw)
        if len(self) < _MOST_REMEMBERED:
            self[raw] = value
        return value

    def _read(self, text: str) -> Any:
        if not text or text in self.column.blanks:
            if self.column.required:
                raise CellRefused("tables.required", cell_reason("required"))
            return None
        if "+" in text and _MANGLED.fullmatch(text):
            raise CellRefused("tables.precision_lost", cell_reason("precision_lost"))
        return self.column.parse(text)


class Texts(dict[str, str]):
    """Raw cell -> canonical COPY text of its value; the digest is made of these too."""

    def __init__(self, values: Values) -> None:
        super().__init__()
        self.values_of = values

    def __missing__(self, raw: str) -> str:
        text = copy_text(self.values_of[raw])
        if len(self) < _MOST_REMEMBERED:
            self[raw] = text
        return text


def copy_text(value: Any) -> str:
    """Return a value as PostgreSQL's COPY text format has it; one text per value."""
    if value is None:
        return COPY_NULL
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, Decimal):
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    return str(value).translate(_COPY_ESCAPES)
