"""What patrols, checks and policies hand out: plain and frozen."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyFigures:
    """The figures of one version of a policy; percentages with one decimal, None is no limit."""

    category_id: int | None
    starts_on: dt.date
    target_margin: Decimal
    floor_margin: Decimal
    ceiling_margin: Decimal | None
    band: Decimal
    window_days: int
    above_rival: Decimal | None
    under_rival: Decimal | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PatrolReport:
    """What one patrol found: offers looked at, cases opened and seen again, offers suspended."""

    offers: int
    opened: int
    again: int
    severe: int
    suspended: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlierReport:
    """What one weekly check found."""

    opened: int
    again: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRow:
    """A SKU as a channel shows it."""

    sku_id: int
    price: Decimal
    struck: Decimal | None
    seen_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RivalRow:
    """What a rival asked for a SKU on a day; `source` says where it was seen."""

    sku_id: int
    rival: str
    price: Decimal
    seen_on: dt.date
    source: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class BandShare:
    """How many offers of a channel lie within the policy, of how many with a known cost."""

    channel: str
    within: int
    offers: int
    without_cost: int
