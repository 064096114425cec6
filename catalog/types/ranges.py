"""Range reviews, as they are handed out."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewInfo:
    """The review of one month: how many SKUs were ranked, and what is proposed for how many."""

    id: int
    month: dt.date
    rows: int
    pushed: int
    dropped: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DropInfo:
    """A request to drop SKUs; `listing_ids` are the listings that leave the shelf with them."""

    id: int
    number: str
    state: str
    sku_ids: tuple[int, ...]
    listing_ids: tuple[int, ...]
    approval_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DroppedSku:
    """A SKU that is not bought any more, and since when."""

    line_id: int
    sku_id: int
    code: str
    stopped_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SoldRow:
    """One sale line behind the figures of a SKU; `href` leads to its order."""

    number: str
    day: dt.date
    channel: str
    quantity: int
    amount: Decimal
    href: str
