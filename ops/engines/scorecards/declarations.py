"""What apps declare in their `scores.py`: criteria with weights, grades, who marks and confirms.

SUPPLIERS = register(
    Scorecard(
        "supplier_evaluation",
        title=_("Supplier evaluation"),
        subject="inventory.supplier",
        subjects=active_suppliers,          # (Span) -> Iterable[Subject]
        area="inventory",
        period=PeriodKind.QUARTER,
        dimension="supplier",               # the metrics' dimension whose members are subjects
        criteria=(
            measured("on_time", _("On time"), 30, metric="supplier_on_time",
                     points=at_least((0.98, 100), (0.95, 85), (0.90, 70), otherwise=40)),
            marked("service", _("Service"), 20, role=Role.PURCHASING_OFFICER, evidence=True),
        ),
        grades=grades(A=90, B=75, C=60, D=0),
        confirmed_by=Role.OPERATIONS_MANAGER,
    )
)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.policy import Policy, declare, may
from ops.engines.metrics.definitions import metric_named
from ops.engines.scorecards import rules
from ops.engines.scorecards.choices import Better, PeriodKind, Without
from ops.engines.scorecards.errors import ScorecardUnknown
from ops.engines.scorecards.types import Banding, Grade, Rules, Span, Subject

Text = str | Promise
Number = Decimal | int | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One criterion: measured by a metric through a banding, or marked by a role."""

    key: str
    title: Text
    weight: Decimal
    metric: str = ""
    points: Banding | None = None
    marked_by: str = ""
    needs_evidence: bool = False
    without: Without = Without.REDISTRIBUTE
    hint: Text = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """Who may object is who may see the card; `days` from publication; who decides."""

    days: int
    decided_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """Which roles are told, and for how many days the result is on show."""

    audience: tuple[str, ...]
    days: int


def _nobody(_span: Span) -> Iterable[Subject]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """One declared scorecard. `least_weight` is what must have points for a score at all."""

    key: str
    title: Text
    subject: str
    area: str
    period: PeriodKind
    criteria: tuple[Criterion, ...]
    grades: tuple[Grade, ...]
    confirmed_by: str
    subjects: Callable[[Span], Iterable[Subject]] = _nobody
    subject_url: str = ""
    dimension: str = ""
    scope: str = ""
    objection: Objection | None = None
    publication: Publication | None = None
    marking_days: int = 10
    least_weight: Decimal = Decimal(50)
    clauses: tuple[str, ...] = ()
    readers: Policy | None = None
    """Who sees cards where the right to look into the area is too wide."""

    @property
    def view(self) -> Policy:
        """Return the right to see cards."""
        return self.readers or may(self.area, "V")

    @property
    def work(self) -> Policy:
        """Return the right to edit weights: that of the role that confirms."""
        return may(self.area, "V", self.confirmed_by)

    @property
    def export(self) -> Policy:
        """Return the right to take cards out as a file."""
        return may(self.area, "E")

    def criterion(self, key: str) -> Criterion | None:
        """Return one criterion, None when the scorecard has none of that name."""
        return next((each for each in self.criteria if each.key == key), None)

    @property
    def declared_rules(self) -> Rules:
        """Return what the declaration says, as its first version."""
        return Rules(
            weights={each.key: each.weight for each in self.criteria},
            without={each.key: each.without for each in self.criteria},
            bandings={each.key: each.points for each in self.criteria if each.points},
            grades=self.grades,
            least=self.least_weight,
            metrics={each.key: each.metric for each in self.criteria if each.metric},
        )


def measured(
    key: str,
    title: Text,
    weight: Number,
    *,
    metric: str,
    points: Banding,
    without: Without = Without.REDISTRIBUTE,
    hint: Text = "",
) -> Criterion:
    """Return a criterion whose points a metric of the period gives."""
    return Criterion(
        key=key, title=title, weight=Decimal(weight), metric=metric, points=points,
        without=without, hint=hint,
    )  # fmt: skip


def marked(
    key: str,
    title: Text,
    weight: Number,
    *,
    role: str,
    evidence: bool = False,
    without: Without = Without.NOT_RATED,
    hint: Text = "",
) -> Criterion:
    """Return a criterion that a person of a role marks; without the mark there is no score."""
    return Criterion(
        key=key, title=title, weight=Decimal(weight), marked_by=role, needs_evidence=evidence,
        without=without, hint=hint,
    )  # fmt: skip


def at_least(*steps: tuple[Number, Number], otherwise: Number = 0) -> Banding:
    """Return points for values that reach a limit from above, the best limit first."""
    return Banding(_numbers(steps), Better.MORE, Decimal(otherwise))


def at_most(*steps: tuple[Number, Number], otherwise: Number = 0) -> Banding:
    """Return points for values that stay at or under a limit, the best limit first."""
    return Banding(_numbers(steps), Better.LESS, Decimal(otherwise))


def grades(**least: Number) -> tuple[Grade, ...]:
    """Return grades by letter, the best first: `grades(A=90, B=75, C=60, D=0)`."""
    return tuple(Grade(letter, Decimal(value)) for letter, value in least.items())


_scorecards: Final[dict[str, Scorecard]] = {}


def register(scorecard: Scorecard) -> Scorecard:
    """Enter a scorecard.

    Raises ValueError for weights that do not sum to exactly 100, grades with a gap or an overlap,
    a banding that runs back, a criterion with no source or two, an unknown metric, a second
    scorecard of the name.
    """
    if fault := _fault(scorecard):
        raise ValueError(f"scorecard {scorecard.key}: {fault}")
    declare("scorecard", scorecard.key, scorecard.view)
    _scorecards[scorecard.key] = scorecard
    return scorecard


def scorecard_named(key: str) -> Scorecard:
    """Return one declaration.

    Raises ScorecardUnknown.
    """
    if key not in _scorecards:
        raise ScorecardUnknown(
            "scorecards.unknown", _("There is no scorecard named %(key)s.") % {"key": key[:60]}
        )
    return _scorecards[key]


def scorecards() -> Mapping[str, Scorecard]:
    """Return every declared scorecard by key."""
    return MappingProxyType(_scorecards)


def _fault(scorecard: Scorecard) -> str:
    keys = [each.key for each in scorecard.criteria]
    if scorecard.key in _scorecards or len(set(keys)) < len(keys):
        return "the name is taken, or two criteria share one"
    faults = [
        rules.faults_of_weights(each.weight for each in scorecard.criteria),
        rules.faults_of_grades(scorecard.grades),
        *(_fault_of(each, scorecard) for each in scorecard.criteria),
    ]
    return next(filter(None, faults), "")


def _fault_of(criterion: Criterion, scorecard: Scorecard) -> str:
    if bool(criterion.metric) == bool(criterion.marked_by):
        return f"{criterion.key} has either a metric or a role that marks"
    if not criterion.metric:
        return ""
    if scorecard.dimension not in metric_named(criterion.metric).dimensions:
        return f"the metric {criterion.metric} has no dimension {scorecard.dimension}"
    return rules.faults_of_banding(criterion.points or Banding(()))


def _numbers(steps: Iterable[tuple[Number, Number]]) -> tuple[tuple[Decimal, Decimal], ...]:
    return tuple((Decimal(limit), Decimal(points)) for limit, points in steps)
