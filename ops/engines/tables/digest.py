"""A hash of a set of rows, so that a file is known again when renamed, re-sorted or re-packed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

_SEPARATOR: Final = "\x1f"
_RANGE: Final = 1 << 256


@dataclass(slots=True)
class RowDigest:
    """Grows row by row: equal for the same rows in any order; identical rows count each time."""

    total: int = 0
    count: int = 0

    def add(self, cells: Iterable[str]) -> None:
        """Add one row."""
        row = hashlib.sha256(_SEPARATOR.join(cells).encode("utf-8", "surrogatepass")).digest()
        self.total += int.from_bytes(row)
        self.count += 1

    def hexdigest(self) -> str:
        """Return the digest as 64 hex digits."""
        return hashlib.sha256(f"{self.total % _RANGE:064x}:{self.count}".encode()).hexdigest()


def content_digest(rows: Iterable[Sequence[str]]) -> str:
    """Return the order-independent digest of rows of text."""
    digest = RowDigest()
    for row in rows:
        digest.add(row)
    return digest.hexdigest()
