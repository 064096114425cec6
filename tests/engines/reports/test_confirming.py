"""Final figures wait for those they are addressed to, and a confirmation stays."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import Forbidden
from ops.engines.periods import services as books
from ops.engines.reports import selectors, services
from ops.engines.reports.errors import NotReady, RunMissing
from ops.engines.reports.models import ReportConfirmation
from tests.engines.reports.conftest import AT, SYSTEM
from tests.engines.reports.test_runs import _build, nudged

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nudged")]
__all__ = ["nudged"]
FIRST, LAST = dt.date(2026, 10, 1), dt.date(2026, 10, 31)


def close_october() -> None:
    books.ensure_month(module="stock", day=FIRST, actor=SYSTEM, at=AT)
    books.close(module="stock", first=FIRST, last=LAST, actor=SYSTEM, at=AT)


def confirm(actor: Actor, version: int = 1) -> None:
    services.confirm(name="toy_sales", period="2026-10", version=version, actor=actor, at=AT)


def waiting(actor: Actor) -> list[str]:
    return [row.name for row in selectors.centre(actor=actor, at=AT) if row.waits]


def test_final_figures_wait_until_they_are_confirmed(keeper: Actor) -> None:
    close_october()
    _build(keeper)
    assert waiting(keeper) == ["toy_sales"]

    confirm(keeper)
    confirm(keeper)

    assert waiting(keeper) == []
    said = ReportConfirmation.objects.get()
    assert [one[:2] for one in selectors.confirmations(edition_id=said.edition_id)] == [
        (keeper.person_id, "王强")
    ]


def test_provisional_figures_are_not_confirmed(keeper: Actor) -> None:
    _build(keeper)

    with pytest.raises(NotReady):
        confirm(keeper)
    with pytest.raises(RunMissing):
        confirm(keeper, version=7)

    assert waiting(keeper) == []
    assert not ReportConfirmation.objects.exists()


def test_only_who_is_addressed_confirms(auditor: Actor) -> None:
    close_october()
    _build(auditor)

    with pytest.raises(Forbidden):
        confirm(auditor)

    assert waiting(auditor) == []
    assert not ReportConfirmation.objects.exists()


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM reports_reportconfirmation",
        "UPDATE reports_reportconfirmation SET confirmed_at = now()",
    ],
)
def test_database_keeps_what_was_confirmed(keeper: Actor, statement: str) -> None:
    close_october()
    _build(keeper)
    confirm(keeper)

    with (
        pytest.raises(DatabaseError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert ReportConfirmation.objects.count() == 1


def test_the_centre_asks_the_same_however_many_reports(
    keeper: Actor, django_assert_max_num_queries: Any
) -> None:
    close_october()
    _build(keeper)

    with django_assert_max_num_queries(4):
        selectors.centre(actor=keeper, at=AT)
