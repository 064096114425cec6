"""Several sweeps and services at once: each step once, nothing lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from django.db import connection

from ops.engines.clocks import selectors, services
from ops.engines.clocks.models import Clock, ClockEvent
from ops.engines.events.models import StoredFact
from tests.engines.clocks.conftest import ANSWER, SYSTEM, begin, keys, local

MONDAY = local("2026-11-02 09:00")
DUE = local("2026-11-09 23:59:59")
LATE = DUE + timedelta(seconds=1)


def _at_once(*deeds: Callable[[], object]) -> None:
    barrier = Barrier(len(deeds))

    def run(deed: Callable[[], object]) -> None:
        try:
            barrier.wait()
            deed()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        list(pool.map(run, deeds))


def _sweep(at: datetime) -> Callable[[], object]:
    return lambda: services.sweep(actor=SYSTEM, at=at)


@pytest.mark.usefixtures("answer")
def test_three_sweeps_at_once_take_each_step_once(own_database: object) -> None:
    begin(*range(1, 301), at=MONDAY)

    for at in (LATE, LATE, LATE + timedelta(hours=25), LATE + timedelta(days=9)):
        _at_once(*[_sweep(at)] * 3)
    while services.sweep(actor=SYSTEM, at=LATE + timedelta(days=9)).total:
        pass

    assert Counter(ClockEvent.objects.values_list("kind", flat=True)) == {
        "started": 300,
        "breached": 300,
        "escalated": 600,
    }
    assert StoredFact.objects.count() == 900
    assert list(selectors.differences()) == []


@pytest.mark.usefixtures("answer")
def test_a_clock_met_while_it_is_swept_is_breached_once_and_ended(own_database: object) -> None:
    begin(*range(1, 101), at=MONDAY)

    _at_once(
        _sweep(LATE),
        lambda: services.meet(kind=ANSWER, subjects=keys(*range(1, 101)), actor=SYSTEM, at=LATE),
        _sweep(LATE),
    )

    assert set(Clock.objects.values_list("state", flat=True)) == {"breached"}
    assert not Clock.objects.filter(ended_at__isnull=True).exists()
    assert StoredFact.objects.count() == 100
    assert list(selectors.differences()) == []


@pytest.mark.usefixtures("answer")
def test_two_starts_at_once_start_one_clock(own_database: object) -> None:
    _at_once(*[lambda: begin(*range(1, 51), at=MONDAY)] * 3)

    assert Clock.objects.count() == 50
    assert ClockEvent.objects.count() == 50
