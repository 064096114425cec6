"""The promotion calendar: festivals, seasons and promotions of a month (CAT-4.4-03)."""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from collections.abc import Collection, Sequence
from typing import Final

from django.db.models import QuerySet

from catalog.choices.festivals import FestivalKind, PlanStatus
from catalog.choices.promotions import PromotionState
from catalog.errors import festivals as errors
from catalog.models import Festival, Promotion
from catalog.models.promotions import PLANNED
from catalog.selectors import promotion_overlaps, promotions
from catalog.types.festivals import CalendarDay, CalendarMonth, FestivalPlan, PlannedPromotion
from ops.engines.clocks import selectors as clocks
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import BUSINESS_ZONE, business_day

AHEAD: Final = dt.timedelta(days=180)
_DAY: Final = dt.timedelta(days=1)
# The furthest state of any promotion says how far the plan is.
_FURTHEST: Final = (
    (PlanStatus.APPROVED, (PromotionState.SCHEDULED, PromotionState.RUNNING, PromotionState.PAUSED,
                           PromotionState.ENDED, PromotionState.REVIEWED)),
    (PlanStatus.SUBMITTED, (PromotionState.SUBMITTED,)),
    (PlanStatus.DRAFTED, (PromotionState.DRAFT, PromotionState.RETURNED)),
)  # fmt: skip


def festivals() -> QuerySet[Festival]:
    """Return every festival of every year, the newest first."""
    return Festival.objects.order_by("-starts_on", "-pk")


def festival(festival_id: int) -> Festival:
    """Return one festival; raises FestivalMissing."""
    found = Festival.objects.filter(pk=festival_id).first()
    if found is None:
        raise errors.FestivalMissing(festival_id)
    return found


def month(*, first: dt.date, actor: Actor, at: dt.datetime) -> CalendarMonth:
    """Return the month that begins on a day, with the festivals of half a year from now.

    Promotions, and so plans, are those of the actor's channels. Statements: festivals, promotions
    of the month and of the festivals, overlaps, the working calendar.
    """
    last = first.replace(day=monthrange(first.year, first.month)[1])
    start, end = first - _DAY * first.weekday(), last + _DAY * (6 - last.weekday())
    today = business_day(at)
    held = list(
        Festival.objects.filter(
            is_held=True, starts_on__lte=max(end, today + AHEAD), ends_on__gte=min(start, today)
        )
    )
    mine = promotions.promotions(actor=actor)
    plans = planned(held, among=mine, at=at)
    known = clocks.calendar()
    shown = _promotions(mine, start, end)
    weeks = []
    for monday in range(0, (end - start).days + 1, 7):
        days = [start + _DAY * (monday + place) for place in range(7)]
        weeks.append(
            [
                CalendarDay(
                    day=day,
                    is_in_month=first <= day <= last,
                    is_today=day == today,
                    is_working=known.is_working(day),
                    holiday=known.days[day].name_zh if day in known.days else "",
                    festivals=[
                        each for each in plans
                        if each.kind != FestivalKind.SEASON
                        and each.starts_on <= day <= each.ends_on
                    ],
                    promotions=[each for each in shown if each.first_on <= day <= each.last_on],
                )
                for day in days
            ]
        )  # fmt: skip
    return CalendarMonth(
        first=first,
        last=last,
        seasons=[
            each.name
            for each in plans
            if each.kind == FestivalKind.SEASON and each.starts_on <= last and each.ends_on >= first
        ],
        weeks=weeks,
        ahead=[
            each for each in plans
            if each.kind != FestivalKind.SEASON
            and each.ends_on >= today and each.starts_on <= today + AHEAD
        ],
        promotions=[each for each in shown if each.first_on <= last and each.last_on >= first],
    )  # fmt: skip


def planned(
    rows: Sequence[Festival], *, among: QuerySet[Promotion], at: dt.datetime
) -> list[FestivalPlan]:
    """Return how far the promotions in the days of festivals are. One query for any number."""
    if not rows:
        return []
    first, last = min(row.starts_on for row in rows), max(row.ends_on for row in rows)
    windows = [
        (business_day(start), business_day(end - dt.timedelta(microseconds=1)), state)
        for start, end, state in _between(among, first, last)
        .exclude(state=PromotionState.WITHDRAWN)
        .values_list("starts_at", "ends_at", "state")
    ]
    today = business_day(at)
    found = []
    for row in rows:
        states = [
            state
            for begins, ends, state in windows
            if begins <= row.ends_on and ends >= row.starts_on
        ]
        found.append(
            FestivalPlan(
                id=row.pk,
                name=row.name,
                kind=row.kind,
                starts_on=row.starts_on,
                ends_on=row.ends_on,
                is_marked=row.is_marked,
                days_left=(row.starts_on - today).days,
                promotions=len(states),
                status=_status(states, is_over=row.ends_on < today),
            )
        )
    return found


def planned_ahead(*, at: dt.datetime) -> list[Promotion]:
    """Return the handed in and approved promotions that are not over."""
    rows = Promotion.objects.filter(state__in=PLANNED, ends_at__gt=at)
    return list(rows.select_related("channel").order_by("pk"))


def newest_written() -> dt.datetime | None:
    """Return when a person last wrote a festival."""
    rows = Festival.objects.filter(written_at__isnull=False).order_by("-written_at")
    return rows.values_list("written_at", flat=True).first()


def _status(states: Collection[str], *, is_over: bool) -> PlanStatus:
    if is_over:
        return PlanStatus.OVER
    return next(
        (status for status, words in _FURTHEST if any(state in words for state in states)),
        PlanStatus.NONE,
    )


def _between(rows: QuerySet[Promotion], first: dt.date, last: dt.date) -> QuerySet[Promotion]:
    since = dt.datetime.combine(first, dt.time.min, BUSINESS_ZONE)
    until = dt.datetime.combine(last + _DAY, dt.time.min, BUSINESS_ZONE)
    return rows.filter(starts_at__lt=until, ends_at__gt=since)


def _promotions(rows: QuerySet[Promotion], first: dt.date, last: dt.date) -> list[PlannedPromotion]:
    found = list(
        _between(rows, first, last)
        .exclude(state=PromotionState.WITHDRAWN)
        .select_related("channel")
        .order_by("starts_at", "pk")
    )
    numbers = {row.pk: row.number for row in found}
    beside: dict[int, list[str]] = {}
    for pair in promotion_overlaps.shared([row for row in found if row.ended_at is None]):
        beside.setdefault(pair.one, []).append(numbers[pair.other])
        beside.setdefault(pair.other, []).append(numbers[pair.one])
    return [
        PlannedPromotion(
            id=row.pk,
            number=row.number,
            title=row.title,
            channel=row.channel.name,
            state=row.state,
            first_on=business_day(row.starts_at),
            last_on=business_day(row.ends_at - dt.timedelta(microseconds=1)),
            overlapping=beside.get(row.pk, ()),
        )
        for row in found
    ]
