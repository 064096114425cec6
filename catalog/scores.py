"""The assessment of channels: who shows the prices that were approved (CAT-4.2-03)."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from catalog.metrics import CHANNEL_METRICS
from catalog.selectors import penalties
from ops.engines.identity.choices import Role
from ops.engines.jobs.cadences import monthly
from ops.engines.jobs.declarations import Run
from ops.engines.kernel.policy import may
from ops.engines.metrics import services as metrics
from ops.engines.scorecards.choices import PeriodKind
from ops.engines.scorecards.declarations import Objection as ObjectionRule
from ops.engines.scorecards.declarations import (
    Publication,
    Scorecard,
    at_least,
    at_most,
    grades,
    measured,
    register,
)
from ops.engines.scorecards.jobs import score_job
from ops.engines.scorecards.types import Span, Subject


def patrolled(span: Span) -> Iterator[Subject]:
    """Return the channels that were patrolled in the period."""
    for channel_id, name in penalties.patrolled_between(span.first, span.last):
        yield Subject(id=channel_id, name=name, scope_id=channel_id)


def bring_up_to_date(run: Run) -> None:
    """Compute the channels' metrics of the period again: penalties may have been taken back."""
    metrics.refresh(keys=CHANNEL_METRICS, first=run.first, last=run.last, at=run.at)


PRICE_DISCIPLINE = register(
    Scorecard(
        key="price_discipline",
        title=_("Price discipline of channels"),
        subject="catalog.channel",
        subjects=patrolled,
        area="catalog",
        scope="channel",
        period=PeriodKind.MONTH,
        dimension="channel",
        criteria=(
            measured(
                "penalties",
                _("Penalty points"),
                60,
                metric="price_penalty_points",
                points=at_most(("0", 100), ("3", 80), ("6", 60), ("12", 30)),
            ),
            measured(
                "offers",
                _("Offers shown as approved"),
                40,
                metric="price_offers_right",
                points=at_least(("0.999", 100), ("0.99", 85), ("0.97", 70), ("0.90", 50)),
            ),
        ),
        grades=grades(A=90, B=75, C=60, D=0),
        confirmed_by=Role.COMPLIANCE_OFFICER,
        objection=ObjectionRule(days=5, decided_by=Role.OPERATIONS_DIRECTOR),
        publication=Publication(
            audience=(Role.OPERATIONS_SUPERVISOR, Role.OPERATIONS_SPECIALIST), days=30
        ),
        clauses=("CAT-4.2-03",),
    )
)

score_job(
    "price_discipline_run",
    scorecard=PRICE_DISCIPLINE.key,
    cadence=monthly(day=2, at="05:20", back=1),
    clauses=["CAT-4.2-03"],
    policy=may("ops", "P"),
    title=_("Score the price discipline of channels in the month that ended"),
    before=bring_up_to_date,
)
