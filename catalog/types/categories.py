"""Categories with what they ask, as the catalogue hands them out: plain and frozen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from catalog.rules.categories import Demands


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryRuleInfo:
    """One version of a category's own word."""

    id: int
    category_id: int
    version: int
    starts_on: date
    demands: Demands
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfAt:
    """One category as it stood at the end of a day; `demands` include what it inherited."""

    id: int
    code: str
    name: str
    parent_id: int | None
    depth: int
    is_leaf: bool
    demands: Demands
