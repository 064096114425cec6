"""What the database refuses whatever code asks it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from ops.engines.clocks import services
from ops.engines.clocks.models import CalendarEntry, Clock, ClockEvent
from tests.engines.clocks.conftest import ANSWER, SYSTEM, begin, keys, local

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("answer")]

AT = local("2026-11-02 09:00")


def _commit_like(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _refused(sql: str, word: str) -> None:
    """Run SQL as the app role up to where it would commit, and see it refused."""
    with pytest.raises(DatabaseError) as refusal, transaction.atomic():
        _commit_like(sql)
    assert word in str(refusal.value)


@pytest.mark.parametrize(
    ("sql", "word"),
    [
        ("UPDATE clocks_clock SET state = 'met', ended_at = now(), next_at = NULL", "differs"),
        ("UPDATE clocks_clock SET due_at = due_at + interval '9 days'", "differs"),
        ("UPDATE clocks_clock SET seq = 7", "differs"),
        ("UPDATE clocks_clock SET label = 'other'", "permission denied"),
        ("UPDATE clocks_clock SET person_id = NULL, role = ''", "permission denied"),
        ("DELETE FROM clocks_clock", "permission denied"),
        ("UPDATE clocks_event SET at = now()", "permission denied"),
        ("DELETE FROM clocks_event", "permission denied"),
        ("UPDATE clocks_day SET is_working = true", "permission denied"),
        (
            (
                "INSERT INTO clocks_event (clock_id, seq, kind, at, state, due_at, term, step,"
                " reason, by_name) SELECT id, 2, 'met', now(), 'met', due_at, term, 0, '', 'me'"
                " FROM clocks_clock"
            ),
            "differs",
        ),
        (
            (
                "INSERT INTO clocks_event (clock_id, seq, kind, at, state, due_at, term, step,"
                " reason, by_name) SELECT id, 2, 'extended', now(), 'running', due_at, term, 0, '',"
                " 'me' FROM clocks_clock"
            ),
            "clockevent_reason_given",
        ),
        (
            (
                "INSERT INTO clocks_day (day, is_working, name_zh, name_en, source, reason, at,"
                " by_name) VALUES ('2027-01-01', false, '', '', 'hand', '', now(), 'me')"
            ),
            "calendarday_reason_given",
        ),
    ],
)
def test_nothing_is_written_past_the_service(sql: str, word: str) -> None:
    begin(1, at=AT)
    CalendarEntry.objects.create(
        day=AT.date(), is_working=True, source="hand", reason="x", at=AT, by_name="tests"
    )
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    before = (list(Clock.objects.values()), list(ClockEvent.objects.values()))

    _refused(sql, word)

    assert (list(Clock.objects.values()), list(ClockEvent.objects.values())) == before


def test_an_end_is_final_for_the_database_too() -> None:
    begin(1, at=AT)
    services.meet(kind=ANSWER, subjects=keys(1), actor=SYSTEM, at=AT + timedelta(hours=1))

    _refused("UPDATE clocks_clock SET ended_at = NULL, state = 'running'", "has ended stays")


def test_one_subject_has_one_open_clock_of_a_kind() -> None:
    begin(1, at=AT)
    clock = Clock.objects.get()
    clock.pk = None

    with pytest.raises(IntegrityError, match="clock_one_open_per_subject"), transaction.atomic():
        clock.save(force_insert=True)

    assert Clock.objects.count() == 1
