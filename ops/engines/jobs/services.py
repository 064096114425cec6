"""Turning timetables into runs, and runs into work."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from ops.engines.audit import services as audit
from ops.engines.jobs import running, selectors
from ops.engines.jobs.choices import RunState
from ops.engines.jobs.declarations import JobDeclaration, jobs
from ops.engines.jobs.errors import JobBusy, JobMissing, OddChange
from ops.engines.jobs.models import CadenceChange, Watch
from ops.engines.jobs.overrides import Override, changed
from ops.engines.jobs.policies import CHANGE_CADENCE
from ops.engines.jobs.timetables import Slot
from ops.engines.jobs.types import CadenceChangeInfo, JobRunInfo, TickReport
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day

LATE_AFTER = timedelta(minutes=5)
AGAIN_AFTER = 60  # seconds until a run nobody has taken is handed out once more
AT_ONCE = 200

Dispatch = Callable[[int], object]

_PROPOSE = """
INSERT INTO jobs_run (job, period, shard, due_at, state, late, skipped, requested_by, attempts,
                      next_at, progress_done, stage, error)
SELECT job, period, '', due_at, 'waiting', late, skipped, '', 0, due_at, 0, '', ''
  FROM unnest(%s::text[], %s::text[], %s::timestamptz[], %s::boolean[], %s::int[])
    AS given(job, period, due_at, late, skipped)
ON CONFLICT (job, period, shard) DO NOTHING RETURNING id
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
INSERT INTO jobs_run (job, period, shard, due_at, state, late, skipped, requested_by, attempts,
                      next_at, progress_done, stage, error)
VALUES (%(job)s, %(period)s, '', %(due_at)s, 'waiting', false, 0, %(by)s, 0, %(at)s, 0, '', '')
ON CONFLICT (job, period, shard) DO UPDATE
   SET state = 'waiting', finished_at = NULL, attempts = 0, requested_by = %(by)s, next_at = %(at)s
 WHERE jobs_run.state IN ('failed', 'waiting')
RETURNING id
"""
_SHARDS_BY_HAND = """
UPDATE jobs_run
   SET state = 'waiting', finished_at = NULL, attempts = 0, requested_by = %(by)s, next_at = %(at)s
 WHERE job = %(job)s AND period = %(period)s AND shard <> '' AND state = 'failed'
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
        watches = list(locked.filter(job__in=list(declared), reached_at__lt=at))
        # Read after the lock: a change of a cadence waits for it, or is seen.
        cadences = selectors.cadences()
        for watch in watches:
            job = declared[watch.job]
            cadence = cadences.get(watch.job, job.cadence)
            slots, older = cadence.between(watch.reached_at, at, most=job.catch_up)
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
    by_hand: dict[str, Any] = {"job": name, "period": slot.period, "by": actor.name, "at": at}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_BY_HAND, {**by_hand, "due_at": slot.due_at})
        row = cursor.fetchone()
        if row is not None:
            cursor.execute(_SHARDS_BY_HAND, by_hand)
            audit.record(
                actor=actor,
                at=at,
                action="jobs.started_by_hand",
                obj=("jobs.run", row[0]),
                body={"job": name, "period": slot.period},
            )
    info = selectors.run_of(job=name, period=slot.period)
    if info.state != RunState.DONE and not _run_here(info, at=at):
        raise JobBusy("jobs.busy", _("A worker is running this job right now; look again soon."))
    return selectors.run(run_id=info.run_id)


def change_cadence(
    *,
    name: str,
    first: date,
    last: date | None = None,
    is_off: bool = False,
    time: time | None = None,
    day: int | None = None,
    minutes: int | None = None,
    reason: str,
    actor: Actor,
    at: datetime,
) -> CadenceChangeInfo:
    """Let a job run at another moment, less often, or not at all, from a day on, with a reason.

    Nothing given means "as declared again". Raises JobMissing, Forbidden, OddChange without a
    reason, for days that are over or in the wrong order; BadInput where the job's cadence cannot be
    changed like that.
    """
    job = jobs().get(name)
    if job is None:
        raise JobMissing("jobs.missing", _("There is no job of this name."), name=name)
    CHANGE_CADENCE.require(actor)
    if not reason.strip():
        raise OddChange("jobs.reason_missing", _("Give a reason; the record keeps it."))
    if first < business_day(at) or (last is not None and last < first):
        raise OddChange("jobs.change_days", _("The days must be in order and not be over."))
    with transaction.atomic():
        # Whoever proposes periods holds this row: the change is made before or after, never within.
        Watch.objects.bulk_create([Watch(job=name, since=at, reached_at=at)], ignore_conflicts=True)
        watch = Watch.objects.select_for_update(of=("self",), no_key=True).get(job=name)
        made_at = max(at, watch.reached_at)
        override = Override(
            first=first,
            last=last,
            at=made_at,
            is_off=is_off,
            time=time,
            day=day,
            minutes=minutes,
            reason=reason,
            by=actor.name,
        )
        changed(job.cadence, override)
        if is_off and (time, day, minutes) != (None, None, None):
            raise OddChange("jobs.change_two", _("A job that does not run has no other moment."))
        row = CadenceChange.objects.create(
            job=name,
            first=first,
            last=last,
            is_off=is_off,
            time=time,
            day=day,
            minutes=minutes,
            reason=reason,
            by_name=actor.name,
            by_person_id=actor.person_id,
            at=made_at,
        )
        audit.record(
            actor=actor,
            at=at,
            action="jobs.cadence_changed",
            obj=("jobs.job", name),
            body={"change": row.pk, "first": first, "last": last, "is_off": is_off,
                  "time": str(time or ""), "day": day, "minutes": minutes, "reason": reason},
        )  # fmt: skip
    return selectors.change_info(override)


def _run_here(info: JobRunInfo, *, at: datetime) -> bool:
    """Run a period in this process, its shards one after the other; say whether it was free."""
    if not running.execute(run_id=info.run_id, at=at):
        return False
    shards = selectors.shards(job=info.job, period=info.period)
    waiting = [shard.run_id for shard in shards if shard.state == RunState.WAITING]
    for run_id in waiting:
        running.execute(run_id=run_id, at=at)
    if waiting:
        running.execute(run_id=info.run_id, at=at)
    return True


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
        return [
            run_id for run_id, _due in sorted(cursor.fetchall(), key=lambda row: (row[1], row[0]))
        ]
