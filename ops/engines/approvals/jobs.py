"""The clock of approvals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from ops.engines.approvals import services
from ops.engines.jobs.cadences import every
from ops.engines.jobs.declarations import Run, job
from ops.engines.kernel.policy import may


@job(
    "approval_escalate",
    family="watch",
    cadence=every(minutes=15),
    clauses=["HR-1.2-08"],
    policy=may("ops", "P"),
    title=_("Move overdue approval steps one level up"),
    catch_up=1,
    atomic=False,
)
def escalate(run: Run) -> Mapping[str, Any] | None:
    """Name the next level for steps whose time limit has passed."""
    return services.escalate_due(actor=run.actor, at=run.at, progress=run.progress)
