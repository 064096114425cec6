"""Tell people that a file is there, or why it is not."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext_noop

from ops.engines.kernel.actor import Actor
from ops.engines.notices import services as notices
from ops.engines.reports.choices import RunState
from ops.engines.reports.declarations import report_named
from ops.engines.reports.models import ReportRun

READY = gettext_noop("Report ready: %(title)s %(period)s")
FAILED = gettext_noop("Report not made: %(title)s %(period)s. %(why)s")


def tell(*, run_id: int, at: dt.datetime) -> None:
    """Send one notice: to who asked, or to the report's readers when the schedule asked."""
    run = ReportRun.objects.get(pk=run_id)
    declared = report_named(run.name)
    machine = Actor.system("reports")
    is_done = run.state == RunState.DONE
    params = {"title": str(declared.title), "period": run.period, "why": run.error}
    roles = declared.audience if run.requested_by_id is None and is_done else ()
    common: dict[str, Any] = {
        "kind": "fyi",
        "title": READY if is_done else FAILED,
        "params": params,
        "link": f"/reports/{run.name}/?period={run.period}",
        "subject": f"reports.reportrun:{run.pk}",
    }
    if run.requested_by_id is not None:
        notices.notify(**common, person_ids=[run.requested_by_id], actor=machine, at=at)
    for role in roles:
        notices.notify(**common, role=role, area=declared.policy.area, actor=machine, at=at)
