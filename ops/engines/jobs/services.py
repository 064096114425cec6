"""Turning timetables into runs, and runs into work."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils.translation import gettext as _

from ops.engines.audit import services as audit
from ops.engines.jobs import running, selectors
from ops.engines.jobs.choices import RunState
from ops.engines.jobs.declarations import JobDeclaration, jobs
from ops.engines.jobs.errors import JobBusy, JobMissing
from ops.engines.jobs.models import Watch
from ops.engines.jobs.timetables import Slot
from ops.engines.jobs.types import JobRunInfo, TickReport
from ops.engines.kernel.actor import Actor

LATE_AFTER = timedelta(minutes=5)
AGAIN_AFTER = 60  # seconds until a run nobody has taken is handed out once more
AT_ONCE = 200

Dispatch = Callable[[int], object]

_PROPOSE = """
INSERT INTO jobs_run (job, period, due_at, state, late, skipped, requested_by, attempts, next_at,
                      progress_done, stage, error)
SELECT job, period, due_at, 'waiting', late, skipped, '', 0, due_at, 0, '', ''
  FROM unnest(%s::text[], %s::text[], %s::timestamptz[], %s::boolean[], %s::int[])
    AS given(job, period, due_at, late, skipped)
ON CONFLICT (job, period) DO NOTHING RETURNING id
"""
_GIVE_UP = """
UPDATE jobs_run r
   SET state = 'failed', finished_at = clock_timestamp(), lease = NULL, lease_until = NULL,
       error = 'The worker died in every attempt.'
 WHERE r.state = 'running' AND r.lease_until < clock_timestamp()
   AND EXISTS (SELECT FROM unnest(%s::text[], %s::int[]) AS known(job, most)
                WHERE known.job = r.job AND r.attempts >= known.most)
RETURNING r.id, r.job, r.period, r.error
"""
_HAND_OUT = f"""
UPDATE jobs_run SET dispatched_at = %(at)s WHERE id IN (
    SELECT r.id FROM jobs_run r
     WHERE r.job = ANY(%(jobs)s) AND r.state IN ('waiting', 'running') AND r.next_at <= %(at)s
       AND (r.dispatched_at IS NULL OR r.state = 'running' OR r.dispatched_at > %(at)s
            OR r.dispatched_at < %(at)s::timestamptz - make_interval(secs => %(again)s))
       AND {running.FREE}
     ORDER BY r.due_at LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED)
RETURNING id, due_at
"""  # noqa: S608 - put together from constants
_BY_HAND = """
INSERT INTO jobs_run (job, period, due_at, state, late, skipped, requested_by, attempts, next_at,
                      progress_done, stage, error)
VALUES (%(job)s, %(period)s, %(due_at)s, 'waiting', false, 0, %(by)s, 0, %(at)s, 0, '', '')
ON CONFLICT (job, period) DO UPDATE
   SET state = 'waiting', finished_at = NULL, attempts = 0, requested_by = %(by)s, next_at = %(at)s
 WHERE jobs_run.state IN ('failed', 'waiting')
RETURNING id
"""


def tick(*, at: datetime, dispatch: Dispatch | None = None) -> TickReport:
    """Propose the periods due by `at`, and have those run that are free to.

    `dispatch` hands a run's id to a worker; without it the runs are done here, one after the other.
    Any number of ticks may run at once, early, late or not at all: a period has one run.
    """
    proposed = propose(at=at)
    if dispatch is not None:
        return TickReport(proposed=proposed, dispatched=hand_out(at=at, dispatch=dispatch))
    done: list[int] = []
    while ids := hand_out(at=at, dispatch=lambda run_id: running.execute(run_id=run_id, at=at)):
        done += ids
    return TickReport(proposed=proposed, dispatched=tuple(done))


def propose(*, at: datetime) -> int:
    """Enter a run for every period due by `at` and return how many are new.

    A job seen for the first time begins with its next period. Of more missed periods than the job
    catches up, the newest are run and the first of them says how many were passed over.
    """
    declared = jobs()
    with transaction.atomic():
        Watch.objects.bulk_create(
            [Watch(job=name, since=at, reached_at=at) for name in declared], ignore_conflicts=True
        )
        locked = Watch.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        found: list[tuple[JobDeclaration, Slot, int]] = []
        for watch in locked.filter(job__in=list(declared), reached_at__lt=at):
            job = declared[watch.job]
            slots, older = job.cadence.between(watch.reached_at, at, most=job.catch_up)
            if not slots and not older:
                continue
            found += [(job, slot, older if n == 0 else 0) for n, slot in enumerate(slots)]
            Watch.objects.filter(job=watch.job).update(reached_at=at)
        return _insert(found, at=at)


def hand_out(*, at: datetime, dispatch: Dispatch) -> tuple[int, ...]:
    """Hand every run that is due and free to `dispatch`, the longest due first.

    A run whose worker died is handed out again when its lease has ended, until its job's attempts
    are used up.
    """
    names = list(jobs())
    most = [job.attempts for job in jobs().values()]
    ids: list[int] = []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_GIVE_UP, [names, most])
        for run_id, job, period, error in cursor.fetchall():
            running.record_failure(job, run_id, period, error, at=at)
        for in_order in (True, False):
            kinds = [job.name for job in jobs().values() if job.cadence.in_order is in_order]
            ids += _take(kinds, in_order=in_order, at=at)
    for run_id in ids:
        dispatch(run_id)
    return tuple(ids)


def run_now(*, name: str, period: str, actor: Actor, at: datetime) -> JobRunInfo:
    """Run one period of a job by hand and return how it went.

    A period that is done is described and not run again; one that failed is tried anew. Raises
    JobMissing, Forbidden, BadInput for a text that names no period, JobBusy.
    """
    job = jobs().get(name)
    if job is None:
        raise JobMissing("jobs.missing", _("There is no job of this name."), name=name)
    job.policy.require(actor)
    slot = job.cadence.read(period)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            _BY_HAND,
            {
                "job": name,
                "period": slot.period,
                "due_at": slot.due_at,
                "by": actor.name,
                "at": at,
            },
        )
        row = cursor.fetchone()
        if row is not None:
            audit.record(
                actor=actor,
                at=at,
                action="jobs.started_by_hand",
                obj=("jobs.run", row[0]),
                body={"job": name, "period": slot.period},
            )
    info = selectors.run_of(job=name, period=slot.period)
    if info.state != RunState.DONE and not running.execute(run_id=info.run_id, at=at):
        raise JobBusy("jobs.busy", _("A worker is running this job right now; look again soon."))
    return selectors.run(run_id=info.run_id)


def _insert(found: Iterable[tuple[JobDeclaration, Slot, int]], *, at: datetime) -> int:
    rows = [
        (job.name, slot.period, slot.due_at, at - slot.due_at > LATE_AFTER, older)
        for job, slot, older in found
    ]
    if not rows:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_PROPOSE, [list(column) for column in zip(*rows, strict=True)])
        return len(cursor.fetchall())


def _take(names: list[str], *, in_order: bool, at: datetime) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            _HAND_OUT,
            {
                "at": at,
                "jobs": names,
                "again": AGAIN_AFTER,
                "in_order": in_order,
                "limit": AT_ONCE,
            },
        )
        return [run_id for run_id, _due in sorted(cursor.fetchall(), key=lambda row: row[1])]
