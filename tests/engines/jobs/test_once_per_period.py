"""R7: one finished run per period, with 0 to 3 beats, restarts and clocks that jump."""

from __future__ import annotations

import random
import uuid
from collections import Counter as Tally
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

from django.db import connection

from ops.engines.jobs import services
from ops.engines.jobs.cadences import daily, every
from ops.engines.jobs.declarations import Run
from ops.engines.jobs.models import JobRun
from ops.engines.numbering import services as numbering
from ops.engines.numbering.models import Counter
from tests.engines.jobs.conftest import Declare

START = datetime(2026, 11, 5, 3, 0, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PERIODS = 200
PROPOSED = 190  # by the beats; the rest meets workers that die
JUMPS = (0, 0, 0, 0, 0, 0, -120, 120, -1440, 1440)  # minutes by which a beat's clock is off
_DIE = """
UPDATE jobs_run SET state = 'running', attempts = attempts + 1, lease = %s,
       lease_until = clock_timestamp() - interval '1 second', started_at = clock_timestamp()
 WHERE id IN (SELECT id FROM jobs_run WHERE state = 'waiting' ORDER BY id LIMIT 3)
"""


def _effect(run: Run) -> None:
    numbering.take("PERIOD", at=START)


def test_two_hundred_periods_have_one_finished_run_each_whatever_the_beats_do(
    own_database: object, declare: Declare
) -> None:
    declare("tests_minute", every(minutes=1), _effect, catch_up=3_000)
    declare("tests_daily", daily("11:30"), _effect)
    services.tick(at=START)
    barrier = Barrier(3)

    def beat(number: int) -> None:
        """Tick like a beat that stops now and then and whose clock is sometimes wrong."""
        draw = random.Random(number)  # noqa: S311 - the same draws every time
        try:
            barrier.wait()
            for minute in range(1, PROPOSED + 1, 4):
                if draw.random() < 0.3:
                    continue  # this beat is away
                jump = draw.choice(JUMPS)
                services.tick(at=START + min(minute + max(jump, -minute), PROPOSED) * MINUTE)
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(beat, range(3)))
    services.propose(at=START + PERIODS * MINUTE)
    with connection.cursor() as cursor:  # workers that died with a period in hand
        cursor.execute(_DIE, [uuid.uuid4()])
        assert cursor.rowcount == 3
    services.tick(at=START + PERIODS * MINUTE)
    services.tick(at=START + PERIODS * MINUTE)

    runs = JobRun.objects.all()
    assert Tally(runs.values_list("job", "state")) == {
        ("tests_minute", "done"): PERIODS,
        ("tests_daily", "done"): 1,
    }
    assert runs.values("job", "period").distinct().count() == PERIODS + 1
    assert Counter.objects.get().last == PERIODS + 1


def test_what_no_beat_proposed_is_caught_up_once_and_marked_late(
    own_database: object, declare: Declare
) -> None:
    declare("tests_minute", every(minutes=1), _effect, catch_up=3_000)
    services.tick(at=START)
    at = START + PERIODS * MINUTE

    for late in (at, at - timedelta(hours=2), at - timedelta(days=1), at):
        services.tick(at=late)

    assert Tally(JobRun.objects.values_list("state", "late")) == {
        ("done", True): PERIODS - 5,
        ("done", False): 5,
    }
    assert Counter.objects.get().last == PERIODS
