"""Where uploaded files and rejects lie: below MEDIA_ROOT, under names made by us."""

from __future__ import annotations

import re
import shutil
import unicodedata
import uuid
from pathlib import Path

from django.conf import settings

from .profile import Profile
from .reader import TEXT_SUFFIXES

_FOLDER = "imports"
_MOST_NAME_CHARS = 120
_UNSHOWN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


def shown_name(name: str) -> str:
    """Return the sender's file name as it may be shown: last part, no control or reversing mark."""
    last = name.replace("\\", "/").rpartition("/")[2]
    text = _UNSHOWN.sub("", unicodedata.normalize("NFC", last)).strip()
    if len(text) > _MOST_NAME_CHARS:
        text = text[: _MOST_NAME_CHARS - 12] + "…" + text[-11:]
    return text or "-"


def keep(path: Path, key: uuid.UUID, name: str, profile: Profile) -> str:
    """Copy an uploaded file into the folder of its batch; returns its path below MEDIA_ROOT."""
    stored = Path(_FOLDER, str(key), "source" + _suffix(name, profile))
    target = full_path(str(stored))
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.copyfile(path, target)
    target.chmod(0o600)
    return str(stored)


def rejects_name(key: uuid.UUID) -> str:
    """Return the path of a batch's rejects below MEDIA_ROOT."""
    return str(Path(_FOLDER, str(key), "rejects.csv"))


def full_path(stored: str) -> Path:
    """Return the absolute path of a stored file."""
    return Path(settings.MEDIA_ROOT) / stored


def drop(key: uuid.UUID) -> None:
    """Remove the whole folder of a batch."""
    shutil.rmtree(full_path(str(Path(_FOLDER, str(key)))), ignore_errors=True)


def drop_file(stored: str) -> None:
    """Remove one stored file, if it is there."""
    full_path(stored).unlink(missing_ok=True)


def _suffix(name: str, profile: Profile) -> str:
    """Return the ending the reader will judge the file by, one of a closed list."""
    folded = name.casefold()
    packed = ".gz" if folded.endswith(".gz") else ""
    inner = folded.removesuffix(".gz")
    for suffix in (*TEXT_SUFFIXES, ".xlsx", ".zip", *profile.suffixes):
        if inner.endswith(suffix):
            return suffix + packed
    return ".csv"
