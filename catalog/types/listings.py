"""Listings as the catalogue hands them out: plain and frozen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from catalog.rules.categories import Demands
from catalog.rules.listing.completeness import ListingRule
from catalog.rules.listing.pictures import Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingInfo:
    """One listing and where it stands at the moment it was read."""

    id: int
    number: str
    product_id: int
    channel_id: int
    stage: str
    percent: int | None
    missing: Sequence[Mapping[str, str]]
    verified_at: datetime | None
    retired_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What a listing is judged on besides its own words.

    `path` is the category's path of codes; `values` are the facts of product and variants by
    attribute (a variant's only where all agree); `papers` are the mandatory documents that are
    there; `review_id` is the newest quality review where it passed and holds, `standard` its own.
    """

    listing_id: int
    product_id: int
    channel_id: int
    product_name: str
    brand: str
    path: str
    demands: Demands
    rule: ListingRule
    values: Mapping[str, str]
    papers: frozenset[str]
    kept: Mapping[int, Picture]
    has_price: bool
    has_stock: bool
    review_id: int | None
    standard: str = ""
    proven: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureAdded:
    """A picture that was taken in; `twin_of` is a kept one of the listing that looks the same."""

    id: int
    width: int
    height: int
    twin_of: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DelistingInfo:
    """One delisting."""

    id: int
    number: str
    listing_id: int
    kind: str
    reason: str
    note: str
    effective_at: datetime
    open_pieces: int
    stock_pieces: int
    state: str
    stated_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanReport:
    """What a scan looked at and opened."""

    looked_at: int
    incomplete: int = 0
    reopened: int = 0
    stale: int = 0
    contradicting: int = 0
    tasks: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What the newest look at one listing found."""

    listing_id: int
    percent: int
    missing: Sequence[Mapping[str, Any]]
