"""Goods as the catalogue hands them out and takes them in: plain and frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class CategoryInfo:
    """One category; `path` lists the codes from the root."""

    id: int
    code: str
    name: str
    name_en: str
    parent_id: int | None
    path: str


@dataclass(frozen=True, slots=True)
class ChannelInfo:
    """One channel."""

    id: int
    code: str
    name: str
    platform: str
    currency: str
    is_active: bool
    is_own: bool
    go_live_on: date | None


@dataclass(frozen=True, slots=True)
class ProductInfo:
    """One product."""

    id: int
    code: str
    name: str
    category_id: int
    brand: str
    state: str


@dataclass(frozen=True, slots=True)
class SkuInfo:
    """One SKU."""

    id: int
    code: str
    product_id: int
    name: str
    kind: str
    unit: str
    barcode: str
    tax_rate: Decimal
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductRow:
    """One row of a product import: a SKU under a code made elsewhere, and its product.

    `category` lists names from the root; empty means "not sorted yet" for what is new and says
    nothing about what is there. `product_code` empty: the product the SKU has, else one of the
    SKU's own code. `attributes` are what the variants of a product differ by; `state` counts for
    what is new.
    """

    code: str
    name: str
    category: tuple[str, ...] = ()
    name_en: str = ""
    brand: str = ""
    weight_g: int | None = None
    kind: str = "goods"
    unit: str = "piece"
    barcode: str = ""
    tax_rate: Decimal = Decimal("0.1300")
    product_code: str = ""
    product_name: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    state: str = "active"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadReport:
    """What a product import did, row by row: the SKU is new, it or its product changed, neither.

    `twins` are codes that differ from another only in case or width.

    `sku_ids` holds the SKU of every code of the import.
    """

    rows: int
    created: int
    updated: int
    unchanged: int
    duplicates: int
    twins: tuple[str, ...]
    sku_ids: dict[str, int]
