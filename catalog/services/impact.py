"""What a proposal would have done to real orders, kept beside it; and what it did (CAT-4.2-01).

A forecast is worked out on demand while something is a draft, anew when it is handed in (the
decision cites it), and never changed after. The outcome is measured every night from the start
on, over as long a window as the forecast had.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db import connection, transaction
from django.utils.translation import gettext_noop

from catalog.choices.impact import ImpactKind, ImpactSubject
from catalog.choices.prices import PriceChangeState
from catalog.errors import impact as errors
from catalog.errors import prices as price_errors
from catalog.errors import promotions as promotion_errors
from catalog.models import ImpactReport, PriceChange, PriceChangeLine, Promotion, PromotionRun
from catalog.models import promotions as promotion_models
from catalog.models.prices import APPROVED, EDITABLE
from catalog.rules import impact as rules
from catalog.selectors import impact as selectors
from catalog.selectors import impact_promotions, promotion_rules, promotions
from catalog.types.impact import Replay, ReportInfo, Window
from ops.engines.audit import services as audit
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.canonical import plain
from ops.engines.kernel.parse import business_day
from ops.engines.notices import services as notices

# How long after its forecast an outcome is still measured: a far start, and the longest window.
_MEASURED_DAYS: Final = 400
# Who asks longer ago than this asks anew.
_WHOLE_WITHIN: Final = timedelta(days=1)
_WHOLE = gettext_noop("The impact of %(number)s is worked out over all %(baskets)s baskets.")


def forecast_price_change(
    *, change_id: int, window: int = rules.USUAL_WINDOW, actor: Actor, at: datetime
) -> ReportInfo:
    """Replay the real orders of the last `window` days under a drafted price change; keep it.

    Of a change that was handed in, the forecast kept with it is returned: it stays what it was.
    Raises PriceChangeMissing, WindowUnknown, PriceChangeClosed (handed in without a forecast).
    """
    with transaction.atomic():
        change = PriceChange.objects.filter(pk=change_id).first()
        allowed = actor.scope_ids("channel", "catalog")
        if change is None or (allowed is not None and change.channel_id not in allowed):
            raise price_errors.PriceChangeMissing(change_id)
        if change.state not in EDITABLE:
            kept = selectors.newest(
                subject=(ImpactSubject.PRICE_CHANGE, change.pk), kind=ImpactKind.FORECAST
            )
            if kept is None:
                raise price_errors.PriceChangeClosed(change.state)
            return kept
        made = assess_price_change(change, window=window, at=at)
        return _kept_once(made, actor=actor, at=at)


def assess_price_change(
    change: PriceChange, *, window: int = rules.USUAL_WINDOW, at: datetime
) -> ImpactReport:
    """Return the forecast of a price change, not kept yet. Raises WindowUnknown."""
    days = window_of(window, at=at)
    replay = selectors.replay_price_change(change=change, window=days, at=at)
    run = rules.run_days(max(change.starts_at, at), change.ends_at, days.days)
    return ImpactReport(
        kind=ImpactKind.FORECAST,
        subject_type=ImpactSubject.PRICE_CHANGE,
        subject_id=change.pk,
        channel_id=change.channel_id,
        content_hash=selectors.content_of_price_change(change),
        **_columns(replay, window=days, run=run),
    )


def forecast_promotion(
    *, promotion_id: int, window: int = rules.USUAL_WINDOW, actor: Actor, at: datetime
) -> ReportInfo:
    """Replay the real orders of the last `window` days under a drafted promotion; keep it.

    Of a promotion that was handed in, the forecast kept with it is returned. Raises
    PromotionMissing, WindowUnknown, PromotionClosed (handed in without a forecast).
    """
    with transaction.atomic():
        row = promotions.row(promotion_id=promotion_id, actor=actor)
        if row.state not in promotion_models.EDITABLE:
            kept = selectors.newest(
                subject=(ImpactSubject.PROMOTION, row.pk), kind=ImpactKind.FORECAST
            )
            if kept is None:
                raise promotion_errors.PromotionClosed(row.state)
            return kept
        return _kept_once(assess_promotion(row, window=window, at=at), actor=actor, at=at)


def assess_promotion(
    row: Promotion, *, window: int = rules.USUAL_WINDOW, at: datetime
) -> ImpactReport:
    """Return the forecast of a promotion, not kept yet. Raises WindowUnknown."""
    days = window_of(window, at=at)
    return _of_promotion(
        row, impact_promotions.replay_promotion(row=row, window=days, at=at), days, at=at
    )


def replay_whole(
    *, actor: Actor, at: datetime, progress: impact_promotions.Progress | None = None
) -> dict[str, int]:
    """Replay every basket where a part of them stood for all, and tell who had asked (CAT-4.4-02).

    The forecast of the part is kept; the one of the whole is newer and lies with the same approval.
    A promotion that was changed since is left alone. Returns how many were replayed.
    """
    replayed = 0
    for part in selectors.replayed_in_part(since=at - _WHOLE_WITHIN):
        with transaction.atomic():
            row = Promotion.objects.filter(pk=part.subject_id).first()
            if row is None or selectors.content_of_promotion(row) != part.content_hash:
                continue
            days = Window(days=part.window_days, first=part.first, last=part.last)
            replay = impact_promotions.replay_promotion(
                row=row, window=days, at=at, whole=True, progress=progress
            )
            made = keep(
                _of_promotion(row, replay, days, at=at),
                approval_id=part.approval_id,
                actor=actor,
                at=at,
            )
            notices.notify(
                kind="fyi",
                title=_WHOLE,
                params={"number": row.number, "baskets": replay.distinct},
                link=f"/promotions/{row.pk}/",
                subject=f"{made.subject_type}:{row.pk}",
                person_ids=[part.made_by] if part.made_by else [],
                actor=actor,
                at=at,
            )
            replayed += 1
    return {"replayed": replayed}


def awaits_whole(forecast: ReportInfo, *, at: datetime) -> bool:
    """Say whether a forecast is of a part and all orders are still to be replayed."""
    return bool(forecast.figures.get("sampled")) and forecast.made_at >= at - _WHOLE_WITHIN


def _of_promotion(row: Promotion, replay: Replay, days: Window, *, at: datetime) -> ImpactReport:
    """Return the forecast a replay comes to, not kept yet."""
    run = rules.run_days(max(row.starts_at, at), row.ends_at, days.days)
    report = ImpactReport(
        kind=ImpactKind.FORECAST,
        subject_type=ImpactSubject.PROMOTION,
        subject_id=row.pk,
        channel_id=row.channel_id,
        content_hash=selectors.content_of_promotion(row),
        **_columns(replay, window=days, run=run, budget=row.budget),
    )
    report.figures["takes_coupon"] = impact_promotions.takes_coupon(row)
    return report


def keep(
    report: ImpactReport, *, actor: Actor, at: datetime, approval_id: int | None = None
) -> ImpactReport:
    """Write a report down; nobody changes it after. Needs the caller's transaction."""
    report.approval_id, report.made_by, report.made_at = approval_id, actor.person_id, at
    report.save(force_insert=True)
    audit.record(
        actor=actor,
        at=at,
        action=f"catalog.impact_{report.kind}",
        obj=(report.subject_type, report.subject_id),
        body={
            "report": report.pk,
            "content": report.content_hash,
            "window_days": report.window_days,
            "figures": report.figures,
        },
    )
    return report


