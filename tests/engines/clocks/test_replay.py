"""A row is the fold of its events, whatever was done in whatever order."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ops.engines.clocks import limits, selectors, services
from ops.engines.clocks.errors import ClockOver, ClockStopped, NotLonger
from ops.engines.clocks.models import Clock, ClockEvent
from ops.engines.kernel.parse import business_day
from tests.engines.clocks.conftest import SYSTEM, Declare, begin, keys, local

MONDAY = local("2026-09-21 09:00")  # the Mid-Autumn Festival and National Day lie ahead
KINDS = {
    "toy_days": limits.working_days(5),
    "toy_hours": limits.hours(30),
    "toy_shift": limits.working_hours(12),
    "toy_month": limits.month_day(5),
}
deeds = st.lists(
    st.tuples(
        st.sampled_from(["start", "pause", "resume", "extend", "meet", "cancel", "sweep", "day"]),
        st.sampled_from(sorted(KINDS)),
        st.integers(-2, 60),  # hours on, or back
    ),
    min_size=1,
    max_size=14,
)


def _do(deed: str, kind: str, at: datetime, until: datetime) -> None:
    same: dict[str, Any] = {"kind": kind, "subjects": keys(1), "actor": SYSTEM, "at": at}
    match deed:
        case "start":
            begin(1, at=at, kind=kind)
        case "pause" | "cancel":
            getattr(services, deed)(**same, reason="why")
        case "resume" | "meet":
            getattr(services, deed)(**same)
        case "sweep":
            services.sweep(actor=SYSTEM, at=at)
        case "day":
            services.set_day(
                day=business_day(at) + timedelta(days=2),
                is_working=False,
                reason="stocktaking",
                actor=SYSTEM,
                at=at,
            )
        case "extend":
            ids = Clock.objects.filter(kind=kind, ended_at__isnull=True).values_list(
                "pk", flat=True
            )
            services.extend(
                clock_ids=list(ids),
                until=until,
                reason="why",
                actor=SYSTEM,
                at=at,
            )


@pytest.mark.django_db
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=deeds)
def test_whatever_is_done_the_row_is_what_its_events_replay_to(
    declare: Declare, steps: list[tuple[str, str, int]]
) -> None:
    for name, limit in KINDS.items():
        declare(name, limit=limit)
    at = MONDAY
    with transaction.atomic():
        for name in KINDS:
            begin(1, at=at, kind=name)
        for deed, kind, hours in steps:
            at += timedelta(hours=hours)
            try:
                _do(deed, kind, at, at + timedelta(days=9))
            except (ClockOver, ClockStopped, NotLonger):
                continue
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

        assert list(selectors.differences()) == []
        for clock in Clock.objects.all():
            moments = [e.at for e in ClockEvent.objects.filter(clock=clock).order_by("seq")]
            assert moments == sorted(moments)
        transaction.set_rollback(True)  # the next example begins with nothing


@pytest.mark.django_db
def test_a_row_that_was_changed_behind_its_events_is_found(declare: Declare) -> None:
    declare()
    ids = begin(1, 2, at=MONDAY)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE clocks_clock SET level = 1 WHERE id = %s", [ids[1]])

    (found,) = selectors.differences()

    assert found.clock_id == ids[1]
    assert "level=1" in found.stored
    assert "level=0" in found.replayed
