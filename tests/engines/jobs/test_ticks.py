"""A period has one run, whoever ticks, however often, whatever the clock says."""

from __future__ import annotations

from collections import Counter as Tally
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from ops.engines.jobs import selectors, services
from ops.engines.jobs.cadences import daily, every, monthly
from ops.engines.jobs.declarations import Run
from ops.engines.jobs.models import JobRun
from ops.engines.numbering import services as numbering
from ops.engines.numbering.models import Counter
from tests.engines.jobs.conftest import Declare

START = datetime(2026, 11, 5, 3, 0, 30, tzinfo=UTC)  # 11:00:30 in Shanghai
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


_AGAIN = """
INSERT INTO jobs_run (job, period, shard, due_at, state, late, skipped, requested_by, attempts,
                      next_at, progress_done, stage, error)
SELECT job, period, shard, due_at, 'waiting', late, 0, '', 0, now(), 0, '', '' FROM jobs_run
"""


def _periods(state: str = "done") -> list[str]:
    return [run.period for run in reversed(selectors.runs(state=state, limit=10_000))]


@pytest.mark.django_db
def test_a_new_job_begins_with_its_next_period(declare: Declare) -> None:
    declare("tests_minute", every(minutes=1))
    declare("tests_daily", daily("01:00"))

    assert services.tick(at=START).proposed == 0
    report = services.tick(at=START + MINUTE)

    assert (report.proposed, len(report.dispatched)) == (1, 1)
    assert _periods() == ["2026-11-05T11:01+08:00"]
    (run,) = selectors.runs()
    assert (run.late, run.skipped, run.attempts, run.requested_by) == (False, 0, 1, "")


@pytest.mark.django_db
def test_missed_periods_are_caught_up_once_in_order_and_marked_late(declare: Declare) -> None:
    seen: list[tuple[str, bool, datetime]] = []
    declare("tests_daily", daily("01:00"), lambda run: seen.append((run.period, run.late, run.at)))
    services.tick(at=START)
    at = START + 3 * DAY

    services.tick(at=at)
    services.tick(at=at)

    assert seen == [(f"2026-11-0{n}", True, at) for n in (6, 7, 8)]
    assert [run.late for run in selectors.runs()] == [True] * 3


@pytest.mark.django_db
def test_of_many_missed_periods_the_newest_are_run_and_the_others_counted(
    declare: Declare,
) -> None:
    declare("tests_minute", every(minutes=1), catch_up=2)
    services.tick(at=START)

    services.tick(at=START + 10 * MINUTE)

    runs = selectors.runs()
    assert [(run.period[11:16], run.skipped, run.late) for run in runs] == [
        ("11:10", 0, False),
        ("11:09", 8, False),
    ]


@pytest.mark.django_db
def test_a_clock_that_jumps_runs_nothing_twice(declare: Declare) -> None:
    seen: list[str] = []
    declare("tests_hour", every(minutes=60), lambda run: seen.append(run.period), catch_up=99)
    declare("tests_daily", daily("01:00"), lambda run: seen.append(run.period))
    hour = timedelta(hours=1)
    services.tick(at=START)

    for jump in (1, 2, 26, 0, -5, 3, 27, 30, -24, 48):
        services.tick(at=START + jump * hour)

    expected = [
        *(every(minutes=60).between(START, START + 48 * hour, most=99)[0]),
        *(daily("01:00").between(START, START + 48 * hour, most=99)[0]),
    ]
    assert Tally(seen) == Tally(slot.period for slot in expected)


@pytest.mark.django_db
def test_a_later_period_waits_for_the_earlier_one_of_the_same_job(declare: Declare) -> None:
    seen: list[str] = []

    def work(run: Run) -> None:
        seen.append(run.period)
        if len(seen) == 1:
            raise ValueError("not yet")

    declare("tests_daily", daily("01:00"), work)
    services.tick(at=START)
    at = START + 2 * DAY

    services.tick(at=at)
    assert seen == ["2026-11-06"]
    services.tick(at=at + timedelta(seconds=29))
    assert seen == ["2026-11-06"]
    services.tick(at=at + timedelta(seconds=30))

    assert seen == ["2026-11-06", "2026-11-06", "2026-11-07"]


