"""The clock of orders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from customers.services import watching
from ops.engines.jobs.cadences import every
from ops.engines.jobs.declarations import Run, job
from ops.engines.kernel.policy import may


@job(
    "order_sla_watch",
    family="watch",
    cadence=every(minutes=60),
    clauses=["SCM-2.4-03", "SCM-2.4-04"],
    policy=may("ops", "P"),
    title=_("List orders that should have shipped"),
    # An hour that was missed is told by the next one.
    catch_up=1,
)
def watch_orders(run: Run) -> Mapping[str, Any] | None:
    """Tell the specialists of each channel how many orders are overdue."""
    late = watching.tell_late(actor=run.actor, at=run.at)
    return {"channels": len(late), "orders": sum(late.values())}
