"""The impact panel of a proposal's page: the kept replay, and the button that works it out anew.

Opening a page never replays anything; it shows what is kept of exactly this content.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from catalog.choices.impact import ImpactKind, ImpactSubject
from catalog.desk import impact_tables as tables
from catalog.models import PriceChange, Promotion
from catalog.models.prices import EDITABLE
from catalog.rules.impact import USUAL_WINDOW, WINDOWS
from catalog.selectors import impact as selectors
from catalog.services import impact
from catalog.types.impact import ReportInfo
from catalog.types.prices import PriceChangeInfo
from ops.engines.desk.screens import Action, Chart, Done, FactGroup, Field, Lines, UnderWay
from ops.engines.jobs import selectors as jobs
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may

_VIEW = may("catalog", "V")
# The usual window comes first, so that it is chosen unless somebody wants another one.
_DAYS = [(str(days), str(days)) for days in sorted(WINDOWS, key=lambda n: n != USUAL_WINDOW)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """What a page shows of a replay; empty parts where nothing was worked out."""

    facts: Sequence[FactGroup] = ()
    lines: Sequence[Lines] = ()
    charts: Sequence[Chart] = ()
    under_way: UnderWay | None = None
    notices: Sequence[tuple[str, Any]] = ()
    actions: Sequence[Action] = ()


def of_price_change(change: PriceChangeInfo, *, actor: Actor, at: dt.datetime) -> Panel:
    """Return the panel of a price change."""
    row = PriceChange.objects.get(pk=change.id)
    return _panel(
        subject=(ImpactSubject.PRICE_CHANGE, change.id),
        hashed=selectors.content_of_price_change(row),
        is_open=change.state in EDITABLE,
        approval_id=change.approval_id,
        again=_again(impact.forecast_price_change, change_id=change.id),
        actor=actor,
        at=at,
    )


def of_promotion(row: Promotion, *, actor: Actor, at: dt.datetime) -> Panel:
    """Return the panel of a promotion; while all orders are replayed it says how far that is."""
    return _panel(
        subject=(ImpactSubject.PROMOTION, row.pk),
        hashed=selectors.content_of_promotion(row),
        is_open=row.state in EDITABLE,
        approval_id=row.approval_id,
        again=_again(impact.forecast_promotion, promotion_id=row.pk),
        actor=actor,
        at=at,
    )


def _panel(
    *,
    subject: tuple[str, int],
    hashed: str,
    is_open: bool,
    approval_id: int | None,
    again: Callable[[Mapping[str, Any], Actor, dt.datetime], Done],
    actor: Actor,
    at: dt.datetime,
) -> Panel:
    actions = (_action(again),) if is_open else ()
    kept = {} if approval_id is None else selectors.of_approvals(approval_ids=[approval_id])
    reports = kept.get(approval_id or 0, {})
    forecast = (
        selectors.newest(subject=subject, kind=ImpactKind.FORECAST, hashed=hashed)
        if is_open
        else reports.get(ImpactKind.FORECAST)
    )
    if forecast is None:
        words = _("The impact on real orders is not worked out yet for what is drafted now.")
        return Panel(actions=actions, notices=(("info", words),) if is_open else ())
    return Panel(
        facts=(tables.facts(forecast, actor=actor),),
        lines=[*_outcome(reports, actor=actor), *tables.tables(forecast)],
        charts=tables.charts(forecast),
        actions=actions,
        under_way=_under_way() if impact.awaits_whole(forecast, at=at) else None,
    )


def _under_way() -> UnderWay:
    """Return how far the replay of all orders is, or that it waits for the next minute."""
    title = _("All orders are replayed; what is shown is of a part of them")
    run = jobs.under_way(job="impact_replay_whole")
    if run is None:
        return UnderWay(title=title)
    return UnderWay(title=title, done=run.progress_done, total=run.progress_total)


def _outcome(reports: Mapping[str, ReportInfo], *, actor: Actor) -> list[Lines]:
    outcome = reports.get(ImpactKind.OUTCOME)
    return [] if outcome is None else [tables.outcome_table(outcome, actor=actor)]


def _action(again: Callable[[Mapping[str, Any], Actor, dt.datetime], Done]) -> Action:
    return Action(
        key="impact",
        label=_("Work out the impact"),
        run=again,
        policy=_VIEW,
        fields=(
            Field(
                "window",
                _("Days replayed"),
                "choice",
                choices=_DAYS,
                required=False,
                hint=_("90 unless you choose."),
            ),
        ),
    )


def _again(
    service: Callable[..., ReportInfo], **subject: int
) -> Callable[[Mapping[str, Any], Actor, dt.datetime], Done]:
    def run(values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
        report = service(
            **subject, window=int(values["window"] or USUAL_WINDOW), actor=actor, at=at
        )
        return Done(message=tables.sentence(report, actor=actor))

    return run
