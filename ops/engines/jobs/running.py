"""Running one claimed period: one transaction for the effect and for the note that it is done."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from ops.engines.audit import services as audit
from ops.engines.jobs.choices import RunState
from ops.engines.jobs.declarations import JobDeclaration, Report, Run, jobs
from ops.engines.jobs.errors import LeaseLost, ShardsFailed
from ops.engines.jobs.leases import LEASE, Heartbeat
from ops.engines.jobs.models import JobRun
from ops.engines.jobs.shards import shard_of
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.canonical import canonical_json
from ops.engines.kernel.errors import ExternalFailure, OpsError

BACK_OFF = 30  # seconds, doubled with every attempt

logger = logging.getLogger(__name__)

# Of one job one period runs at a time (or, where order does not matter, one run per shard); the
# shards of one period run side by side. The advisory lock makes this hold between
# two claims at once.
_ONE_JOB = "SELECT pg_advisory_xact_lock(hashtextextended('jobs:' || %s, 0))"
FREE = """
    (r.state = 'waiting' OR (r.state = 'running' AND r.lease_until < clock_timestamp()))
    AND NOT EXISTS (
        SELECT FROM jobs_run e
         WHERE e.job = r.job AND e.id <> r.id AND e.state IN ('waiting', 'running')
           AND ((e.state = 'running' AND e.lease_until >= clock_timestamp()
                 AND (e.shard = r.shard OR (%(in_order)s AND e.period <> r.period)))
                OR (%(in_order)s AND r.requested_by = '' AND e.requested_by = ''
                    AND e.due_at < r.due_at)))
"""
_CLAIM = f"""
UPDATE jobs_run r
   SET state = 'running', attempts = attempts + 1, lease = %(lease)s, error = '',
       lease_until = clock_timestamp() + make_interval(secs => %(seconds)s),
       started_at = clock_timestamp(), progress_done = 0, progress_total = NULL, stage = ''
 WHERE r.id = %(id)s AND {FREE}
RETURNING r.period, r.late, r.shard
"""  # noqa: S608 - put together from constants
_DONE = """
UPDATE jobs_run
   SET state = 'done', lease = NULL, lease_until = NULL, finished_at = clock_timestamp(),
       progress_done = %s, progress_total = %s, stage = %s, result = %s::jsonb
 WHERE id = %s AND lease = %s AND state = 'running'
"""
_FAILED = """
UPDATE jobs_run
   SET state = CASE WHEN %(final)s OR attempts >= %(most)s THEN 'failed' ELSE 'waiting' END,
       finished_at = CASE WHEN %(final)s OR attempts >= %(most)s THEN clock_timestamp() END,
       next_at = %(at)s::timestamptz + make_interval(secs => %(pause)s * 2 ^ (attempts - 1)),
       dispatched_at = NULL, lease = NULL, lease_until = NULL, error = %(error)s
 WHERE id = %(id)s AND lease = %(lease)s AND state = 'running'
RETURNING state, attempts
"""

_STATES = """
SELECT state, count(*) FROM jobs_run WHERE job = %s AND period = %s AND shard <> '' GROUP BY 1
"""
_PLAN = """
INSERT INTO jobs_run (job, period, shard, due_at, state, late, skipped, requested_by, attempts,
                      next_at, progress_done, stage, error)
SELECT p.job, p.period, part.shard, p.due_at, 'waiting', p.late, 0, p.requested_by, 0, p.next_at,
       0, '', ''
  FROM jobs_run p, unnest(%s::text[]) AS part(shard) WHERE p.id = %s
ON CONFLICT (job, period, shard) DO NOTHING
"""
# The plan is looked at again when a shard ends; the pause is for a shard whose worker died.
_WATCH = """
UPDATE jobs_run
   SET state = 'waiting', attempts = attempts - 1, lease = NULL, lease_until = NULL,
       dispatched_at = NULL, next_at = %s::timestamptz + make_interval(secs => %s),
       progress_done = %s, progress_total = %s
 WHERE id = %s AND lease = %s AND state = 'running'
"""
_WAKE = """
UPDATE jobs_run SET next_at = %s, dispatched_at = NULL
 WHERE job = %s AND period = %s AND shard = '' AND state = 'waiting'
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    job: JobDeclaration
    run_id: int
    lease: uuid.UUID
    period: str
    late: bool
    shard: str

    @property
    def plans(self) -> bool:
        """Say whether this run only plans and watches over the shards of its period."""
        return self.job.shards is not None and not self.shard


