"""The clock of outside sources: read what was sent, tell who owes figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext_lazy as _

from ops.engines.jobs.cadences import every
from ops.engines.jobs.declarations import Run, job
from ops.engines.kernel.policy import may
from ops.engines.sources import services


@job(
    "third_party_import",
    family="sync",
    cadence=every(minutes=60),
    clauses=["CAT-4.3-14", "MKT-5.1-03", "MKT-5.3-04", "MKT-5.3-06"],
    policy=may("ops", "P"),
    title=_("Take over figures from outside sources"),
    # What waits, waits for the next hour too.
    catch_up=1,
    atomic=False,
)
def take_over(run: Run) -> Mapping[str, Any]:
    """Read every file that was sent; each source owes daily or weekly, by its own hour."""
    report = services.take_waiting(actor=run.actor, at=run.at, progress=run.progress)
    return asdict(report)
