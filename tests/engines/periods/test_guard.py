"""No posting enters a period that is not open, whoever posts and whoever closes meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, connection, transaction
from psycopg2.extensions import connection as Connection

from ops.engines.kernel.actor import Actor
from ops.engines.periods import services
from ops.engines.periods.ddl import guard_period
from ops.engines.periods.errors import PeriodClosed, explained

AT = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)
CLERK = Actor.system("clerk")
DAY = date(2026, 11, 5)


@pytest.fixture(autouse=True)
def book(as_owner: Connection) -> Iterator[None]:
    with as_owner.cursor() as cursor:
        cursor.execute("CREATE TABLE tests_move (id int, business_day date)")
        cursor.execute(str(guard_period("tests_move", "stock").sql))
    for month in (10, 11):
        services.ensure_month(module="stock", day=date(2026, month, 1), actor=CLERK, at=AT)
    yield
    connection.close()


def _post(*days: date) -> None:
    rows = ", ".join(f"(1, '{day}')" for day in days)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO tests_move VALUES {rows}")


def _close(first: date, last: date) -> None:
    services.close(module="stock", first=first, last=last, actor=CLERK, at=AT)


def _rows() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM tests_move")
        return int(cursor.fetchone()[0])


def test_open_days_are_posted_over_several_periods() -> None:
    _close(date(2026, 11, 10), date(2026, 11, 12))

    _post(date(2026, 10, 1), date(2026, 11, 9), date(2026, 11, 13), date(2026, 11, 30))

    assert _rows() == 4


@pytest.mark.parametrize("day", [date(2026, 11, 11), date(2026, 12, 1), date(2026, 9, 30)])
def test_one_shut_day_refuses_the_statement(day: date) -> None:
    _close(date(2026, 11, 10), date(2026, 11, 12))

    with pytest.raises(IntegrityError, match=f"period_closed: stock {day}"):
        _post(date(2026, 11, 9), day, date(2026, 11, 30))

    assert _rows() == 0


def test_a_held_day_refuses_and_the_refusal_reads_as_a_sentence() -> None:
    services.hold(module="stock", first=DAY, last=DAY, actor=CLERK, at=AT)

    with pytest.raises(PeriodClosed, match="2026-11-05") as refused, explained():
        _post(DAY)

    assert (refused.value.code, refused.value.context["module"]) == ("periods.closed", "stock")
    assert _rows() == 0


def test_another_integrity_error_is_not_explained_away() -> None:
    with (
        pytest.raises(IntegrityError, match="counter_"),
        explained(),
        connection.cursor() as cursor,
    ):
        cursor.execute("INSERT INTO numbering_counter (series, period, last) VALUES ('-', '', 1)")


def test_a_close_waits_for_the_posting_under_way() -> None:
    posted, close_may_end = threading.Event(), threading.Event()

    def post_slowly() -> None:
        with transaction.atomic():
            _post(DAY)
            posted.set()
            assert not close_may_end.wait(0.5), "the close did not wait"
        connection.close()

    def close() -> None:
        assert posted.wait(5)
        _close(DAY, DAY)
        close_may_end.set()
        connection.close()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(post_slowly), pool.submit(close)]:
            done.result(timeout=10)

    assert _rows() == 1
    with pytest.raises(IntegrityError, match="period_closed"):
        _post(DAY)


@pytest.mark.parametrize(
    ("day", "goes_in"),
    [(DAY, False), (date(2026, 11, 4), True), (date(2026, 11, 6), True)],
)
def test_a_posting_that_waited_for_a_close_sees_it(day: date, goes_in: bool) -> None:  # noqa: FBT001
    closed, go = threading.Event(), threading.Event()

    def close_slowly() -> None:
        with transaction.atomic():
            _close(DAY, DAY)
            closed.set()
            go.wait(0.5)
        connection.close()

    def post() -> None:
        assert closed.wait(5)
        try:
            _post(day)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        closing, posting = pool.submit(close_slowly), pool.submit(post)
        closing.result(timeout=10)
        if goes_in:
            posting.result(timeout=10)
        else:
            with pytest.raises(IntegrityError, match="period_closed"):
                posting.result(timeout=10)

    assert _rows() == int(goes_in)


def test_months_opened_at_once_are_opened_once() -> None:
    def ensure(_worker: int) -> None:
        services.ensure_month(module="ledger", day=DAY, actor=CLERK, at=AT)
        connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(ensure, range(4)))

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM periods_period WHERE module = 'ledger'")
        assert cursor.fetchone() == (1,)
        cursor.execute(
            "SELECT count(*) FROM audit_fact WHERE object_id LIKE 'ledger:%'"
            " AND action = 'periods.opened'"
        )
        assert cursor.fetchone() == (1,)
