"""Questions to the jobs."""

from __future__ import annotations

from datetime import datetime

from ops.engines.jobs.declarations import JobDeclaration, jobs
from ops.engines.jobs.models import JobRun
from ops.engines.jobs.types import JobInfo, JobRunInfo


def catalogue(*, at: datetime) -> list[JobInfo]:
    """Return every declared job by name, with its newest run and when it is due next."""
    newest = JobRun.objects.filter(job__in=list(jobs())).order_by("job", "-due_at", "-id")
    last_runs = {row.job: _info(row) for row in newest.distinct("job")}
    return [_describe(job, last_runs.get(name), at) for name, job in sorted(jobs().items())]


def runs(*, job: str = "", state: str = "", limit: int = 100) -> list[JobRunInfo]:
    """Return runs, the newest first."""
    found = JobRun.objects.order_by("-due_at", "-id")
    if job:
        found = found.filter(job=job)
    if state:
        found = found.filter(state=state)
    return [_info(row) for row in found[:limit]]


def run(*, run_id: int) -> JobRunInfo:
    """Return one run. Raises JobRun.DoesNotExist."""
    return _info(JobRun.objects.get(id=run_id))


def run_of(*, job: str, period: str) -> JobRunInfo:
    """Return the run of one period. Raises JobRun.DoesNotExist."""
    return _info(JobRun.objects.get(job=job, period=period))


def _describe(job: JobDeclaration, last: JobRunInfo | None, at: datetime) -> JobInfo:
    following = job.cadence.next_after(at)
    return JobInfo(
        name=job.name,
        title=str(job.title),
        family=job.family,
        cadence=job.cadence.label,
        clauses=job.clauses,
        policy=job.policy.label,
        last_run=last,
        next_due_at=following.due_at,
        next_period=following.period,
    )


def _info(row: JobRun) -> JobRunInfo:
    return JobRunInfo(
        run_id=row.id,
        job=row.job,
        period=row.period,
        state=row.state,
        due_at=row.due_at,
        late=row.late,
        skipped=row.skipped,
        requested_by=row.requested_by,
        attempts=row.attempts,
        next_at=row.next_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        progress_done=row.progress_done,
        progress_total=row.progress_total,
        stage=row.stage,
        result=row.result or {},
        error=row.error,
    )
