"""After the close: reports that were made provisionally are made once more, both are kept."""

from __future__ import annotations

import datetime as dt

from ops.engines.kernel.actor import Actor
from ops.engines.reports import periods
from ops.engines.reports.asking import wanted
from ops.engines.reports.choices import OPEN_STATES, RunState, Standing
from ops.engines.reports.declarations import catalogue
from ops.engines.reports.models import ReportEdition, ReportRun
from ops.engines.reports.services.editions import is_final
from ops.engines.reports.services.starting import start

MOST = 200


def restate_due(*, actor: Actor, at: dt.datetime) -> int:
    """Start the whole-company files whose figures stand provisional though their period closed.

    Each is made in the format it was last made in. Returns how many were started.
    """
    newest = ReportEdition.objects.order_by("key", "-version").distinct("key")
    rows = ReportEdition.objects.filter(
        pk__in=newest.values("pk"), standing=Standing.PROVISIONAL
    ).order_by("-last_on", "pk")[:MOST]
    return sum(_restate(row, actor, at) for row in rows)


def waiting(*, at: dt.datetime, limit: int = 20) -> list[int]:
    """Return the runs nobody is making: queued for 20 seconds, or left by a dead worker."""
    rows = ReportRun.objects.filter(state__in=OPEN_STATES).order_by("requested_at", "pk")
    queued_before = at - dt.timedelta(seconds=20)
    found = rows.filter(state=RunState.QUEUED, requested_at__lte=queued_before) | rows.filter(
        state=RunState.RUNNING, lease_until__lte=at
    )
    return list(found.values_list("pk", flat=True)[:limit])


def _restate(edition: ReportEdition, actor: Actor, at: dt.datetime) -> bool:
    declared = catalogue().get(edition.name)
    if declared is None or not is_final(declared, periods.parse(edition.period), at):
        return False
    asked = wanted(name=edition.name, period=edition.period, actor=actor, params=edition.params)
    last = edition.runs.order_by("-pk").first()
    if asked.key != edition.key or last is None:
        return False
    start(
        name=edition.name,
        period=edition.period,
        fmt=last.format,
        params=edition.params,
        actor=actor,
        at=at,
    )
    return True
