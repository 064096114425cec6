"""Report files on disk: made beside, synced, renamed; names are made here."""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

FOLDER = "reports"


def path_of(stored: str) -> Path:
    """Return where a stored file lies."""
    return Path(settings.MEDIA_ROOT) / FOLDER / stored


def new_name(ending: str) -> str:
    """Return a new path below the store: two letters of fan-out, then a random id."""
    made = uuid.uuid4().hex
    return f"{made[:2]}/{made}.{ending}"


@contextmanager
def draft(ending: str) -> Iterator[Path]:
    """Give a place to write; whatever was not kept is gone afterwards."""
    path = path_of(new_name(f"{ending}.part"))
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


@contextmanager
def kept(path: Path, ending: str) -> Iterator[str]:
    """Make a draft permanent under a new stored name, unless writing its row fails."""
    stored = new_name(ending)
    place = path_of(stored)
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("rb") as file:
        os.fsync(file.fileno())
    path.chmod(0o600)
    path.replace(place)
    try:
        yield stored
    except BaseException:
        place.unlink(missing_ok=True)
        raise


def sha256_of(path: Path) -> str:
    """Return the sha256 (64 hex digits) of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