def execute(*, run_id: int, at: datetime) -> bool:
    """Run one period if it is free, and say whether this call ran it.

    A failure is noted, never raised. Twice at once, late, or for a period that is done: no effect.
    """
    claim = _claim(run_id)
    if claim is None:
        # Perhaps another period of the job runs: whoever looks next may hand this one out again.
        JobRun.objects.filter(id=run_id, state=RunState.WAITING).update(dispatched_at=None)
        return False
    try:
        if claim.plans:
            _watch_over(claim, at=at)
        else:
            _work(claim, at=at)
    except LeaseLost:
        logger.warning("%s %s was taken over", claim.job.name, claim.period)
    except Exception as error:  # a job may fail in any way
        logger.exception("%s %s failed", claim.job.name, claim.period)
        _note_failure(claim, error, at=at)
    except BaseException as error:  # the worker is being stopped: another one may start at once
        _note_failure(claim, error, at=at)
        raise
    if claim.shard:
        _wake_plan(claim, at=at)
    return True


def _claim(run_id: int) -> _Claim | None:
    name = JobRun.objects.filter(id=run_id).values_list("job", flat=True).first()
    job = jobs().get(name or "")
    if job is None:
        return None
    lease = uuid.uuid4()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_ONE_JOB, [job.name])
        cursor.execute(
            _CLAIM,
            {"id": run_id, "lease": lease, "seconds": LEASE, "in_order": job.cadence.in_order},
        )
        row = cursor.fetchone()
    if row is None:
        return None
    return _Claim(job=job, run_id=run_id, lease=lease, period=row[0], late=row[1], shard=row[2])


def _work(claim: _Claim, *, at: datetime) -> None:
    beat = Heartbeat(
        run_id=claim.run_id, lease=claim.lease, longest=claim.job.longest.total_seconds()
    )
    with beat, ExitStack() as stack:
        if claim.job.atomic:
            stack.enter_context(transaction.atomic())
        result = claim.job.call(_run_of(claim, report=beat.report, at=at))
        _note_done(claim, beat.said, result or {})


def _watch_over(claim: _Claim, *, at: datetime) -> None:
    """Plan the shards of a period once; later, see whether all of them are done."""
    job, period = claim.job.name, claim.period
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_STATES, [job, period])
        states: dict[str, int] = dict(cursor.fetchall())
        if not states and claim.job.shards is not None:
            wanted = claim.job.shards(_run_of(claim, report=_say_nothing, at=at))
            texts = sorted({shard.text for shard in wanted})
            cursor.execute(_PLAN, [texts, claim.run_id])
            states = {"waiting": len(texts)} if texts else {}
        total, done = sum(states.values()), states.get("done", 0)
        if done == total:
            _note_done(claim, (done, total, ""), {"shards": total})
        elif states.get("waiting") or states.get("running"):
            cursor.execute(_WATCH, [at, BACK_OFF, done, total, claim.run_id, claim.lease])
            if cursor.rowcount == 0:
                raise LeaseLost
        else:
            raise ShardsFailed(
                "jobs.shards_failed",
                _("%(count)s of %(total)s shards failed.")
                % {"count": total - done, "total": total},
            )


def _wake_plan(claim: _Claim, *, at: datetime) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_WAKE, [at, claim.job.name, claim.period])


def _run_of(claim: _Claim, *, report: Report, at: datetime) -> Run:
    slot = claim.job.cadence.read(claim.period)
    return Run(
        run_id=claim.run_id,
        job=claim.job.name,
        period=claim.period,
        first=slot.first,
        last=slot.last,
        actor=Actor.system(claim.job.name),
        at=at,
        late=claim.late,
        report=report,
        shard=shard_of(claim.shard),
    )


def _say_nothing(_done: int, _total: int | None, _stage: str) -> None:
    """Take the progress of planning, which is nobody's."""


def _note_done(claim: _Claim, said: tuple[int, int | None, str], result: Mapping[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_DONE, [*said, canonical_json(result), claim.run_id, claim.lease])
        if cursor.rowcount == 0:
            raise LeaseLost


def _note_failure(claim: _Claim, error: BaseException, *, at: datetime) -> None:
    # What the business refuses stays refused; a bug or a system that is away may pass.
    final = isinstance(error, OpsError) and not isinstance(error, ExternalFailure)
    text = f"{type(error).__name__}: {error}"[:2000].replace("\x00", "")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            _FAILED,
            {
                "final": final,
                "most": claim.job.attempts,
                "at": at,
                "pause": BACK_OFF,
                "error": text,
                "id": claim.run_id,
                "lease": claim.lease,
            },
        )
        row = cursor.fetchone()
        if row is not None and row[0] == "failed":
            record_failure(claim.job.name, claim.run_id, claim.period, text, at=at)


def record_failure(job: str, run_id: int, period: str, error: str, *, at: datetime) -> None:
    """Leave the audit fact of a period that was given up."""
    audit.record(
        actor=Actor.system(job),
        at=at,
        action="jobs.failed",
        obj=("jobs.run", run_id),
        body={"job": job, "period": period, "error": error},
    )
