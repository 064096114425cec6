"""Runs a person may see: those of figures that show nothing outside their scopes."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.actor import Actor
from ops.engines.kernel.canonical import content_hash
from ops.engines.reports.asking import covers, plain_scopes, require, scopes_of
from ops.engines.reports.declarations import catalogue, report_named
from ops.engines.reports.describing import describe
from ops.engines.reports.errors import RunMissing
from ops.engines.reports.models import ReportRun
from ops.engines.reports.types import RunInfo


def visible_runs(*, name: str, actor: Actor) -> QuerySet[ReportRun]:
    """Return the runs of one report, for lists that page and filter.

    Who sees everything sees all; others see runs made for exactly their scopes.
    Raises ReportUnknown, Forbidden.
    """
    declared = report_named(name)
    require(declared, actor)
    scopes = scopes_of(declared, actor)
    rows = ReportRun.objects.filter(name=name).select_related("edition")
    if any(ids is not None for ids in scopes.values()):
        rows = rows.filter(Q(scope_key=content_hash(plain_scopes(scopes))))
    return rows


def runs(*, name: str, actor: Actor, limit: int = 50) -> list[RunInfo]:
    """Return the newest runs of one report.

    Raises ReportUnknown, Forbidden.
    """
    return [describe(row) for row in visible_runs(name=name, actor=actor).order_by("-pk")[:limit]]


def run(*, run_id: int, actor: Actor, name: str = "") -> RunInfo:
    """Return one run with its progress; with `name` only if it is a run of that report.

    Raises RunMissing, Forbidden.
    """
    return describe(visible_run(run_id=run_id, actor=actor, name=name))


def visible_run(*, run_id: int, actor: Actor, name: str = "") -> ReportRun:
    """Return the row of one run the actor may see.

    Raises RunMissing, the same for no such run and one outside the actor's scopes; Forbidden
    when the actor may not see the report at all.
    """
    row = ReportRun.objects.select_related("edition").filter(pk=run_id).first()
    if row is not None and row.name in catalogue() and name in {"", row.name}:
        declared = report_named(row.name)
        require(declared, actor)
        if covers(scopes_of(declared, actor), row.scopes):
            return row
    raise RunMissing("reports.run_missing", _("No such report run."))
