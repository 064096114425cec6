"""Questions to the jobs."""

from __future__ import annotations

from datetime import datetime

from ops.engines.jobs.choices import RunState
from ops.engines.jobs.declarations import JobDeclaration, jobs
from ops.engines.jobs.models import CadenceChange, JobRun
from ops.engines.jobs.overrides import Overridden, Override
from ops.engines.jobs.types import CadenceChangeInfo, JobInfo, JobRunInfo
from ops.engines.kernel.parse import business_day


def catalogue(*, at: datetime) -> list[JobInfo]:
    """Return every declared job by name, with its newest run and when it is due next."""
    newest = JobRun.objects.filter(job__in=list(jobs()), shard="").order_by("job", "-due_at", "-id")
    last_runs = {row.job: _info(row) for row in newest.distinct("job")}
    changes = overrides()
    return [
        _describe(job, last_runs.get(name), changes.get(name, []), at)
        for name, job in sorted(jobs().items())
    ]


def runs(
    *, job: str = "", state: str = "", limit: int = 100, with_shards: bool = False
) -> list[JobRunInfo]:
    """Return runs, the newest first; those of shards only when asked for."""
    found = JobRun.objects.order_by("-due_at", "-id")
    if not with_shards:
        found = found.filter(shard="")
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
    return _info(JobRun.objects.get(job=job, period=period, shard=""))


def under_way(*, job: str) -> JobRunInfo | None:
    """Return the run of a job that is being done now, with its progress; None: none is."""
    found = JobRun.objects.filter(job=job, state=RunState.RUNNING, shard="").order_by("-id").first()
    return None if found is None else _info(found)


def shards(*, job: str, period: str) -> list[JobRunInfo]:
    """Return the runs of the shards of one period, in order of the shards."""
    found = JobRun.objects.filter(job=job, period=period).exclude(shard="")
    return [_info(row) for row in found.order_by("shard")]


def overrides() -> dict[str, list[Override]]:
    """Return what staff changed, by job, oldest first. One query."""
    found: dict[str, list[Override]] = {}
    for row in CadenceChange.objects.order_by("id"):
        found.setdefault(row.job, []).append(
            Override(
                first=row.first,
                last=row.last,
                at=row.at,
                is_off=row.is_off,
                time=row.time,
                day=row.day,
                minutes=row.minutes,
                reason=row.reason,
                by=row.by_name,
            )
        )
    return found


def cadences() -> dict[str, Overridden]:
    """Return the cadences in force of the jobs whose cadence staff changed."""
    declared = jobs()
    return {
        name: Overridden(declared[name].cadence, changes)
        for name, changes in overrides().items()
        if name in declared
    }


def changes_of(*, job: str) -> list[CadenceChangeInfo]:
    """Return what staff changed about one job, the newest first."""
    return [change_info(each) for each in reversed(overrides().get(job, []))]


def change_info(override: Override) -> CadenceChangeInfo:
    """Return one change in words."""
    return CadenceChangeInfo(
        first=override.first,
        last=override.last,
        words=override.label,
        reason=override.reason,
        by=override.by,
        at=override.at,
    )


def _describe(
    job: JobDeclaration, last: JobRunInfo | None, changes: list[Override], at: datetime
) -> JobInfo:
    cadence = Overridden(job.cadence, changes) if changes else job.cadence
    following = cadence.next_after(at)
    held = [each for each in changes if each.covers(business_day(at))]
    return JobInfo(
        name=job.name,
        title=str(job.title),
        family=job.family,
        cadence=job.cadence.label,
        clauses=job.clauses,
        policy=job.policy.label,
        last_run=last,
        next_due_at=following.due_at if following is not None else None,
        next_period=following.period if following is not None else "",
        change=held[-1].label if held else "",
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
        shard=row.shard,
    )
