"""Staff change when a job runs, from a day on and with a reason; a period still has one run."""

from __future__ import annotations

from collections import Counter as Tally
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from ops.engines.audit.models import Fact
from ops.engines.jobs import selectors, services
from ops.engines.jobs.cadences import daily, every, monthly, several, weekly
from ops.engines.jobs.errors import JobMissing, OddChange
from ops.engines.jobs.models import CadenceChange
from ops.engines.jobs.overrides import Overridden, Override
from ops.engines.kernel.actor import Actor, ActorKind
from ops.engines.kernel.errors import BadInput, Forbidden
from ops.engines.kernel.parse import BUSINESS_ZONE
from tests.engines.jobs.conftest import Declare

START = datetime(2026, 11, 5, 3, 0, 30, tzinfo=UTC)  # 11:00:30 in Shanghai
TODAY = date(2026, 11, 5)
DAY = timedelta(days=1)
_INSERT = "INSERT INTO jobs_cadence_change (job, first, is_off, time, reason, by_name, at)"
STAFF = Actor(kind=ActorKind.PERSON, name="冯涛", person_id=1, rights={"ops": frozenset("VM")})


def _change(**what: Any) -> None:
    given: dict[str, Any] = {
        "name": "tests_daily",
        "first": TODAY,
        "reason": "the bank is late this week",
        "actor": STAFF,
        "at": START,
    }
    services.change_cadence(**{**given, **what})


def _due(period: str) -> datetime:
    (run,) = [run for run in selectors.runs(limit=1000) if run.period == period]
    return run.due_at.astimezone(BUSINESS_ZONE)


@pytest.mark.django_db
def test_a_daily_job_runs_at_another_hour_while_the_change_holds(declare: Declare) -> None:
    declare("tests_daily", daily("14:00"))
    services.tick(at=START)
    _change(time=time(20, 30), last=TODAY + DAY)

    services.tick(at=START + 3 * DAY + timedelta(hours=5))

    assert [_due(f"2026-11-0{n}").strftime("%H:%M") for n in (5, 6, 7, 8)] == [
        "20:30",
        "20:30",
        "14:00",
        "14:00",
    ]
    (fact,) = Fact.objects.filter(action="jobs.cadence_changed")
    assert "the bank is late" in fact.body


@pytest.mark.django_db
def test_a_period_that_is_moved_before_now_runs_at_once_and_once(declare: Declare) -> None:
    seen: list[str] = []
    declare("tests_daily", daily("14:00"), lambda run: seen.append(run.period))
    services.tick(at=START)
    _change(time=time(8, 0))

    services.tick(at=START + timedelta(minutes=1))
    services.tick(at=START + timedelta(hours=12))

    assert seen == ["2026-11-05"]


@pytest.mark.django_db
def test_a_period_that_has_run_is_not_run_again_by_a_later_hour(declare: Declare) -> None:
    seen: list[str] = []
    declare("tests_daily", daily("10:00"), lambda run: seen.append(run.period))
    services.tick(at=START - 2 * timedelta(hours=1))
    services.tick(at=START)
    _change(time=time(18, 0))

    services.tick(at=START + timedelta(hours=12))

    assert seen == ["2026-11-05"]


@pytest.mark.django_db
def test_a_job_that_is_switched_off_runs_again_when_it_is_as_declared(declare: Declare) -> None:
    seen: list[str] = []
    declare("tests_daily", daily("14:00"), lambda run: seen.append(run.period))
    services.tick(at=START)
    _change(is_off=True)
    assert selectors.catalogue(at=START)[0].next_due_at is None
    services.tick(at=START + 2 * DAY)
    assert seen == []

    _change(first=TODAY + 3 * DAY, at=START + 2 * DAY)
    services.tick(at=START + 4 * DAY)

    assert seen == ["2026-11-08"]
    assert [each.words for each in selectors.changes_of(job="tests_daily")] != []


