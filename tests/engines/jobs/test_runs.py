"""One effect per period: failures, dead workers, take-overs, runs by hand."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from ops.engines.audit.models import Fact
from ops.engines.jobs import leases, running, selectors, services, tasks, ticking
from ops.engines.jobs.cadences import daily, every
from ops.engines.jobs.declarations import Run
from ops.engines.jobs.errors import JobBusy, JobMissing
from ops.engines.jobs.models import JobRun
from ops.engines.kernel import policy
from ops.engines.kernel.actor import Actor, ActorKind
from ops.engines.kernel.errors import BadInput, ExternalFailure, Forbidden, RuleViolation
from ops.engines.numbering import services as numbering
from ops.engines.numbering.models import Counter
from tests.engines.jobs.conftest import Declare

START = datetime(2026, 11, 5, 3, 0, 30, tzinfo=UTC)
DAY = timedelta(days=1)
MANAGER = Actor(kind=ActorKind.PERSON, name="manager", person_id=1, rights={"ops": frozenset("P")})
OUTSIDER = Actor(kind=ActorKind.PERSON, name="outsider", person_id=2)


def _effects() -> int:
    return sum(Counter.objects.values_list("last", flat=True))


def _effect(run: Run) -> None:
    numbering.take("RUN", at=run.at)


def _due(declare: Declare, work: Any, **more: Any) -> int:
    declare("tests_daily", daily("01:00"), work, **more)
    services.propose(at=START)
    services.propose(at=START + DAY)
    return JobRun.objects.get().id


@pytest.mark.django_db
def test_a_run_is_given_its_period_its_actor_and_its_clock(declare: Declare) -> None:
    seen: list[Run] = []

    def work(run: Run) -> Mapping[str, Any]:
        seen.append(run)
        run.progress(3, 10, "reading")
        return {"read": 10, "rejected": 0}

    run_id = _due(declare, work)

    assert running.execute(run_id=run_id, at=START + DAY)

    (run,) = seen
    assert (run.period, run.first.isoformat(), run.at) == ("2026-11-06", "2026-11-06", START + DAY)
    assert run.actor == Actor.system("tests_daily")
    info = selectors.run(run_id=run_id)
    assert (info.state, info.attempts, info.result) == ("done", 1, {"read": 10, "rejected": 0})
    assert (info.progress_done, info.progress_total, info.stage) == (3, 10, "reading")
    assert info.started_at is not None
    assert info.finished_at is not None
    assert not running.execute(run_id=run_id, at=START + DAY)


@pytest.mark.django_db
def test_a_failure_undoes_its_effect_and_is_tried_again_with_one_effect(declare: Declare) -> None:
    fails = [True]

    def work(run: Run) -> None:
        _effect(run)
        if fails.pop():
            fails.append(False)
            raise ValueError("killed in the \x00middle")

    run_id = _due(declare, work)

    running.execute(run_id=run_id, at=START)
    info = selectors.run(run_id=run_id)
    assert (info.state, info.error) == ("waiting", "ValueError: killed in the middle")
    assert info.next_at == START + timedelta(seconds=30)
    assert _effects() == 0

    running.execute(run_id=run_id, at=START + timedelta(seconds=30))
    assert (selectors.run(run_id=run_id).state, _effects()) == ("done", 1)
    assert selectors.run(run_id=run_id).error == ""


@pytest.mark.django_db
def test_a_job_that_keeps_failing_is_given_up_and_audited(declare: Declare) -> None:
    def work(run: Run) -> None:
        raise ExternalFailure("tests.away", "The carrier is away.")

    run_id = _due(declare, work, attempts=3)
    at, waits = START + DAY, []

    for _ in range(3):
        running.execute(run_id=run_id, at=at)
        next_at = selectors.run(run_id=run_id).next_at
        waits.append((next_at - at).total_seconds())
        at = next_at

    assert waits == [30, 60, 120]
    info = selectors.run(run_id=run_id)
    assert (info.state, info.attempts) == ("failed", 3)
    fact = Fact.objects.get(action="jobs.failed")
    assert (fact.object_type, fact.object_id) == ("jobs.run", str(run_id))
    assert services.tick(at=at + DAY).dispatched != (run_id,)


@pytest.mark.django_db
def test_what_the_business_refuses_is_not_tried_again(declare: Declare) -> None:
    def work(run: Run) -> None:
        raise RuleViolation("tests.no", "Facts are undelivered.")

    run_id = _due(declare, work)

    running.execute(run_id=run_id, at=START)

    info = selectors.run(run_id=run_id)
    assert (info.state, info.attempts) == ("failed", 1)
    assert info.error == "RuleViolation: Facts are undelivered."


@pytest.mark.django_db
def test_a_dead_workers_run_is_taken_over_when_its_lease_has_ended(declare: Declare) -> None:
    run_id = _due(declare, _effect)
    claim = running._claim(run_id)
    assert claim is not None

    assert services.tick(at=START + DAY).dispatched == ()
    assert not running.execute(run_id=run_id, at=START + DAY)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE jobs_run SET lease_until = now() - interval '1 second'")
    assert services.tick(at=START + DAY).dispatched == (run_id,)

    info = selectors.run(run_id=run_id)
    assert (info.state, info.attempts, _effects()) == ("done", 2, 1)


@pytest.mark.django_db
def test_a_run_that_kills_every_worker_is_given_up(declare: Declare) -> None:
    run_id = _due(declare, _effect, attempts=2)

    for _ in range(2):
        assert running._claim(run_id) is not None
        with connection.cursor() as cursor:
            cursor.execute("UPDATE jobs_run SET lease_until = now() - interval '1 second'")

    assert services.tick(at=START + DAY).dispatched == ()
    assert (selectors.run(run_id=run_id).state, _effects()) == ("failed", 0)
    assert Fact.objects.filter(action="jobs.failed").count() == 1


def test_a_worker_that_lost_its_lease_leaves_no_effect(
    own_database: object, declare: Declare
) -> None:
    begun, go = threading.Event(), threading.Event()
    runs = [0]

    def work(run: Run) -> None:
        runs[0] += 1
        _effect(run)
        if runs[0] == 1:
            begun.set()
            assert go.wait(10)

    run_id = _due(declare, work)

    def slow() -> bool:
        try:
            return running.execute(run_id=run_id, at=START)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(slow)
        assert begun.wait(10)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE jobs_run SET lease_until = now() - interval '1 second'")
        claim = running._claim(run_id)
        assert claim is not None
        go.set()
        assert first.result(timeout=10)
        assert _effects() == 0
        running._work(claim, at=START)

    assert (selectors.run(run_id=run_id).state, _effects()) == ("done", 1)


def test_progress_and_lease_are_seen_while_the_job_runs(
    own_database: object, declare: Declare, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "PACE", 0.05)
    told, go = threading.Event(), threading.Event()

    def work(run: Run) -> None:
        for step in range(500):
            run.progress(step, 500, "counting")
        told.set()
        assert go.wait(10)

    run_id = _due(declare, work)

    def execute() -> None:
        try:
            running.execute(run_id=run_id, at=START)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        running_one = pool.submit(execute)
        assert told.wait(10)
        before = JobRun.objects.get().lease_until
        info = selectors.run(run_id=run_id)
        for _ in range(100):
            if info.progress_done == 499:
                break
            threading.Event().wait(0.05)
            info = selectors.run(run_id=run_id)
        now = JobRun.objects.get().lease_until
        with pytest.raises(JobBusy):
            services.run_now(name="tests_daily", period="2026-11-06", actor=MANAGER, at=START)
        go.set()
        running_one.result(timeout=10)

    assert (info.state, info.progress_done, info.stage) == ("running", 499, "counting")
    assert before is not None
    assert now is not None
    assert now >= before
    assert selectors.run(run_id=run_id).state == "done"


def test_a_worker_told_to_stop_leaves_the_run_to_another(
    own_database: object, declare: Declare
) -> None:
    def work(run: Run) -> None:
        _effect(run)
        raise SystemExit

    run_id = _due(declare, work)

    with pytest.raises(SystemExit):
        running.execute(run_id=run_id, at=START)

    assert (selectors.run(run_id=run_id).state, _effects()) == ("waiting", 0)


@pytest.mark.django_db
def test_by_hand_a_period_runs_once_and_the_hand_is_recorded(declare: Declare) -> None:
    declare("tests_daily", daily("01:00"), _effect)

    first = services.run_now(name="tests_daily", period="2026-10-01", actor=MANAGER, at=START)
    again = services.run_now(name="tests_daily", period="2026-10-01", actor=MANAGER, at=START)

    assert (first.state, first.requested_by, first.late) == ("done", "manager", False)
    assert again == first
    assert _effects() == 1
    fact = Fact.objects.get(action="jobs.started_by_hand")
    assert (fact.person_id, fact.body) == (1, '{"job":"tests_daily","period":"2026-10-01"}')


@pytest.mark.django_db
def test_by_hand_before_its_time_the_schedule_does_not_repeat_it(declare: Declare) -> None:
    declare("tests_daily", daily("01:00"), _effect)
    services.tick(at=START)

    services.run_now(name="tests_daily", period="2026-11-06", actor=MANAGER, at=START)
    report = services.tick(at=START + DAY)

    assert (report.proposed, report.dispatched, _effects()) == (0, (), 1)


@pytest.mark.django_db
def test_by_hand_a_failed_period_is_tried_anew(declare: Declare) -> None:
    fails = [True]

    def work(run: Run) -> None:
        if fails.pop():
            raise RuleViolation("tests.no", "No.")
        _effect(run)

    run_id = _due(declare, work)
    fails += [False, True]
    running.execute(run_id=run_id, at=START)
    assert selectors.run(run_id=run_id).state == "failed"

    info = services.run_now(name="tests_daily", period="2026-11-06", actor=MANAGER, at=START)

    assert (info.state, info.attempts, _effects()) == ("done", 1, 1)


@pytest.mark.django_db
def test_by_hand_needs_the_jobs_own_right_a_known_job_and_a_period(declare: Declare) -> None:
    declare("tests_daily", daily("01:00"), _effect, policy=policy.may("ops", "P"))

    with pytest.raises(Forbidden):
        services.run_now(name="tests_daily", period="2026-10-01", actor=OUTSIDER, at=START)
    with pytest.raises(JobMissing):
        services.run_now(name="tests_other", period="2026-10-01", actor=MANAGER, at=START)
    with pytest.raises(BadInput):
        services.run_now(name="tests_daily", period="2026-10", actor=MANAGER, at=START)

    assert (JobRun.objects.count(), _effects(), Fact.objects.count()) == (0, 0, 0)


@pytest.mark.django_db
def test_a_job_with_its_own_transactions_keeps_what_it_committed(declare: Declare) -> None:
    def work(run: Run) -> None:
        with transaction.atomic():
            _effect(run)
        raise ValueError

    run_id = _due(declare, work, atomic=False)

    running.execute(run_id=run_id, at=START)

    assert (selectors.run(run_id=run_id).state, _effects()) == ("waiting", 1)


@pytest.mark.django_db
def test_the_catalogue_tells_last_and_next(declare: Declare) -> None:
    run_id = _due(declare, _effect)
    declare("tests_minute", every(minutes=1))
    running.execute(run_id=run_id, at=START)

    daily_job, minute_job = selectors.catalogue(at=START + DAY)

    assert daily_job.last_run is not None
    assert (daily_job.last_run.run_id, daily_job.next_period) == (run_id, "2026-11-07")
    assert daily_job.next_due_at == datetime(2026, 11, 6, 17, tzinfo=UTC)
    assert (daily_job.clauses, daily_job.policy) == (("SYS-6.2-05",), "ops:P")
    assert minute_job.name == "tests_minute"


@pytest.mark.django_db
@pytest.mark.parametrize("times", [1, 3])
def test_the_task_of_a_run_has_one_effect_however_often_it_comes(
    declare: Declare, times: int
) -> None:
    run_id = _due(declare, _effect)

    for _ in range(times):
        tasks.run.apply(args=(run_id,))
    tasks.run.apply(args=(run_id + 999,))

    assert (selectors.run(run_id=run_id).state, _effects()) == ("done", 1)


def test_a_broker_that_is_away_loses_no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_options: object) -> None:
        raise ConnectionResetError

    monkeypatch.setattr(tasks.run, "apply_async", refuse)
    monkeypatch.setattr(ticking, "current_app", type("App", (), {"send_task": refuse})())

    tasks.send(1)
    ticking.ask()


@pytest.mark.parametrize("task", [tasks.tick, tasks.run])
def test_tasks_survive_their_worker(task: Any) -> None:
    assert (task.acks_late, task.reject_on_worker_lost) == (True, True)
