"""What scorecards do by the clock: results become final, apps open their periods."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ops.engines.jobs.cadences import daily
from ops.engines.jobs.declarations import Run, Work, job
from ops.engines.jobs.timetables import Cadence
from ops.engines.kernel.policy import Policy, may
from ops.engines.scorecards import services

Opener = Callable[[Run], None]


def score_job(
    name: str,
    *,
    scorecard: str,
    cadence: Cadence,
    clauses: Sequence[str],
    title: str | Promise,
    policy: Policy | None = None,
    before: Opener | None = None,
) -> Work:
    """Declare the job that opens a scorecard's period and fills it in, as often as it runs.

    The cadence's periods are those of the scorecard (quarterly for quarters, `back=1` for the one
    that ended). `before(run)` brings the metrics up to date first.
    """

    def open_cards(run: Run) -> Mapping[str, Any]:
        if before is not None:
            before(run)
        opened = services.open_period(key=scorecard, period=run.period, actor=run.actor, at=run.at)
        return asdict(opened)

    open_cards.__qualname__ = f"score_job.{name}"
    return job(name, family="run", cadence=cadence, clauses=clauses, title=title, policy=policy)(
        open_cards
    )


@job(
    "scorecards_finalise",
    family="run",
    cadence=daily("01:10"),
    clauses=[],
    policy=may("ops", "P"),
    title=_("Make published scores final when the days to object are over"),
    catch_up=1,
)
def finalise(run: Run) -> Mapping[str, Any]:
    """End the days to object."""
    return {"cards": services.finalise(actor=run.actor, at=run.at)}
