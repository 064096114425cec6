"""Business days open, pause, close and reopen; the database keeps to it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from ops.engines.audit.models import Fact
from ops.engines.kernel.actor import Actor, ActorKind
from ops.engines.kernel.errors import RuleViolation
from ops.engines.periods import ports, selectors, services
from ops.engines.periods.choices import PeriodState
from ops.engines.periods.errors import OddRange, PeriodConflict
from ops.engines.periods.models import Period
from ops.engines.periods.types import PeriodInfo

AT = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)
MANAGER = Actor(kind=ActorKind.PERSON, name="manager", person_id=1)
FIRST, MIDDLE, LAST = date(2026, 11, 1), date(2026, 11, 5), date(2026, 11, 30)
OPEN, HOLD, CLOSED = PeriodState.OPEN, PeriodState.HOLD, PeriodState.CLOSED

pytestmark = pytest.mark.django_db


def _open() -> PeriodInfo:
    return services.ensure_month(module="stock", day=MIDDLE, actor=MANAGER, at=AT)


def _close(first: date, last: date) -> PeriodInfo:
    return services.close(module="stock", first=first, last=last, actor=MANAGER, at=AT)


def _hold(first: date, last: date) -> PeriodInfo:
    return services.hold(
        module="stock", first=first, last=last, reason="count", actor=MANAGER, at=AT
    )


def _reopen(first: date, last: date, reason: str) -> PeriodInfo:
    return services.reopen(
        module="stock", first=first, last=last, reason=reason, actor=MANAGER, at=AT
    )


def _actions() -> list[str]:
    return list(Fact.objects.order_by("id").values_list("action", flat=True))


def _ranges() -> list[tuple[int, int, str]]:
    return [(p.first.day, p.last.day, p.state.value) for p in selectors.periods(module="stock")]


def test_a_month_is_opened_once() -> None:
    info = _open()

    assert info == PeriodInfo(module="stock", first=FIRST, last=LAST, state=OPEN)
    assert _open() == info
    assert _actions() == ["periods.opened"]
    assert selectors.state_on(module="stock", day=LAST) == OPEN
    assert selectors.state_on(module="ledger", day=LAST) is None
    assert selectors.state_on(module="stock", day=date(2026, 12, 1)) is None


def test_closing_a_day_splits_the_month() -> None:
    _open()

    _close(FIRST, MIDDLE)
    assert _ranges() == [(1, 5, "closed"), (6, 30, "open")]
    _close(date(2026, 11, 10), date(2026, 11, 10))
    assert _ranges() == [(1, 5, "closed"), (6, 9, "open"), (10, 10, "closed"), (11, 30, "open")]

    assert selectors.months(module="stock") == [
        PeriodInfo(module="stock", first=FIRST, last=LAST, state=OPEN)
    ]
    assert _close(FIRST, LAST).state == CLOSED
    assert {row[2] for row in _ranges()} == {"closed"}
    assert selectors.months(module="stock")[0].state == CLOSED


def test_a_close_names_who_and_when_and_a_second_one_changes_nothing() -> None:
    _open()
    _close(FIRST, LAST)
    before = list(Period.objects.values())

    assert _close(FIRST, LAST).state == CLOSED

    assert list(Period.objects.values()) == before
    (row,) = before
    assert (row["closed_at"], row["closed_by"]) == (AT, "manager")
    assert _actions() == ["periods.opened", "periods.closed"]


def test_days_without_a_period_close_as_well() -> None:
    _close(date(2026, 10, 30), FIRST)
    _open()

    assert selectors.state_on(module="stock", day=FIRST) == CLOSED
    assert selectors.state_on(module="stock", day=date(2026, 11, 2)) == OPEN
    assert [m.state for m in selectors.months(module="stock")] == [CLOSED, OPEN]


def test_a_hold_pauses_and_reopening_ends_it() -> None:
    _open()

    assert _hold(MIDDLE, MIDDLE).state == HOLD
    assert _ranges() == [(1, 4, "open"), (5, 5, "hold"), (6, 30, "open")]
    assert _reopen(MIDDLE, MIDDLE, "counted").state == OPEN
    _close(MIDDLE, MIDDLE)
    with pytest.raises(PeriodConflict):
        _hold(MIDDLE, MIDDLE)

    assert selectors.state_on(module="stock", day=MIDDLE) == CLOSED


def test_reopening_needs_a_reason_and_something_shut() -> None:
    _open()
    _close(FIRST, LAST)

    with pytest.raises(PeriodConflict) as refused:
        _reopen(MIDDLE, MIDDLE, " ")
    assert refused.value.code == "periods.reason_missing"
    assert _reopen(MIDDLE, MIDDLE, "late bill").state == OPEN
    with pytest.raises(PeriodConflict) as refused:
        _reopen(MIDDLE, MIDDLE, "again")
    assert refused.value.code == "periods.open"

    assert _ranges() == [(1, 4, "closed"), (5, 5, "open"), (6, 30, "closed")]
    assert _actions()[-1] == "periods.reopened"
    assert '"reason":"late bill"' in Fact.objects.latest("id").body


def test_the_last_day_comes_after_the_first() -> None:
    with pytest.raises(OddRange):
        _close(MIDDLE, FIRST)

    assert not Period.objects.exists()


@pytest.fixture
def veto(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, date, date]]:
    asked: list[tuple[str, date, date]] = []

    def refuse(module: str, first: date, last: date) -> None:
        asked.append((module, first, last))
        raise RuleViolation("tests.not_yet", "Facts are undelivered.")

    monkeypatch.setattr(ports.closing, "fillers", [refuse])
    return asked


def test_an_app_may_veto_a_close(veto: list[tuple[str, date, date]]) -> None:
    _open()

    with pytest.raises(RuleViolation, match="undelivered"):
        _close(FIRST, MIDDLE)

    assert veto == [("stock", FIRST, MIDDLE)]
    assert _ranges() == [(1, 30, "open")]
    assert _actions() == ["periods.opened"]


_INSERT = "INSERT INTO periods_period (module, days, state, closed_at, closed_by, reason) VALUES "


@pytest.mark.parametrize(
    ("statement", "claim"),
    [
        (_INSERT + "('stock', '[2026-11-05,2026-11-06)', 'open', NULL, '', '')", "days_once"),
        (_INSERT + "('ledger', '[2026-11-05,)', 'open', NULL, '', '')", "has_days"),
        (_INSERT + "('ledger', 'empty', 'open', NULL, '', '')", "has_days"),
        (_INSERT + "('ledger', '[2026-11-05,2026-11-06)', 'ajar', NULL, '', '')", "state_known"),
        (_INSERT + "('ledger', '[2026-11-05,2026-11-06)', 'closed', NULL, '', '')", "by_somebody"),
        ("UPDATE periods_period SET closed_at = NULL", "by_somebody"),
        (
            "UPDATE periods_period SET state = 'open', closed_at = NULL, closed_by = ''",
            "with a reason",
        ),
    ],
)
def test_the_database_refuses_what_the_services_refuse(statement: str, claim: str) -> None:
    _open()
    _close(FIRST, LAST)

    with (
        pytest.raises(IntegrityError, match=claim),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert _ranges() == [(1, 30, "closed")]


@pytest.mark.parametrize(
    "statement", ["DELETE FROM periods_period", "UPDATE periods_period SET module = 'ledger'"]
)
def test_the_app_role_cannot_make_periods_vanish(statement: str) -> None:
    _open()

    with (
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
