"""An anchor as text: what is signed, what the next one cites, and the line copied outside."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any, Protocol

from ops.engines.kernel.canonical import canonical_json

VERSION = 1


class AnchorRow(Protocol):
    """The columns of an anchor."""

    id: int
    first_leaf: int
    tree_size: int
    root: bytes
    previous: bytes
    sealed_at: datetime
    horizon: int
    key_id: str
    next_key: bytes | None
    signature: bytes
    next_signature: bytes | None


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


def _hex(value: Any) -> str | None:
    return None if value is None else bytes(value).hex()
