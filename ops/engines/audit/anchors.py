"""An anchor as text: what is signed, what the next one cites, and the line copied outside."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Protocol, TypeAlias

from ops.engines.kernel.canonical import canonical_json

VERSION = 1
Bytes: TypeAlias = "bytes | memoryview[int]"  # what the driver gives for bytea


class AnchorRow(Protocol):
    """The columns of an anchor."""

    @property
    def id(self) -> int: ...

    @property
    def first_leaf(self) -> int: ...

    @property
    def tree_size(self) -> int: ...

    @property
    def root(self) -> Bytes: ...

    @property
    def previous(self) -> Bytes: ...

    @property
    def sealed_at(self) -> datetime: ...

    @property
    def horizon(self) -> int: ...

    @property
    def key_id(self) -> str: ...

    @property
    def next_key(self) -> Bytes | None: ...

    @property
    def signature(self) -> Bytes: ...

    @property
    def next_signature(self) -> Bytes | None: ...


def content_of(anchor: AnchorRow) -> str:
    """Return the canonical text that is signed."""
    return canonical_json(
        {
            "first": anchor.first_leaf,
            "horizon": str(anchor.horizon),
            "key": anchor.key_id,
            "next_key": _hex(anchor.next_key),
            "number": anchor.id,
            "previous": _hex(anchor.previous),
            "root": _hex(anchor.root),
            "sealed_at": anchor.sealed_at,
            "size": anchor.tree_size,
            "v": VERSION,
        }
    )


def hash_of(anchor: AnchorRow) -> bytes:
    """Return the hash that the next anchor cites."""
    return hashlib.sha256(content_of(anchor).encode()).digest()


def line_of(anchor: AnchorRow) -> str:
    """Return the one line that leaves the database: the anchor with its signatures."""
    return canonical_json(
        {
            "anchor": json.loads(content_of(anchor)),
            "next_signature": _hex(anchor.next_signature),
            "signature": _hex(anchor.signature),
        }
    )


def _hex(value: Bytes | None) -> str | None:
    return None if value is None else bytes(value).hex()
