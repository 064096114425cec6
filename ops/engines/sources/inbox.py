"""Where sent files lie until they are read: below MEDIA_ROOT, under names made by us."""

from __future__ import annotations

import hashlib
import shutil
import uuid
from pathlib import Path
from typing import Final

from django.conf import settings

_FOLDER: Final = "sources"


def place(source_id: int, key: uuid.UUID) -> Path:
    """Return where the bytes of a sent file lie."""
    return Path(settings.MEDIA_ROOT) / _FOLDER / str(source_id) / str(key)


def keep(path: Path, source_id: int, key: uuid.UUID) -> None:
    """Copy a file into the folder of its source; a crash leaves nothing under its name."""
    target = place(source_id, key)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = target.with_suffix(".part")
    shutil.copyfile(path, draft)
    draft.chmod(0o600)
    draft.replace(target)


def drop(source_id: int, key: uuid.UUID) -> None:
    """Remove the bytes of a file, if they are there."""
    place(source_id, key).unlink(missing_ok=True)


def digest(path: Path) -> str:
    """Return the sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
