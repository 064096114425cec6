"""A period cut into shards: each part has one run, and the period is done when all are."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from ops.engines.jobs import running, selectors, services
from ops.engines.jobs.cadences import daily, every
from ops.engines.jobs.declarations import Run
from ops.engines.jobs.models import JobRun
from ops.engines.jobs.shards import Shard, shard_of
from ops.engines.kernel.actor import Actor
from ops.engines.numbering import services as numbering
from ops.engines.numbering.models import Counter
from tests.engines.jobs.conftest import Declare

START = datetime(2026, 11, 5, 3, 0, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def _by_channel(run: Run) -> Iterable[Shard]:
    return [Shard("channel", number, run.first) for number in (3, 1, 2)]


@pytest.mark.django_db
def test_a_period_is_done_when_all_its_shards_are(declare: Declare) -> None:
    seen: list[str] = []

    def work(run: Run) -> dict[str, int]:
        assert run.shard is not None
        seen.append(run.shard.text)
        return {"rows": run.shard.object_id}

    declare("tests_daily", daily("01:00", back=1), work, shards=_by_channel)
    services.tick(at=START)

    services.tick(at=START + DAY)

    assert seen == [f"channel:{number}:2026-11-05" for number in (1, 2, 3)]
    (whole,) = selectors.runs()
    assert (whole.state, whole.result, whole.attempts) == ("done", {"shards": 3}, 1)
    assert (whole.progress_done, whole.progress_total) == (3, 3)
    parts = selectors.shards(job="tests_daily", period="2026-11-05")
    assert [(part.shard, part.state, part.result["rows"]) for part in parts] == [
        (f"channel:{number}:2026-11-05", "done", number) for number in (1, 2, 3)
    ]


@pytest.mark.django_db
def test_a_shard_that_fails_is_tried_again_alone_and_holds_the_period(declare: Declare) -> None:
    seen: list[int] = []

    def work(run: Run) -> None:
        assert run.shard is not None
        seen.append(run.shard.object_id)
        if run.shard.object_id == 2 and seen.count(2) == 1:
            raise ValueError("away")

    declare("tests_daily", daily("01:00"), work, shards=_by_channel)
    services.tick(at=START)
    at = START + DAY

    services.tick(at=at)
    (whole,) = selectors.runs()
    assert (whole.state, whole.progress_done, whole.progress_total) == ("waiting", 2, 3)
    services.tick(at=at + timedelta(seconds=31))

    (whole,) = selectors.runs()
    assert whole.state == "done"
    assert Tally(seen) == {1: 1, 2: 2, 3: 1}


@pytest.mark.django_db
def test_a_period_whose_shard_was_given_up_fails_and_is_run_again_by_hand(
    declare: Declare,
) -> None:
    works: list[bool] = []

    def work(run: Run) -> None:
        assert run.shard is not None
        if run.shard.object_id == 2 and not works:
            raise ValueError("away")

    declare("tests_daily", daily("01:00"), work, shards=_by_channel, attempts=1)
    services.tick(at=START)
    services.tick(at=START + DAY)
    (failed,) = selectors.runs()
    assert failed.state == "failed"
    works.append(True)

    done = services.run_now(
        name="tests_daily", period=failed.period, actor=Actor.system("tests"), at=START + DAY
    )

    assert (done.state, done.result) == ("done", {"shards": 3})
    assert {part.state for part in selectors.shards(job="tests_daily", period=done.period)} == {
        "done"
    }


@pytest.mark.django_db
def test_a_later_period_waits_for_every_shard_of_the_earlier_one(declare: Declare) -> None:
    seen: list[str] = []

    def work(run: Run) -> None:
        assert run.shard is not None
        seen.append(run.period)
        if len(seen) == 1:
            raise ValueError("away")

    declare("tests_daily", daily("01:00"), work, shards=_by_channel)
    services.tick(at=START)
    at = START + 2 * DAY

    services.tick(at=at)
    assert set(seen) == {"2026-11-06"}
    services.tick(at=at + timedelta(seconds=31))

    assert Tally(seen) == {"2026-11-06": 4, "2026-11-07": 3}


@pytest.mark.django_db
def test_a_period_without_shards_is_done_at_once(declare: Declare) -> None:
    declare("tests_daily", daily("01:00"), shards=lambda _run: [])
    services.tick(at=START)

    services.tick(at=START + DAY)

    (whole,) = selectors.runs()
    assert (whole.state, whole.result) == ("done", {"shards": 0})


@pytest.mark.django_db
def test_the_database_keeps_one_run_per_job_period_and_shard(declare: Declare) -> None:
    declare("tests_daily", daily("01:00"), shards=_by_channel)
    services.tick(at=START)
    services.tick(at=START + DAY)
    part = JobRun.objects.filter(shard="channel:1:2026-11-06").get()
    part.pk, part.state, part.finished_at = None, "waiting", None

    with pytest.raises(IntegrityError, match="run_once_per_period"), transaction.atomic():
        part.save(force_insert=True)

    assert JobRun.objects.count() == 4


def test_shards_of_one_period_run_side_by_side_each_once(
    own_database: object, declare: Declare
) -> None:
    def work(run: Run) -> None:
        numbering.take("SHARD", at=run.at)

    declare(
        "tests_minute",
        every(minutes=1),
        work,
        shards=lambda run: [Shard("channel", number, run.first) for number in range(1, 13)],
    )
    services.tick(at=START)
    at = START + timedelta(minutes=1)
    services.propose(at=at)
    whole = JobRun.objects.get()
    running.execute(run_id=whole.id, at=at)
    ids = list(JobRun.objects.exclude(shard="").values_list("id", flat=True))

    def run_all(_number: int) -> None:
        try:
            for run_id in ids:
                running.execute(run_id=run_id, at=at)
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(run_all, range(3)))
    services.tick(at=at + timedelta(seconds=1))

    states = Tally(JobRun.objects.filter(period=whole.period).values_list("state", flat=True))
    assert states == {"done": 13}
    assert Counter.objects.get().last == 12


def test_a_shard_reads_back_as_written() -> None:
    shard = Shard("warehouse", 7, date(2026, 11, 5))

    assert shard_of(shard.text) == shard
    assert shard_of("") is None
    for wrong in (
        "channel",
        "channel:0:2026-11-05",
        "Channel:1:2026-11-05",
        "channel:1:2026-13-01",
    ):
        with pytest.raises(ValueError, match=r"shard|month"):
            shard_of(wrong)
