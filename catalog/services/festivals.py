"""Festivals and seasons in the promotion calendar, and the watch over their plans (CAT-4.4-03)."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Final

from django.db import transaction
from django.utils.translation import gettext_noop

from catalog.choices.festivals import PlanStatus
from catalog.errors import festivals as errors
from catalog.models import Festival, Promotion
from catalog.selectors import festivals as selectors
from catalog.selectors import promotion_overlaps
from catalog.types.festivals import FestivalContent, FestivalPlan, WatchReport
from ops.engines.audit import services as audit
from ops.engines.identity.choices import Role
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day
from ops.engines.kernel.policy import may
from ops.engines.notices import services as notices

SUBJECT: Final = "catalog.festival"
KEEP: Final = may("catalog", "C", Role.OPERATIONS_SUPERVISOR, Role.OPERATIONS_MANAGER)
REMIND_DAYS: Final = 30
_NO_PLAN: Final = gettext_noop("%(name)s begins in %(days)s days and nobody drafted a promotion")
_SHARED: Final = gettext_noop("%(one)s and %(other)s reach the same %(skus)s SKUs in one time")


def keep(
    *, content: FestivalContent, actor: Actor, at: dt.datetime, festival_id: int | None = None
) -> Festival:
    """Write a festival of one year down, or change one (`festival_id`).

    Raises Forbidden, FestivalMissing, FestivalDaysWrong, FestivalTaken, BadInput.
    """
    KEEP.require(actor)
    if content.ends_on < content.starts_on:
        raise errors.FestivalDaysWrong
    with transaction.atomic():
        audit.acting(actor)
        row = Festival() if festival_id is None else _locked(festival_id)
        name = parse.text(content.name.strip(), most=40, least=1)
        taken = Festival.objects.filter(name=name, starts_on=content.starts_on)
        if taken.exclude(pk=row.pk).exists():
            raise errors.FestivalTaken(name)
        for field, value in asdict(content).items():
            setattr(row, field, value)
        row.name, row.name_en = name, parse.text(content.name_en.strip(), most=60)
        row.written_by, row.written_at = actor.person_id, at
        row.save()
        audit.record(
            actor=actor,
            at=at,
            action="catalog.festival_written",
            obj=(SUBJECT, row.pk),
            body={"name": row.name, "from": row.starts_on, "until": row.ends_on,
                  "marked": row.is_marked, "held": row.is_held},
        )  # fmt: skip
        return row


def watch(*, actor: Actor, at: dt.datetime) -> WatchReport:
    """Remind of marked festivals without a draft in their days; flag promotions that share goods.

    Thirty days before a festival begins its reminder is due; each is told once, and so is each pair
    of promotions. Nothing is told twice, however often this runs.
    """
    today = business_day(at)
    coming = Festival.objects.filter(
        is_marked=True,
        is_held=True,
        starts_on__gte=today,
        starts_on__lte=today + dt.timedelta(days=REMIND_DAYS),
    )
    bare = [
        plan
        for plan in selectors.planned(list(coming), among=Promotion.objects.all(), at=at)
        if plan.status == PlanStatus.NONE
    ]
    with transaction.atomic():
        reminded = sum(_remind(plan, actor=actor, at=at) > 0 for plan in bare)
        return WatchReport(reminded=reminded, overlaps=_flag(actor=actor, at=at))


def _remind(plan: FestivalPlan, *, actor: Actor, at: dt.datetime) -> int:
    return notices.notify(
        role=Role.OPERATIONS_SUPERVISOR,
        kind="act",
        title=_NO_PLAN,
        params={"name": plan.name, "days": plan.days_left},
        link=f"/promotion-calendar/{plan.starts_on:%Y-%m}/",
        subject=f"{SUBJECT}:{plan.id}",
        effect_key=f"festival_without_plan:{plan.id}:{plan.starts_on}",
        actor=actor,
        at=at,
    )


def _flag(*, actor: Actor, at: dt.datetime) -> int:
    """Tell the drafters of promotions that share goods; return how many pairs were news."""
    rows = {row.pk: row for row in selectors.planned_ahead(at=at)}
    news = 0
    for pair in promotion_overlaps.shared(list(rows.values())):
        one, other = rows[pair.one], rows[pair.other]
        told = notices.notify(
            person_ids=sorted({one.drafted_by, other.drafted_by} - {0}),
            kind="act",
            title=_SHARED,
            params={"one": one.number, "other": other.number, "skus": pair.skus},
            link=f"/promotions/{other.pk}/",
            subject=f"catalog.promotion:{other.pk}",
            effect_key=f"promotions_share:{one.pk}:{other.pk}",
            actor=actor,
            at=at,
        )
        news += told > 0
    return news


def _locked(festival_id: int) -> Festival:
    rows = Festival.objects.select_for_update(of=("self",), no_key=True)
    found = rows.filter(pk=festival_id).first()
    if found is None:
        raise errors.FestivalMissing(festival_id)
    return found