def _kept_once(report: ImpactReport, *, actor: Actor, at: datetime) -> ReportInfo:
    """Keep a forecast, unless the newest one of the same content says exactly the same."""
    newest = selectors.newest(
        subject=(report.subject_type, report.subject_id),
        kind=ImpactKind.FORECAST,
        hashed=report.content_hash,
    )
    same = ("window_days", "first", "last", "figures", "rows")
    if newest is not None and all(getattr(newest, n) == getattr(report, n) for n in same):
        return newest
    return selectors.info(keep(report, actor=actor, at=at))


def measure_outcomes(*, actor: Actor, at: datetime) -> dict[str, int]:
    """Measure what really came of every approved proposal that has begun; once a business day.

    One whose forecast was measured over its whole length is left alone. Returns how many were
    measured.
    """
    measured = 0
    for forecast in selectors.started(days=_MEASURED_DAYS, at=at):
        with transaction.atomic():
            measured += _measure(forecast, actor=actor, at=at)
    return {"measured": measured}


def outcome_window(
    *, starts_at: datetime, over_at: datetime | None, days: int, at: datetime
) -> Window | None:
    """Return the whole business days since the start that can be compared; None: not one is over.

    At most as many as the forecast had, none after the end. The day of the start counts.
    """
    first = business_day(starts_at)
    last = business_day(at) - timedelta(days=1)
    last = min(last, first + timedelta(days=days - 1))
    if over_at is not None:
        last = min(last, business_day(over_at - timedelta(microseconds=1)))
    if last < first:
        return None
    return Window(days=(last - first).days + 1, first=first, last=last)