@pytest.mark.django_db
def test_a_failing_minute_does_not_hold_the_next(declare: Declare) -> None:
    def work(run: Run) -> None:
        if run.period.startswith("2026-11-05T11:01"):
            raise ValueError

    declare("tests_minute", every(minutes=1), work)
    for minutes in range(3):
        services.tick(at=START + minutes * MINUTE)

    assert [period[11:16] for period in _periods()] == ["11:02"]
    assert [period[11:16] for period in _periods("waiting")] == ["11:01"]


@pytest.mark.django_db
def test_with_a_dispatcher_runs_are_handed_out_and_again_when_nobody_took_them(
    declare: Declare,
) -> None:
    declare("tests_daily", daily("01:00"))
    services.tick(at=START)
    handed: list[int] = []

    for seconds in (0, 30, 59, 61):
        services.tick(at=START + DAY + timedelta(seconds=seconds), dispatch=handed.append)

    run = JobRun.objects.get()
    assert handed == [run.id, run.id]
    assert run.state == "waiting"


@pytest.mark.django_db
def test_nothing_is_written_when_nothing_is_due(
    declare: Declare, django_assert_num_queries: object
) -> None:
    declare("tests_monthly", monthly(at="00:30"))
    services.tick(at=START)

    with django_assert_num_queries(10) as queries:  # type: ignore[operator]
        services.tick(at=START + DAY)

    written = [
        q["sql"] for q in queries if q["sql"].startswith("UPDATE") and "jobs_watch" in q["sql"]
    ]
    assert written == []


def test_three_ticks_at_once_give_one_run_per_period(
    own_database: object, declare: Declare
) -> None:
    for n in range(8):
        declare(
            f"tests_job_{n}",
            every(minutes=1) if n % 2 else daily("11:01"),
            lambda run: numbering.take("RUN", at=run.at) and None,
            catch_up=20,
        )
    services.tick(at=START)

    def beat(_number: int) -> None:
        try:
            for minutes in range(1, 11):
                services.tick(at=START + minutes * MINUTE)
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(beat, range(3)))
    services.tick(at=START + 10 * MINUTE)

    states = JobRun.objects.values_list("state", flat=True)
    assert Tally(states) == {"done": 4 * 10 + 4}
    assert Counter.objects.get().last == 44
    assert set(JobRun.objects.values_list("attempts", flat=True)) == {1}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("statement", "claim"),
    [
        (
            _AGAIN,
            "run_once_per_period",
        ),
        ("UPDATE jobs_run SET state = 'waiting', finished_at = NULL", "stays done"),
        ("UPDATE jobs_run SET result = '{}'", "stays done"),
        ("UPDATE jobs_run SET period = '2026-11-07'", "permission denied"),
        ("DELETE FROM jobs_run", "permission denied"),
    ],
)
def test_the_database_keeps_one_finished_run_per_period(
    declare: Declare, statement: str, claim: str
) -> None:
    declare("tests_daily", daily("01:00"))
    services.tick(at=START)
    services.tick(at=START + DAY)

    with (
        pytest.raises(DatabaseError, match=claim),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert _periods() == ["2026-11-06"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "claim"),
    [
        ("state = 'lost'", "run_state_known"),
        ("state = 'running'", "run_running_holds_a_lease"),
        ("state = 'done'", "run_finished_has_its_moment"),
        ("attempts = -1", "run_attempts_counted"),
    ],
)
def test_odd_runs_are_refused(declare: Declare, change: str, claim: str) -> None:
    declare("tests_daily", daily("01:00"))
    services.tick(at=START)
    services.propose(at=START + DAY)

    with (
        pytest.raises(IntegrityError, match=claim),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE jobs_run SET {change}")
