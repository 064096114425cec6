"""Judge clauses from what stands behind them: declared controls, test runs, evidence, words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime

from django.db.models import Max

from compliance import register, rules
from compliance.models import Attestation
from compliance.selectors.proofs import proofs
from compliance.types import ControlEvidence, Judgement, Proofs
from ops.engines.approvals.flows import flows
from ops.engines.approvals.models import Decision
from ops.engines.controls import Control, ControlKind, controls
from ops.engines.jobs.choices import RunState
from ops.engines.jobs.declarations import jobs
from ops.engines.jobs.models import JobRun
from ops.engines.kernel.parse import business_day
from ops.engines.reports.declarations import catalogue
from ops.engines.reports.models import ReportRun

Moments = Mapping[tuple[str, str], datetime]
Key = tuple[str, str]  # kind and name of a control


def standing_controls() -> dict[str, list[Control]]:
    """Return every control by clause: those declared, and each job, flow and report naming one.

    The same kind and name counts once; a declared control with evidence of its own comes first.
    """
    found: dict[str, dict[Key, Control]] = defaultdict(dict)
    for made in controls():
        found[made.clause][made.kind, made.name] = made
    for kind, named in (
        (ControlKind.JOB, ((job.name, job.clauses) for job in jobs().values())),
        (ControlKind.WORKFLOW, ((flow.key, flow.clauses) for flow in flows().values())),
        (ControlKind.REPORT, ((each.name, each.clauses) for each in catalogue().values())),
    ):
        for name, clauses in named:
            for clause in clauses:
                found[clause].setdefault((kind, name), Control(clause, kind, name))
    return {
        clause: sorted(keyed.values(), key=lambda control: (control.kind, control.name))
        for clause, keyed in found.items()
    }


def judge(
    *, at: datetime, codes: Iterable[str] | None = None, with_evidence: bool = True
) -> list[Judgement]:
    """Return how each clause of the register stands now, in the order of the register.

    Three queries for runs of jobs, flows and reports, one for attestations, one per evidence
    function however many clauses share it. `with_evidence=False` asks the database nothing.
    """
    wanted = None if codes is None else set(codes)
    clauses = [c for c in register.read().clauses if wanted is None or c["id"] in wanted]
    told: Proofs = proofs()
    standing = standing_controls()
    moments = _moments() if with_evidence else {}
    attested = _attested(business_day(at)) if with_evidence else {}
    ask = _asker() if with_evidence else _nobody
    found = []
    for clause in clauses:
        code, cadence = clause["id"], clause.get("cadence") or ""
        evidence = tuple(
            ControlEvidence(
                control.kind,
                control.name,
                ask(control) or moments.get((control.kind, control.name)),
            )
            for control in standing.get(code, ())
        )
        newest = max((each.newest for each in evidence if each.newest), default=None)
        tests = tuple(told.by_clause.get(code, ()))
        found.append(
            Judgement(
                code=code,
                state=rules.state_of(
                    controls=evidence, tests=tests, newest=newest, is_attested=code in attested
                ),
                controls=evidence,
                tests=tests,
                newest=newest,
                attested_until=attested.get(code),
                is_stale=rules.is_stale(newest=newest, cadence=cadence, at=at),
            )
        )
    return found


def _moments() -> Moments:
    """Return when each job last ran to its end, each flow was last decided, each report sealed."""
    done = JobRun.objects.filter(state=RunState.DONE).values_list("job")
    decided = Decision.objects.values_list("request__flow")
    sealed = ReportRun.objects.filter(finished_at__isnull=False).exclude(sha256="")
    return {
        **{(ControlKind.JOB, n): t for n, t in done.annotate(newest=Max("finished_at")) if t},
        **{(ControlKind.WORKFLOW, n): t for n, t in decided.annotate(newest=Max("at")) if t},
        **{
            (ControlKind.REPORT, n): t
            for n, t in sealed.values_list("name").annotate(newest=Max("finished_at"))
            if t
        },
    }


def _attested(today: date) -> dict[str, date]:
    rows = Attestation.objects.filter(valid_until__gte=today).values_list("clause__code")
    return dict(rows.annotate(until=Max("valid_until")).order_by())


def _asker() -> Callable[[Control], datetime | None]:
    """Ask each evidence function once, however many controls share it."""
    asked: dict[object, datetime | None] = {}

    def ask(control: Control) -> datetime | None:
        if control.evidence is None:
            return None
        if control.evidence not in asked:
            asked[control.evidence] = control.evidence()
        return asked[control.evidence]

    return ask


def _nobody(_control: Control) -> datetime | None:
    return None
