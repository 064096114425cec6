"""Jobs of the engine: make what waits, restate what closed, and one job per scheduled report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from ops.engines.jobs.cadences import daily, every
from ops.engines.jobs.declarations import Run, job
from ops.engines.kernel.policy import may
from ops.engines.reports import periods, services
from ops.engines.reports.choices import Format
from ops.engines.reports.declarations import Declared, listen
from ops.engines.reports.schedule import cadence_of, job_name

_PREFERRED = (Format.ZIP, Format.XLSX, Format.PDF, Format.CSV, Format.JSON)


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


@job(
    "report_confirm_remind",
    family="report",
    cadence=daily("08:30"),
    clauses=["HR-1.2-06"],
    policy=may("ops", "M"),
    title=_("Ask again who has not confirmed final figures"),
    catch_up=1,
)
def remind_readers(run: Run) -> Mapping[str, Any]:
    """Ask the audience of scheduled reports again, once a week, until each has confirmed."""
    return {"asked": services.remind(at=run.at)}


def schedule(declared: Declared) -> None:
    """Declare the job that makes a report, when its cadence is one and no other job makes it.

    Raises ValueError when the report is not made for the cadence's periods.
    """
    cadence = cadence_of(declared)
    if cadence is None or declared.built_by:
        return
    moment = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    kind = periods.parse(cadence.next_after(moment).period).kind
    if kind not in declared.period_kinds:
        raise ValueError(f"report {declared.name} is not made by the {kind}")
    fmt = next(fmt for fmt in _PREFERRED if fmt in declared.formats)

    @job(
        job_name(declared),
        family="report",
        cadence=cadence,
        clauses=declared.clauses,
        title=declared.title,
        policy=declared.policy,
        catch_up=3,
    )
    def build_report(run: Run) -> Mapping[str, Any]:
        started = services.start(
            name=declared.name, period=run.period, fmt=fmt, actor=run.actor, at=run.at
        )
        return {"report_run": started.id}


listen(schedule)
