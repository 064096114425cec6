"""What the night before founding would have done: yesterday's jobs, last month's reports."""

from __future__ import annotations

import datetime as dt
from typing import Final

from finance.services import closing
from ops.demo.plan import SYSTEM
from ops.demo.scene import Scene
from ops.engines.events import delivery
from ops.engines.jobs import services as jobs
from ops.engines.jobs.choices import RunState
from ops.engines.reports import services as reports

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
    quarter = f"{yesterday:%Y}-Q{(yesterday.month + 2) // 3}"
    nightly = [(name, yesterday.isoformat()) for name in _JOBS]
    for name, period in [*nightly, ("supplier_evaluation_run", quarter)]:
        run = jobs.run_now(name=name, period=period, actor=SYSTEM, at=at)
        if run.state != RunState.DONE:
            raise RuntimeError(f"{name} of {period} ended as {run.state}: {run.error}")
    last = scene.plan.today.replace(day=1) - dt.timedelta(days=1)
    month = f"{last:%Y-%m}"
    closing.check(month=last.replace(day=1), actor=scene.actor("finance_manager"), at=at)
    for name, fmt, username in _REPORTS:
        reports.build(name=name, period=month, fmt=fmt, actor=scene.actor(username), at=at)
    delivery.drain(at=at)
    return {"jobs": len(_JOBS) + 1, "reports": len(_REPORTS)}
