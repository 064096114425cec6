"""What is handed around about the stock that channels show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenStock:
    """How many pieces of a SKU a channel shows, and when that was read from it."""

    sku_id: int
    pieces: int
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncReport:
    """What one look at a channel did: figures told anew, and how many of them were differences."""

    told: int = 0
    differed: int = 0


@dataclass(frozen=True, slots=True)
class Figure:
    """What a channel is to show of a SKU; `code` is the channel's own where it has one."""

    sku_id: int
    code: str
    pieces: int
