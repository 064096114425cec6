"""What compliance does by the clock: judge every clause, build the audit pack."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from compliance.services import register, standing, watching
from ops.engines.audit import sealing
from ops.engines.identity.choices import Role
from ops.engines.jobs.cadences import daily, every, monthly
from ops.engines.jobs.declarations import Run, job
from ops.engines.kernel.policy import may, only
from ops.engines.notices import services as notices
from ops.engines.notices.choices import NoticeKind
from ops.engines.periods import selectors as books
from ops.engines.periods.choices import PeriodState
from ops.engines.reports import services as reports
from ops.engines.reports.choices import Format

_READY = gettext_noop("The audit pack of %(month)s is ready")
_OPEN = gettext_noop("The books of %(month)s are not closed: its audit pack is provisional")


@job(
    "clause_evidence_scan",
    family="scan",
    cadence=daily("05:00"),
    clauses=["GEN-1.1-03"],
    policy=may("compliance", "C"),
    title=_("Judge every clause by its newest evidence"),
    catch_up=1,
)
def scan_evidence(run: Run) -> Mapping[str, Any]:
    """Bring the register up to the code's copy, then judge all clauses."""
    seeded = register.seed(actor=run.actor, at=run.at)
    found = standing.scan(actor=run.actor, at=run.at)
    return {
        "clauses": found.clauses,
        "by_state": dict(found.by_state),
        "stale": found.stale,
        "newly_stale": list(found.newly_stale),
        "register_loaded": seeded.is_new,
    }


@job(
    "audit_seal",
    family="run",
    cadence=every(minutes=1),
    clauses=["SYS-6.3-09"],
    policy=only(Role.AUDITOR, Role.COMPLIANCE_OFFICER, Role.INFORMATION_SUPERVISOR),
    title=_("Seal the audit trail and copy the anchor outside"),
    atomic=False,
    catch_up=1,
    longest=dt.timedelta(minutes=15),
)
def seal_trail(run: Run) -> Mapping[str, Any]:
    """Seal the facts that are ready; a minute without any adds nothing."""
    sealed = sealing.seal(at=run.at)
    return {"anchor": sealed.number, "facts": sealed.facts, "root": sealed.root}


@job(
    "audit_verify",
    family="watch",
    cadence=daily("04:10"),
    clauses=["SYS-6.3-09"],
    policy=only(Role.AUDITOR, Role.COMPLIANCE_OFFICER, Role.INFORMATION_SUPERVISOR),
    title=_("Check the sealed audit trail against its anchors"),
    catch_up=1,
    atomic=False,
    longest=dt.timedelta(hours=2),
)
def verify_trail(run: Run) -> Mapping[str, Any]:
    """Check every leaf, anchor and outside copy; auditors are told of differences."""
    return {"differences": len(watching.check_trail(actor=run.actor, at=run.at))}


@job(
    "audit_pack_build",
    family="report",
    cadence=monthly(day=5, at="03:00", back=1),
    clauses=["FIN-7.3-06"],
    policy=may("compliance", "E", Role.AUDITOR),
    title=_("Build the audit pack of the month before"),
    atomic=False,
    longest=dt.timedelta(hours=3),
)
def build_audit_pack(run: Run) -> Mapping[str, Any]:
    """Build and seal the pack of a month and tell the auditors; open books make it provisional."""
    month = f"{run.first:%Y-%m}"
    file = reports.build(
        name="audit_pack", period=month, fmt=Format.ZIP, actor=run.actor, at=run.at
    )
    is_closed = books.state_on(module="ledger", day=run.last) == PeriodState.CLOSED
    for role in (Role.AUDITOR,) if is_closed else (Role.AUDITOR, Role.FINANCE_MANAGER):
        notices.notify(
            kind=NoticeKind.FYI,
            title=_READY if is_closed else _OPEN,
            params={"month": month},
            link=f"/reports/runs/{file.run_id}/",
            subject=f"compliance.audit_pack:{month}",
            role=role,
            actor=run.actor,
            at=run.at,
        )
    return {"run": file.run_id, "sha256": file.sha256, "rows": file.rows, "closed": is_closed}
