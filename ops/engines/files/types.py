"""What the files engine hands out."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class AttachmentInfo:
    """One file as screens and the API show it."""

    id: int
    object_type: str
    object_id: str
    name: str
    content_type: str
    sha256: str
    size: int
    note: str
    uploaded_by_id: int | None
    uploaded_at: dt.datetime


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """Bytes ready to be sent: checked against their hash just now."""

    info: AttachmentInfo
    path: Path
