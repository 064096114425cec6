"""Proposals for new products, as they are handed in and out."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class RivalOffer:
    """What a rival asks for comparable goods, and where it was seen."""

    rival: str
    goods: str
    price: Decimal
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalDraft:
    """What somebody proposes: research, rivals, for whom, at what price, and the marks given.

    `demand_mark`, `trend_mark` and `fit_mark` are points from 0 to 100; `monthly_sales` are pieces.
    """

    name: str
    category_id: int
    demand: str
    trend: str
    target_group: str
    brand_fit: str
    price: Decimal
    unit_cost: Decimal
    monthly_sales: int
    demand_mark: int
    trend_mark: int
    fit_mark: int
    rivals: tuple[RivalOffer, ...] = ()
    rival_note: str = ""
    risk: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalInfo:
    """A proposal with its score; margin in percent of the price."""

    id: int
    number: str
    name: str
    category_id: int
    state: str
    price: Decimal
    margin: Decimal
    score: Decimal
    product_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Barred:
    """A SKU that may not be bought, and why: `unselected`, `retired` or `dropped`."""

    sku_id: int
    code: str
    why: str
