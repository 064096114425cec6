"""The clock of prices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext_lazy as _

from catalog.services import pricing, recommending
from ops.engines.jobs.cadences import daily, every
from ops.engines.jobs.declarations import Run, job
from ops.engines.kernel.policy import may


@job(
    "price_promo_activate",
    family="run",
    cadence=every(minutes=1),
    clauses=["CAT-4.2-01", "CAT-4.4-01", "CAT-4.4-08"],
    policy=may("ops", "P"),
    title=_("Start and end approved prices"),
    # What one run missed the next one does: only the newest minute counts.
    catch_up=1,
)
def activate(run: Run) -> Mapping[str, Any] | None:
    """Let due price changes take effect and mark those that are over."""
    report = pricing.activate_due(actor=run.actor, at=run.at, progress=run.progress)
    ended = pricing.end_due(actor=run.actor, at=run.at)
    return {**asdict(report), "ended": ended}


@job(
    "recommendation_build",
    family="run",
    cadence=daily("02:40", back=1),
    clauses=["CAT-4.1-04"],
    policy=may("ops", "P"),
    title=_("Build recommendations from what sells together"),
    # A version looks back over its whole window: only the newest night counts.
    catch_up=1,
)
def build_recommendations(run: Run) -> Mapping[str, Any]:
    """Measure the live versions on real orders and publish what changed."""
    made = recommending.build_due(day=run.last, actor=run.actor, at=run.at)
    return {"sets": len(made), "pairs": sum(each.pairs for each in made)}
