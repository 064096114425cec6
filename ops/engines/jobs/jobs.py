"""What the engines themselves have to do regularly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from ops.engines.audit import partitions
from ops.engines.clocks import selectors as clocks
from ops.engines.clocks import services as clock_services
from ops.engines.jobs.cadences import daily, every
from ops.engines.jobs.declarations import Run, job
from ops.engines.kernel.policy import may

GROWING = ("audit_fact", "events_fact")


@job(
    "partitions_cut",
    family="run",
    cadence=daily("04:40"),
    clauses=[],
    policy=may("ops", "M"),
    title=_("Cut the next partitions of growing tables"),
    catch_up=1,
)
def cut_partitions(run: Run) -> Mapping[str, Any]:
    """Keep empty ranges ahead of the audit trail and the outbox."""
    made = {}
    for done, table in enumerate(GROWING):
        run.progress(done, len(GROWING), table)
        made[table] = partitions.cut_ahead(table=table)
    return made


@job(
    "clock_sweep",
    family="watch",
    cadence=every(minutes=1),
    clauses=[],
    policy=may("ops", "P"),
    title=_("Remind, and escalate what is not done in time"),
    catch_up=1,
    atomic=False,
)
def sweep_clocks(run: Run) -> Mapping[str, Any]:
    """Take the steps of every kind of clock that are due."""
    report = clock_services.sweep(
        actor=run.actor, at=run.at, progress=lambda done: run.progress(done, None, "clocks")
    )
    return {
        "reminded": report.reminded,
        "breached": report.breached,
        "escalated": report.escalated,
    }


@job(
    "clock_verify",
    family="scan",
    cadence=daily("04:50"),
    clauses=[],
    policy=may("ops", "V"),
    title=_("Prove that every time limit is what its events say"),
    catch_up=1,
)
def verify_clocks(run: Run) -> Mapping[str, Any]:
    """Replay every clock and name those whose row says otherwise."""
    found = [difference.clock_id for difference in clocks.differences()]
    return {"differing": len(found), "first": found[:20]}
