"""Rows of the engine as plain values."""

from __future__ import annotations

from ops.engines.reports import disk
from ops.engines.reports.errors import NotReady
from ops.engines.reports.models import ReportEdition, ReportRun
from ops.engines.reports.types import EditionInfo, ReportFile, RunInfo


def describe(run: ReportRun) -> RunInfo:
    """Return a run as screens and the API show it."""
    edition = run.edition
    return RunInfo(
        id=run.pk,
        name=run.name,
        period=run.period,
        params=run.params,
        format=run.format,
        state=run.state,
        stage=run.stage,
        done=run.done,
        total=run.total,
        requested_by=run.requested_name,
        requested_at=run.requested_at,
        finished_at=run.finished_at,
        cut_off_at=run.cut_off_at,
        rows=run.rows,
        sha256=run.sha256,
        digest=run.digest,
        size=run.size,
        version=edition.version if edition else None,
        standing=edition.standing if edition else "",
        error_code=run.error_code,
        error=run.error,
        stage_at=run.stage_at,
        is_stopping=run.cancel_asked_at is not None,
    )


def describe_edition(edition: ReportEdition) -> EditionInfo:
    """Return a version of figures as plain values."""
    return EditionInfo(
        id=edition.pk,
        name=edition.name,
        period=edition.period,
        version=edition.version,
        standing=edition.standing,
        cut_off_at=edition.cut_off_at,
        rows=edition.rows,
        digest=edition.digest,
        differences=edition.differences,
        differences_digest=edition.differences_digest,
    )


def file_of(run: ReportRun) -> ReportFile:
    """Return the finished file of a run.

    Raises NotReady while there is none.
    """
    if run.cut_off_at is None or run.rows is None or run.size is None:
        raise NotReady("reports.not_ready", run.error or run.get_state_display())
    edition = run.edition
    version = edition.version if edition else 1
    return ReportFile(
        run_id=run.pk,
        name=run.name,
        period=run.period,
        format=run.format,
        path=disk.path_of(run.stored_name),
        file_name=f"{run.name}_{run.period.replace('..', '_')}_v{version}.{run.format}",
        sha256=run.sha256,
        size=run.size,
        rows=run.rows,
        digest=run.digest,
        version=version,
        standing=edition.standing if edition else "",
        cut_off_at=run.cut_off_at,
    )