@pytest.mark.django_db
def test_a_job_of_every_minute_runs_every_fifth(declare: Declare) -> None:
    seen: list[str] = []
    declare("tests_daily", every(minutes=1), lambda run: seen.append(run.period), catch_up=99)
    services.tick(at=START)
    _change(minutes=5)

    services.tick(at=START + timedelta(minutes=12))

    assert [period[11:16] for period in seen] == ["11:05", "11:10"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("refusal", "cadence", "what"),
    [
        (OddChange, daily("14:00"), {"reason": " "}),
        (OddChange, daily("14:00"), {"first": TODAY - DAY}),
        (OddChange, daily("14:00"), {"last": TODAY - DAY}),
        (OddChange, daily("14:00"), {"is_off": True, "time": time(1, 0)}),
        (JobMissing, daily("14:00"), {"name": "tests_other"}),
        (Forbidden, daily("14:00"), {"actor": Actor(kind=ActorKind.PERSON, name="x")}),
        (BadInput, daily("14:00"), {"minutes": 5}),
        (BadInput, daily("14:00"), {"time": time(1, 0), "day": 2}),
        (BadInput, weekly(1, "14:00"), {"time": time(1, 0), "day": 8}),
        (BadInput, every(minutes=10), {"minutes": 15}),
        (BadInput, every(minutes=10), {"time": time(1, 0)}),
        (BadInput, several(daily("01:00"), weekly(1, "02:00")), {"time": time(1, 0)}),
    ],
)
def test_an_odd_change_is_refused_and_nothing_is_written(
    declare: Declare, refusal: type[Exception], cadence: Any, what: dict[str, Any]
) -> None:
    declare("tests_daily", cadence)

    with pytest.raises(refusal):
        _change(**what)

    assert not CadenceChange.objects.exists()
    assert not Fact.objects.filter(action="jobs.cadence_changed").exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE jobs_cadence_change SET reason = 'other'",
        "DELETE FROM jobs_cadence_change",
        f"{_INSERT} VALUES ('x', '2026-01-01', true, NULL, '', 'me', now())",
        f"{_INSERT} VALUES ('x', '2026-01-01', true, '01:00', 'why', 'me', now())",
    ],
)
def test_a_change_stays_as_it_was_made(declare: Declare, sql: str) -> None:
    declare("tests_daily", daily("14:00"))
    _change(is_off=True)
    before = list(CadenceChange.objects.values())

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)

    assert list(CadenceChange.objects.values()) == before


def test_a_period_whose_moment_was_over_when_the_change_was_made_is_not_due_again() -> None:
    later = Override(first=TODAY, last=None, at=START, time=time(18, 0))

    slots, _older = Overridden(daily("10:00"), [later]).between(START, START + DAY, most=9)

    assert [slot.period for slot in slots] == []  # today's is over, tomorrow's is at 18:00


_moments = st.integers(0, 60 * 24 * 60).map(lambda n: START + timedelta(minutes=n))
_changes = st.lists(
    st.tuples(
        _moments,
        st.integers(0, 20),
        st.one_of(st.none(), st.integers(0, 20)),
        st.integers(0, 23),
        st.one_of(st.none(), st.integers(1, 7)),
    ),
    max_size=4,
)


@given(
    changes=_changes,
    cuts=st.lists(_moments, max_size=8),
    base=st.sampled_from([daily("14:00"), weekly(3, "06:30"), monthly(day=5, at="00:30")]),
)
def test_however_staff_change_the_moment_every_period_is_due_exactly_once(
    changes: list[tuple[datetime, int, int | None, int, int | None]],
    cuts: list[datetime],
    base: Any,
) -> None:
    """Each stretch of time is asked with the changes known by its end, as ticks do."""
    made = sorted(
        (
            Override(
                first=at.astimezone(BUSINESS_ZONE).date() + days * DAY,
                last=None
                if length is None
                else at.astimezone(BUSINESS_ZONE).date() + (days + length) * DAY,
                at=at,
                time=time(hour, 15),
                day=day if base.unit.key == "week" else None,
            )
            for at, days, length, hour, day in changes
        ),
        key=lambda each: each.at,
    )
    end = START + 75 * DAY
    found: list[str] = []
    # A change is made between two ticks: the row it locks makes one come before or after.
    ticks = sorted({*cuts, *(each.at for each in made), end})
    after = START
    for until in ticks:
        known = [each for each in made if each.at < until]
        slots, older = Overridden(base, known).between(after, until, most=10_000)
        assert older == 0
        found += [slot.period for slot in slots]
        after = until

    whole = [slot.period for slot in base.between(START, end, most=10_000)[0]]
    counted = Tally(found)
    assert set(counted.values()) <= {1}
    # The last period may still lie ahead of the end where it was moved to a later moment.
    assert set(whole) - set(counted) <= set(whole[-2:])
