"""Coding rules and aliases as the catalogue hands them out: plain and frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRuleInfo:
    """One version of a coding rule; `category_id` None holds where no shelf has its own."""

    id: int
    category_id: int | None
    version: int
    pattern: str
    words: Mapping[str, Mapping[str, str]]
    starts_on: date
    decided_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasInfo:
    """What a former system or a supplier calls a SKU."""

    id: int
    sku_id: int
    kind: str
    source: str
    code: str
