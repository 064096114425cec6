"""Render a version into one file, seal it by its hash, or write down why it failed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from ops.engines.audit import services as audit
from ops.engines.kernel.actor import Actor
from ops.engines.reports import content, disk
from ops.engines.reports.choices import RunState
from ops.engines.reports.declarations import Report
from ops.engines.reports.errors import RunCancelled
from ops.engines.reports.keeping import figures_of
from ops.engines.reports.models import ReportEdition, ReportRun
from ops.engines.reports.render.files import write_file
from ops.engines.reports.render.sheet import Sheet


@dataclass(frozen=True, slots=True)
class Figures:
    """What a file shows, told apart from the file: rows, their digest, their cut-off."""

    rows: int
    digest: str
    cut_off_at: dt.datetime


def progress(run: ReportRun, stage: str, total: int | None) -> content.Progress:
    """Return what a maker calls with the rows done, so that people can watch and stop it.

    `total` may be a guess (the rows of the version before): it grows with what is done. Calling it
    is the safe point at which a run stops: it raises RunCancelled when a person asked for that.
    """

    def tell(done: int) -> None:
        mine = ReportRun.objects.filter(pk=run.pk, state=RunState.RUNNING)
        known = None if total is None else max(total, done)
        told = mine.filter(cancel_asked_at__isnull=True).update(stage=stage, done=done, total=known)
        if not told and mine.exists():
            raise RunCancelled("reports.cancelled", _("Stopped by a person."))

    return tell


def render(
    report: Report, edition: ReportEdition, fmt: str, path: Path, tell: content.Progress
) -> None:
    """Write one version of the figures as a file, in the language in force."""
    sheet = Sheet(
        title=str(report.title),
        period=edition.period,
        standing=edition.standing,
        version=edition.version,
        cut_off_at=edition.cut_off_at,
        rows=edition.rows,
        digest=edition.digest,
    )
    write_file(fmt, path, sheet, figures_of(edition, report), tell)


def render_and_seal(
    run: ReportRun, report: Report, edition: ReportEdition, actor: Actor, at: dt.datetime
) -> None:
    """Make the run's file from a version and seal it."""
    tell = progress(run, "file", edition.rows)
    run.edition, run.stage, run.stage_at = edition, "file", at
    run.save(update_fields=["edition", "stage", "stage_at"])  # taken up again, it begins here
    tell(0)
    with disk.draft(run.format) as draft:
        render(report, edition, run.format, draft, tell)
        figures = Figures(edition.rows, edition.digest, edition.cut_off_at)
        told = {"version": edition.version, "standing": edition.standing}
        seal(run, draft, figures, told=told, actor=actor, at=at)


def seal(
    run: ReportRun,
    draft: Path,
    figures: Figures,
    *,
    told: Mapping[str, Any],
    actor: Actor,
    at: dt.datetime,
) -> None:
    """Keep the file, store its hash and leave one audit fact; from here on nothing changes it."""
    run.sha256, run.size = disk.sha256_of(draft), draft.stat().st_size
    run.rows, run.digest, run.cut_off_at = figures.rows, figures.digest, figures.cut_off_at
    run.state, run.stage, run.done, run.total = RunState.DONE, "", run.rows or 0, run.rows
    run.finished_at = run.sealed_at = at
    run.lease_until, run.error_code, run.error = None, "", ""
    with transaction.atomic(), disk.kept(draft, run.format) as run.stored_name:
        run.save()
        audit.record(
            actor=actor,
            at=at,
            action="reports.sealed",
            obj=("reports.reportrun", run.pk),
            body={
                "report": run.name,
                "period": run.period,
                "params": run.params,
                "scopes": run.scopes,
                "format": run.format,
                "sha256": run.sha256,
                "asked_by": run.requested_by_id,
                **asdict(figures),
                **told,
            },
        )


def fail(run: ReportRun, code: str, said: str, at: dt.datetime) -> None:
    """Write down why no file came out; a run that a person stopped stays stopped."""
    is_stopped = code == "reports.cancelled"
    ended = (RunState.DONE, RunState.STOPPED)
    ReportRun.objects.filter(pk=run.pk).exclude(state__in=ended).update(
        state=RunState.STOPPED if is_stopped else RunState.FAILED,
        error_code=code,
        error=said[:2000],
        finished_at=at,
        lease_until=None,
    )
