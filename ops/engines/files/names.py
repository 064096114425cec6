"""Names: what people see is cleaned, what lies on disk is made here."""

from __future__ import annotations

import re
import unicodedata
import uuid
from pathlib import PurePosixPath, PureWindowsPath

MOST = 120
_UNSAFE = re.compile(r'[\x00-\x1f\x7f"<>|:*?\\/;%\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]')


def display_name(written: str) -> str:
    """Return a name safe to show and to send in a header: no path, no control or reversing mark."""
    base = PureWindowsPath(PurePosixPath(written).name).name
    clean = _UNSAFE.sub("_", unicodedata.normalize("NFC", base)).strip(" .")
    stem, dot, ending = clean.rpartition(".")
    if not dot:
        stem, ending = clean, ""
    room = MOST - len(ending) - 1
    return f"{stem[:room] or 'file'}{dot}{ending}" if dot else (stem[:MOST] or "file")


def stored_name(ending: str) -> str:
    """Return a new server-made path below the store: two letters of fan-out, then a random id."""
    made = uuid.uuid4().hex
    return f"{made[:2]}/{made}{ending}"
