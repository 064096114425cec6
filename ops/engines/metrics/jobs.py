"""What metrics do by the clock: figures out of range are found every hour and every day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext_lazy as _

from ops.engines.jobs.cadences import daily, every, several
from ops.engines.jobs.declarations import Run, job
from ops.engines.kernel.policy import may
from ops.engines.metrics import services


@job(
    "metric_anomaly_scan",
    family="scan",
    cadence=several(every(minutes=60), daily("07:10", back=1)),
    clauses=["HR-1.2-18", "SYS-6.4-02"],
    policy=may("ops", "P"),
    title=_("Compare figures with their limits"),
    catch_up=1,
)
def scan(run: Run) -> Mapping[str, Any]:
    """Judge the day: hourly the unfinished one by fixed limits, in the morning yesterday by all."""
    is_hourly = "T" in run.period  # an hour is written 2026-11-26T08:00+08:00, a day is not
    return asdict(services.scan(day=run.last, is_hourly=is_hourly, actor=run.actor, at=run.at))
