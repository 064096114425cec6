"""What the engines themselves have to do regularly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from ops.engines.audit import partitions
from ops.engines.jobs.cadences import daily
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
