"""Leave to post into held or closed days: by whom, why, until when; the database honours it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from psycopg2.extensions import connection as Connection

from ops.engines.audit.models import Fact
from ops.engines.kernel.actor import Actor, ActorKind
from ops.engines.kernel.errors import Forbidden
from ops.engines.periods import exceptions, selectors, services
from ops.engines.periods.ddl import guard_period
from ops.engines.periods.errors import (
    ExceptionMissing,
    ExceptionRefused,
    OddRange,
    OwnException,
    PeriodConflict,
)
from ops.engines.periods.models import PeriodException

NOW = datetime.now(tz=UTC)  # the guard counts on the database's clock
CLERK = Actor.system("clerk")
FIRST, LAST = date(2026, 11, 10), date(2026, 11, 12)
DAY = date(2026, 11, 11)


def _person(number: int, letters: str = "VA") -> Actor:
    rights = {"inventory": frozenset(letters), "finance": frozenset(letters)}
    return Actor(kind=ActorKind.PERSON, name=f"person {number}", person_id=number, rights=rights)


KEEPER, DIRECTOR = _person(1), _person(2)


@pytest.fixture(autouse=True)
def book(as_owner: Connection) -> Iterator[None]:
    with as_owner.cursor() as cursor:
        for module in ("stock", "ledger"):
            cursor.execute(f"CREATE TABLE tests_{module} (id int, business_day date)")
            cursor.execute(str(guard_period(f"tests_{module}", module).sql))
            services.ensure_month(module=module, day=DAY, actor=CLERK, at=NOW)
    yield
    connection.close()


def _grant(**what: Any) -> int:
    given: dict[str, Any] = {
        "module": "stock",
        "first": FIRST,
        "last": LAST,
        "until": NOW + timedelta(hours=4),
        "reason": "a late delivery note",
        "actor": KEEPER,
        "at": NOW,
    }
    return exceptions.grant(**{**given, **what}).id


def _hold(module: str = "stock") -> None:
    services.hold(module=module, first=FIRST, last=LAST, actor=CLERK, at=NOW)


def _close(module: str = "stock") -> None:
    services.close(module=module, first=FIRST, last=LAST, actor=CLERK, at=NOW)


def _post(*days: date, module: str = "stock") -> None:
    rows = ", ".join(f"(1, '{day}')" for day in days)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO tests_{module} VALUES {rows}")


def _rows(module: str = "stock") -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM tests_{module}")
        return int(cursor.fetchone()[0])


@pytest.mark.parametrize("module", ["stock", "ledger"])
def test_held_days_are_posted_under_an_exception_and_only_those(module: str) -> None:
    _hold(module)
    _grant(module=module, first=DAY, last=DAY)

    _post(date(2026, 11, 9), DAY, date(2026, 11, 13), module=module)
    with pytest.raises(IntegrityError, match=f"period_closed: {module} 2026-11-12"):
        _post(DAY, LAST, module=module)
    with pytest.raises(IntegrityError, match=f"period_closed: {module} 2026-11-10"):
        _post(FIRST, DAY, module=module)

    assert _rows(module) == 3


def test_closed_days_need_a_second_person() -> None:
    _close()
    number = _grant()

    with pytest.raises(IntegrityError, match="period_closed"):
        _post(DAY)
    with pytest.raises(OwnException):
        exceptions.confirm(exception_id=number, actor=KEEPER, at=NOW)
    with pytest.raises(OwnException):
        exceptions.confirm(exception_id=number, actor=CLERK, at=NOW)
    assert _rows() == 0
    exceptions.confirm(exception_id=number, actor=DIRECTOR, at=NOW)

    _post(DAY)
    assert _rows() == 1
    actions = Fact.objects.filter(object_type="periods.exception").values_list("action", flat=True)
    assert list(actions) == ["periods.exception_granted", "periods.exception_confirmed"]


def test_leave_given_for_a_hold_does_not_outlive_the_close() -> None:
    _hold()
    _grant()
    _close()

    with pytest.raises(IntegrityError, match="period_closed"):
        _post(DAY)

    assert not selectors.is_postable(module="stock", day=DAY, at=NOW)


def test_an_exception_ends_by_itself_and_by_hand() -> None:
    _hold()
    number = _grant()
    exceptions.end(exception_id=number, actor=DIRECTOR, at=NOW)
    exceptions.end(exception_id=number, actor=DIRECTOR, at=NOW)

    with pytest.raises(IntegrityError, match="period_closed"):
        _post(DAY)
    past = NOW - timedelta(days=2)
    _grant(at=past, until=past + timedelta(hours=1))
    with pytest.raises(IntegrityError, match="period_closed"):
        _post(DAY)

    assert Fact.objects.filter(action="periods.exception_ended").count() == 1
    assert _rows() == 0


def test_taking_leave_back_waits_for_the_posting_under_way() -> None:
    _hold()
    number = _grant()
    posted, ended = threading.Event(), threading.Event()

    def post_slowly() -> None:
        with transaction.atomic():
            _post(DAY)
            posted.set()
            assert not ended.wait(0.5), "the end did not wait"
        connection.close()

    def end() -> None:
        assert posted.wait(5)
        exceptions.end(exception_id=number, actor=DIRECTOR, at=NOW)
        ended.set()
        connection.close()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(post_slowly), pool.submit(end)]:
            done.result(timeout=10)

    assert _rows() == 1
    with pytest.raises(IntegrityError, match="period_closed"):
        _post(DAY)


@pytest.mark.parametrize(
    ("refusal", "what"),
    [
        (Forbidden, {"actor": _person(3, "V")}),
        (OddRange, {"first": LAST, "last": FIRST}),
        (ExceptionRefused, {"reason": "  "}),
        (ExceptionRefused, {"until": NOW}),
        (ExceptionRefused, {"until": NOW + timedelta(days=32)}),
        (ExceptionRefused, {"module": "points"}),
        (PeriodConflict, {"first": date(2026, 11, 20), "last": date(2026, 11, 21)}),
    ],
)
def test_odd_leave_is_refused_and_nothing_is_written(
    refusal: type[Exception], what: dict[str, Any]
) -> None:
    _hold()

    with pytest.raises(refusal):
        _grant(**what)

    assert not PeriodException.objects.exists()
    assert not Fact.objects.filter(object_type="periods.exception").exists()


def test_a_closed_ledger_is_never_excepted() -> None:
    _close("ledger")

    with pytest.raises(ExceptionRefused):
        _grant(module="ledger")

    assert not PeriodException.objects.exists()


def test_there_is_nothing_to_confirm_about_a_hold_nor_about_nothing() -> None:
    _hold()
    number = _grant()

    with pytest.raises(PeriodConflict):
        exceptions.confirm(exception_id=number, actor=DIRECTOR, at=NOW)
    with pytest.raises(ExceptionMissing):
        exceptions.end(exception_id=number + 1, actor=DIRECTOR, at=NOW)

    assert selectors.exceptions()[0].confirmed_by == ""


_INSERT = (
    "INSERT INTO periods_exception (module, days, until, over_closed, reason, granted_at,"
    " granted_by, granted_person_id, confirmed_at, confirmed_by, confirmed_person_id, ended_by)"
    " VALUES ({}, '[2026-11-10,2026-11-13)', now() + interval '1 hour', {}, now(), 'me', {}, '')"
)


@pytest.mark.parametrize(
    ("sql", "word"),
    [
        (_INSERT.format("'ledger'", "true, 'why'", "1, now(), 'you', 2"), "closed_ledger"),
        (_INSERT.format("'stock'", "true, 'why'", "1, now(), 'me', 1"), "by_another"),
        (_INSERT.format("'stock'", "true, 'why'", "NULL, now(), 'me', 1"), "by_another"),
        (_INSERT.format("'stock'", "false, ''", "1, NULL, '', NULL"), "reason_given"),
        ("UPDATE periods_exception SET until = now() + interval '9 years'", "permission denied"),
        ("UPDATE periods_exception SET days = '[2020-01-01,2027-01-01)'", "permission denied"),
        ("DELETE FROM periods_exception", "permission denied"),
    ],
)
def test_the_database_refuses_leave_that_the_service_would_not_give(sql: str, word: str) -> None:
    _hold()
    _grant()
    before = list(PeriodException.objects.values())

    with pytest.raises(DatabaseError, match=word), connection.cursor() as cursor:
        cursor.execute(sql)

    assert list(PeriodException.objects.values()) == before
