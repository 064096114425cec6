"""What the organisation does by the clock: the review of rights."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from ops.engines.identity.choices import Role
from ops.engines.jobs.cadences import daily, quarterly
from ops.engines.jobs.declarations import Run, job
from ops.engines.kernel.policy import only
from ops.organisation.services import reviewing

_RUN = only(Role.INFORMATION_SUPERVISOR, Role.COMPLIANCE_OFFICER)


@job(
    "access_review_open",
    family="open",
    cadence=quarterly(day=1, at="07:00"),
    clauses=["SYS-6.3-02", "FIN-7.3-07"],
    policy=_RUN,
    title=_("Ask heads to confirm every right"),
    catch_up=1,
)
def open_access_review(run: Run) -> Mapping[str, Any]:
    """Open the review of the quarter."""
    review_id = reviewing.open_review(period=run.period, actor=run.actor, at=run.at)
    return {"review": review_id}


@job(
    "access_review_watch",
    family="watch",
    cadence=daily("07:30"),
    clauses=["SYS-6.3-02"],
    policy=_RUN,
    title=_("Remind, escalate, and let unanswered rights lapse"),
    catch_up=1,
)
def watch_access_reviews(run: Run) -> Mapping[str, Any]:
    """Move every open review on by at most one step."""
    return reviewing.watch(actor=run.actor, at=run.at)
