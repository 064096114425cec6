"""The places outside the database where every anchor is copied: a file that only grows, and keys.

The database's administrator can rewrite every table; he cannot rewrite a line that lies elsewhere.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from ops.engines.audit.signing import public_pem
from ops.engines.audit.verifier.verify_bundle import (
    Anchor,
    Unreadable,
    read_anchor,
    read_anchors,
    read_key,
)

FILE = "anchors.jsonl"
_TAIL = 64 * 1024  # more than the longest line


def directories() -> Sequence[Path]:
    """Return the directories that get a copy."""
    places: Sequence[Path] = settings.AUDIT_ANCHOR_DIRS
    return places


def newest(place: Path) -> Anchor | None:
    """Return the last anchor copied to a place, None before the first. Raises Unreadable.

    A line that a crash tore off counts as not written.
    """
    try:
        with (place / FILE).open("rb") as handle:
            handle.seek(max(0, handle.seek(0, os.SEEK_END) - _TAIL))
            lines = handle.read().split(b"\n")[:-1]
    except FileNotFoundError:
        return None
    return read_anchor(lines[-1]) if lines else None


def copied(place: Path) -> list[Anchor]:
    """Return every anchor copied to a place. Raises Unreadable."""
    try:
        with (place / FILE).open("rb") as handle:
            return read_anchors(handle)
    except FileNotFoundError:
        return []


def append(place: Path, lines: Iterable[str]) -> None:
    """Add lines to the file of a place and wait until the disk has them. Raises OSError."""
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    flags = os.O_RDWR | os.O_CREAT
    with os.fdopen(os.open(place / FILE, flags, 0o600), "r+b") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        _drop_torn_line(handle)
        handle.write("".join(f"{line}\n" for line in lines).encode())
        handle.flush()
        os.fsync(handle.fileno())


def _drop_torn_line(handle: BinaryIO) -> None:
    size = handle.seek(0, os.SEEK_END)
    begin = handle.seek(max(0, size - _TAIL))
    handle.truncate(begin + handle.read().rfind(b"\n") + 1)
    handle.seek(0, os.SEEK_END)


def publish_key(place: Path, key_id: str, public: bytes) -> None:
    """Put a public key beside the anchors, once. Raises OSError."""
    path = place / f"audit-{key_id}.pub"
    if not path.exists():
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_text(public_pem(public))


def public_keys() -> list[bytes]:
    """Return every public key that lies beside the outside copies. Raises Unreadable."""
    found: dict[str, bytes] = {}
    for place in directories():
        for path in sorted(place.glob("audit-*.pub")):
            found.setdefault(path.stem, read_key(str(path)))
    return list(found.values())


def disagreements() -> list[tuple[Path, Path]]:
    """Return the pairs of places whose newest common anchor differs."""
    found = []
    for one, other in pairwise(directories()):
        mine = {anchor.number: anchor.text for anchor in copied(one)}
        if any(mine.get(anchor.number, anchor.text) != anchor.text for anchor in copied(other)):
            found.append((one, other))
    return found


__all__ = [
    "FILE",
    "Unreadable",
    "append",
    "copied",
    "directories",
    "disagreements",
    "newest",
    "public_keys",
    "publish_key",
]