def window_of(window: int, *, at: datetime) -> Window:
    """Return the business days of a replay; raises WindowUnknown."""
    if window not in rules.WINDOWS:
        raise errors.WindowUnknown
    return rules.window_before(business_day(at), window)


def _measure(forecast: ImpactReport, *, actor: Actor, at: datetime) -> int:
    """Keep the outcome of one approval up to yesterday; 0 when there is nothing new."""
    course = _course_of(forecast)
    if course is None:
        return 0
    starts_at, over_at, sku_ids = course
    window = outcome_window(starts_at=starts_at, over_at=over_at, days=forecast.window_days, at=at)
    if window is None or _is_measured(forecast, window.last):
        return 0
    replay = selectors.replay_paid(
        sku_ids=sku_ids, channel_id=forecast.channel_id, window=window, at=at
    )
    report = ImpactReport(
        kind=ImpactKind.OUTCOME,
        subject_type=forecast.subject_type,
        subject_id=forecast.subject_id,
        channel_id=forecast.channel_id,
        content_hash=forecast.content_hash,
        **_columns(replay, window=window, run=Decimal(window.days)),
    )
    report.figures["compared"] = plain(
        rules.compared(forecast.figures, report.figures, window_days=window.days)
    )
    keep(report, actor=actor, at=at, approval_id=forecast.approval_id)
    return 1


def _course_of(
    forecast: ImpactReport,
) -> tuple[datetime, datetime | None, list[int]] | None:
    """Return when a proposal began and ended and the goods in its reach; None: it never began."""
    if forecast.subject_type == ImpactSubject.PROMOTION:
        return _promotion_course(forecast)
    return _price_course(forecast)


def _promotion_course(
    forecast: ImpactReport,
) -> tuple[datetime, datetime | None, list[int]] | None:
    row = Promotion.objects.filter(pk=forecast.subject_id, approval_id=forecast.approval_id).first()
    runs = PromotionRun.objects.filter(
        promotion_id=forecast.subject_id, approval_id=forecast.approval_id
    ).order_by("valid")
    began = [run.valid.lower for run in runs if run.valid.lower is not None]
    if row is None or not began:
        return None
    rule = promotion_rules.plan_of(row).rule
    return began[0], row.ended_at or row.ends_at, impact_promotions.reach(rule)


def _price_course(
    forecast: ImpactReport,
) -> tuple[datetime, datetime | None, list[int]] | None:
    change = PriceChange.objects.filter(
        pk=forecast.subject_id, approval_id=forecast.approval_id, state__in=APPROVED
    ).first()
    if change is None or change.state == PriceChangeState.SCHEDULED:
        return None
    with connection.cursor() as cursor:
        cursor.execute(_BEGAN, [change.pk])
        began = cursor.fetchone()[0]
    if began is None:
        return None
    lines = PriceChangeLine.objects.filter(change=change)
    over = min((one for one in (change.ends_at, change.suspended_at) if one), default=None)
    return began, over, list(lines.values_list("sku_id", flat=True))


def _is_measured(forecast: ImpactReport, last: date) -> bool:
    return ImpactReport.objects.filter(
        kind=ImpactKind.OUTCOME, approval_id=forecast.approval_id, last__gte=last
    ).exists()


def _columns(
    replay: Replay, *, window: Window, run: Decimal, budget: Decimal | None = None
) -> Mapping[str, Any]:
    return {
        "window_days": window.days,
        "first": window.first,
        "last": window.last,
        "figures": plain(rules.figures(replay, window=window, days=run, budget=budget)),
        "rows": plain(
            {
                "skus": [asdict(row) for row in replay.skus],
                "deepest": [asdict(row) for row in replay.deepest],
                "margin_thinnest": [asdict(row) for row in replay.thinnest],
                "beside": [asdict(row) for row in replay.beside],
            }
        ),
    }


_BEGAN: Final = """
SELECT min(lower(valid)) FROM catalog_pricerange
WHERE change_id = %s AND kind = 'change' AND NOT isempty(valid)
"""
