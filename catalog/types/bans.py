"""Bans of goods, plain and frozen."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class BanInfo:
    """A ban of a product by a case, and who lifted it; it stands while `lifted_at` is None."""

    id: int
    product_id: int
    source: str
    reason: str
    banned_at: dt.datetime
    lifted_by: int | None
    lifted_at: dt.datetime | None
    lifted_why: str
