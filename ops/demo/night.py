"""What the night before founding would have done: yesterday's jobs, last month's reports."""

from __future__ import annotations

import datetime as dt
from typing import Final

from finance.services import closing
from inventory.metrics import SUPPLIER_METRICS
from ops.demo.plan import SYSTEM
from ops.demo.scene import Scene
from ops.engines.events import delivery
from ops.engines.jobs import services as jobs
from ops.engines.jobs.choices import RunState
from ops.engines.metrics import services as metrics
from ops.engines.reports import services as reports
from ops.engines.scorecards import services as scorecards
from ops.engines.scorecards.choices import PeriodKind
from ops.engines.scorecards.spans import span_of

_JOBS: Final = (
    "stock_day_close",
    "metrics_daily_build",
    "clause_evidence_scan",
    "metric_anomaly_scan",
)
_REPORTS: Final = (
    ("sales_monthly", "xlsx", "director"),
    ("stock_in_out_onhand", "xlsx", "director"),
    ("trial_balance", "xlsx", "finance_manager"),
)


def work(scene: Scene) -> dict[str, int]:
    """Run the jobs of yesterday, look at last month's close, build its reports; return how many."""
    at = scene.plan.at
    yesterday = scene.plan.today - dt.timedelta(days=1)
    for name in _JOBS:
        run = jobs.run_now(name=name, period=yesterday.isoformat(), actor=SYSTEM, at=at)
        if run.state != RunState.DONE:
            raise RuntimeError(f"{name} of {yesterday} ended as {run.state}: {run.error}")
    _score_suppliers(scene.plan.today, at)
    last = scene.plan.today.replace(day=1) - dt.timedelta(days=1)
    month = f"{last:%Y-%m}"
    closing.check(month=last.replace(day=1), actor=scene.actor("finance_manager"), at=at)
    for name, fmt, username in _REPORTS:
        reports.build(name=name, period=month, fmt=fmt, actor=scene.actor(username), at=at)
    delivery.drain(at=at)
    return {"jobs": len(_JOBS), "reports": len(_REPORTS)}


def _score_suppliers(today: dt.date, at: dt.datetime) -> None:
    """Open the cards of the running quarter early; its job fills them in again when it ends."""
    span = span_of(PeriodKind.QUARTER, today)
    metrics.refresh(keys=SUPPLIER_METRICS, first=span.first, last=span.last, at=at)
    scorecards.open_period(key="supplier_evaluation", period=span.text, actor=SYSTEM, at=at)
