"""Bytes on disk: written beside, synced, renamed; never under a name someone sent."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from django.conf import settings

FOLDER = "attachments"


def path_of(stored: str) -> Path:
    """Return where stored bytes lie."""
    return Path(settings.MEDIA_ROOT) / FOLDER / stored


def write(stored: str, data: bytes) -> Path:
    """Write bytes so that a crash leaves either nothing or all of them."""
    path = path_of(stored)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(".part")
    with draft.open("xb") as file:
        draft.chmod(0o600)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    return path


def digest(path: Path) -> str:
    """Return the sha256 (64 hex digits) of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
