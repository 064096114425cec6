"""Jobs of the engine: make what waits, restate what closed, and one job per scheduled report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from ops.engines.jobs.cadences import daily, every
from ops.engines.jobs.declarations import Run, job
from ops.engines.kernel.policy import may
from ops.engines.reports import services
from ops.engines.reports.declarations import listen
from ops.engines.reports.schedule import schedule


@job(
    "report_runner",
    family="report",
    cadence=every(minutes=1),
    clauses=[],
    policy=may("ops", "M"),
    title=_("Make the reports that wait"),
    atomic=False,
)
def run_waiting(run: Run) -> Mapping[str, Any]:
    """Make what no worker was woken for, or what a dead worker left behind."""
    waiting = services.waiting(at=run.at)
    made = 0
    for done, run_id in enumerate(waiting):
        run.progress(done, len(waiting))
        made += services.perform(run_id=run_id, at=run.at)
    return {"made": made}


@job(
    "report_restate",
    family="report",
    cadence=daily("06:10"),
    clauses=["SCM-2.3-04"],
    policy=may("ops", "M"),
    title=_("Make final versions of reports whose period has closed"),
)
def restate_closed(run: Run) -> Mapping[str, Any]:
    """Ask again for every scheduled report that stands provisional and may now be final."""
    return {"started": services.restate_due(actor=run.actor, at=run.at)}


listen(schedule)
