"""What the promotion calendar hands out: plain and frozen (CAT-4.4-03)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from catalog.choices.festivals import PlanStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class FestivalContent:
    """What a person writes of a festival of one year; both days included."""

    name: str
    kind: str
    starts_on: dt.date
    ends_on: dt.date
    is_marked: bool
    is_held: bool = True
    name_en: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FestivalPlan:
    """A festival and how far the promotions in its days are; `days_left` until it begins."""

    id: int
    name: str
    kind: str
    starts_on: dt.date
    ends_on: dt.date
    is_marked: bool
    days_left: int
    promotions: int
    status: PlanStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPromotion:
    """A promotion in the calendar; `overlapping` numbers those with the same goods in its time."""

    id: int
    number: str
    title: str
    channel: str
    state: str
    first_on: dt.date
    last_on: dt.date
    overlapping: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarDay:
    """One day of the month: the working calendar's word for it, what is on."""

    day: dt.date
    is_in_month: bool
    is_today: bool
    is_working: bool
    holiday: str
    festivals: Sequence[FestivalPlan] = ()
    promotions: Sequence[PlannedPromotion] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarMonth:
    """A month of the promotion calendar, by weeks from Monday, and what comes after it."""

    first: dt.date
    last: dt.date
    seasons: Sequence[str]
    weeks: Sequence[Sequence[CalendarDay]]
    ahead: Sequence[FestivalPlan]
    promotions: Sequence[PlannedPromotion] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedGoods:
    """Two planned promotions of a channel that reach the same goods in the same time."""

    one: int
    other: int
    skus: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchReport:
    """What the daily watch told: festivals without a plan, promotions that share goods."""

    reminded: int
    overlaps: int
