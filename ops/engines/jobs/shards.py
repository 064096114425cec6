"""Shards: the parts of one period that run by themselves, one object on one day each."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

_TEXT = re.compile(r"([a-z_]{1,40}):([1-9][0-9]{0,17}):(\d{4}-\d\d-\d\d)", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Shard:
    """One part: what kind of object, which one, which business day."""

    kind: str
    object_id: int
    day: dt.date

    @property
    def text(self) -> str:
        """Write it as stored: "channel:3:2026-11-05"."""
        return f"{self.kind}:{self.object_id}:{self.day.isoformat()}"


def shard_of(text: str) -> Shard | None:
    """Read a shard as stored, None for the run of a whole period. Raises ValueError."""
    if not text:
        return None
    match = _TEXT.fullmatch(text)
    if match is None:
        raise ValueError(f"no shard: {text}")
    return Shard(match[1], int(match[2]), dt.date.fromisoformat(match[3]))
