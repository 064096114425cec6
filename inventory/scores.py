"""Scorecards of the supply chain: who delivers well (SCM-2.1-03)."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from inventory.metrics import SUPPLIER_METRICS
from inventory.policies import SEE_SUPPLIERS
from inventory.selectors import supplied
from ops.engines.identity.choices import Role
from ops.engines.jobs.cadences import quarterly
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
    marked,
    measured,
    register,
)
from ops.engines.scorecards.jobs import score_job
from ops.engines.scorecards.types import Span, Subject


def delivering(span: Span) -> Iterator[Subject]:
    """Return the suppliers that delivered in the period."""
    for supplier_id, name in supplied.suppliers_between(span.first, span.last):
        yield Subject(id=supplier_id, name=name)


def bring_up_to_date(run: Run) -> None:
    """Compute the suppliers' metrics of the period again: receipts may have been corrected."""
    metrics.refresh(keys=SUPPLIER_METRICS, first=run.first, last=run.last, at=run.at)


SUPPLIER_EVALUATION = register(
    Scorecard(
        key="supplier_evaluation",
        title=_("Supplier evaluation"),
        subject="inventory.supplier",
        subject_url="inventory:supplier",
        subjects=delivering,
        area="inventory",
        readers=SEE_SUPPLIERS,
        period=PeriodKind.QUARTER,
        dimension="supplier",
        criteria=(
            measured(
                "on_time",
                _("Deliveries on time"),
                25,
                metric="supplier_on_time",
                points=at_least(("0.98", 100), ("0.95", 85), ("0.90", 70), ("0.80", 50)),
            ),
            measured(
                "quantity",
                _("Quantity as on the note"),
                15,
                metric="supplier_quantity_right",
                points=at_least(("0.99", 100), ("0.97", 85), ("0.94", 70), ("0.90", 50)),
            ),
            measured(
                "quality",
                _("Goods without fault"),
                20,
                metric="supplier_quality_pass",
                points=at_least(("0.995", 100), ("0.98", 85), ("0.96", 70), ("0.93", 50)),
            ),
            measured(
                "refused",
                _("Refused receipts"),
                10,
                metric="supplier_refused_receipts",
                points=at_most(("0", 100), ("0.02", 80), ("0.05", 60), ("0.10", 30)),
            ),
            measured(
                "price",
                _("Prices held"),
                15,
                metric="supplier_price_stable",
                points=at_least(("1", 100), ("0.95", 85), ("0.90", 70), ("0.80", 50)),
            ),
            marked(
                "service",
                _("Service and promises kept"),
                15,
                role=Role.PURCHASING_OFFICER,
                evidence=True,
                hint=_("Answers, replacements, documents, promises of the quarter."),
            ),
        ),
        grades=grades(A=90, B=75, C=60, D=0),
        confirmed_by=Role.OPERATIONS_MANAGER,
        objection=ObjectionRule(days=5, decided_by=Role.OPERATIONS_DIRECTOR),
        publication=Publication(
            audience=(Role.PURCHASING_OFFICER, Role.OPERATIONS_SUPERVISOR), days=30
        ),
        clauses=("SCM-2.1-03",),
    )
)

score_job(
    "supplier_evaluation_run",
    scorecard=SUPPLIER_EVALUATION.key,
    cadence=quarterly(day=2, at="05:00", back=1),
    clauses=["SCM-2.1-03"],
    policy=may("inventory", "P"),
    title=_("Score the suppliers of the quarter that ended"),
    before=bring_up_to_date,
)
