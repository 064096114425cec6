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

from ops.engines.audit import services as audit
from ops.engines.jobs.choices import RunState
from ops.engines.jobs.declarations import JobDeclaration, Run, jobs
from ops.engines.jobs.errors import LeaseLost
from ops.engines.jobs.leases import LEASE, Heartbeat
from ops.engines.jobs.models import JobRun
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.canonical import canonical_json
from ops.engines.kernel.errors import ExternalFailure, OpsError

BACK_OFF = 30  # seconds, doubled with every attempt

logger = logging.getLogger(__name__)

# The advisory lock makes "no other period of this job runs" hold between two claims at once.
_ONE_JOB = "SELECT pg_advisory_xact_lock(hashtextextended('jobs:' || %s, 0))"
FREE = """
    (r.state = 'waiting' OR (r.state = 'running' AND r.lease_until < clock_timestamp()))
    AND NOT EXISTS (
        SELECT FROM jobs_run e
         WHERE e.job = r.job AND e.id <> r.id AND e.state IN ('waiting', 'running')
           AND ((e.state = 'running' AND e.lease_until >= clock_timestamp())
                OR (%(in_order)s AND r.requested_by = '' AND e.requested_by = ''
                    AND e.due_at < r.due_at)))
"""
_CLAIM = f"""
UPDATE jobs_run r
   SET state = 'running', attempts = attempts + 1, lease = %(lease)s, error = '',
       lease_until = clock_timestamp() + make_interval(secs => %(seconds)s),
       started_at = clock_timestamp(), progress_done = 0, progress_total = NULL, stage = ''
 WHERE r.id = %(id)s AND {FREE}
RETURNING r.period, r.late
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    job: JobDeclaration
    run_id: int
    lease: uuid.UUID
    period: str
    late: bool


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
        _work(claim, at=at)
    except LeaseLost:
        logger.warning("%s %s was taken over", claim.job.name, claim.period)
    except Exception as error:  # a job may fail in any way
        logger.exception("%s %s failed", claim.job.name, claim.period)
        _note_failure(claim, error, at=at)
    except BaseException as error:  # the worker is being stopped: another one may start at once
        _note_failure(claim, error, at=at)
        raise
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
    return _Claim(job=job, run_id=run_id, lease=lease, period=row[0], late=row[1])


def _work(claim: _Claim, *, at: datetime) -> None:
    slot = claim.job.cadence.read(claim.period)
    beat = Heartbeat(
        run_id=claim.run_id, lease=claim.lease, longest=claim.job.longest.total_seconds()
    )
    run = Run(
        run_id=claim.run_id,
        job=claim.job.name,
        period=claim.period,
        first=slot.first,
        last=slot.last,
        actor=Actor.system(claim.job.name),
        at=at,
        late=claim.late,
        report=beat.report,
    )
    with beat, ExitStack() as stack:
        if claim.job.atomic:
            stack.enter_context(transaction.atomic())
        result = claim.job.call(run)
        _note_done(claim, beat, result or {})


def _note_done(claim: _Claim, beat: Heartbeat, result: Mapping[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_DONE, [*beat.said, canonical_json(result), claim.run_id, claim.lease])
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
