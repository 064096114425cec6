"""Listings by file: what a row tells, what came of it, what was refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingText:
    """One row: the texts it tells of goods in a channel; a text it does not tell stays."""

    line: int
    product_id: int
    channel_id: int
    told: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedText:
    """Why a row is not taken; `field` is the text at fault, or `product`."""

    line: int
    field: str
    code: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenTexts:
    """What came of the rows, by line; where anything was refused, maybe nothing was written."""

    opened: int = 0
    drafted: Sequence[int] = ()
    edited: Sequence[int] = ()
    unchanged: Sequence[int] = ()
    refused: Sequence[RefusedText] = ()
