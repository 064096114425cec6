"""Time limits on the desk: the list, one limit, the calendar, the card, the file of a year."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ops.engines.clocks import selectors, services
from ops.engines.clocks.models import CalendarEntry, Clock
from ops.engines.desk.deadlines import due_work
from ops.engines.identity import selectors as identity
from ops.engines.identity.choices import Role
from ops.engines.identity.models import User
from ops.engines.kernel.parse import business_day
from ops.engines.tables import services as tables
from tests.engines.clocks.conftest import SYSTEM, begin
from tests.engines.clocks.conftest import answer as answer  # noqa: PLC0414 a fixture
from tests.engines.clocks.conftest import declare as declare  # noqa: PLC0414 a fixture
from tests.engines.http.conftest import enter as enter  # noqa: PLC0414 a fixture
from tests.engines.identity.factories import account

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("answer")]
Enter = Callable[[User], Client]


@pytest.fixture
def manager() -> User:
    return account("王敏", Role.OPERATIONS_MANAGER)


@pytest.fixture
def agent() -> User:
    return account("何静", Role.CUSTOMER_SERVICE_AGENT)


def test_the_list_shows_my_work_first_and_costs_few_queries(agent: User, enter: Enter) -> None:
    now = timezone.now()
    begin(*range(1, 30), at=now - timedelta(days=60))
    begin(30, at=now, role=Role.DESIGNER)
    client = enter(agent)
    client.get("/clocks/")

    with CaptureQueriesContext(connection) as asked:
        page = client.get("/clocks/").content.decode()

    assert "TOY-29" in page
    assert "TOY-30" not in page
    assert "TOY-30" in client.get("/clocks/?tab=open").content.decode()
    assert "TOY-30" not in client.get("/clocks/?tab=overdue").content.decode()
    assert "TOY-7" not in client.get("/clocks/?q=TOY-12").content.decode()
    assert len(asked) <= 14, [query["sql"][:90] for query in asked]


def test_a_limit_is_extended_from_its_page_and_only_by_who_may(
    manager: User, agent: User, enter: Enter
) -> None:
    (clock_id,) = begin(1, at=timezone.now())
    due_at = Clock.objects.get().due_at
    until = f"{(due_at + timedelta(days=3)):%Y-%m-%d} 18:00"
    wanted = {"action": "extend", "until": until, "reason": "等待检测报告"}

    refused = enter(agent).post(f"/clocks/{clock_id}/", wanted)

    assert refused.status_code == 403
    assert Clock.objects.get().due_at == due_at
    assert enter(manager).post(f"/clocks/{clock_id}/", wanted).status_code == 302
    assert Clock.objects.get().due_at > due_at
    assert "等待检测报告" in enter(manager).get(f"/clocks/{clock_id}/").content.decode()


def test_a_limit_out_of_sight_is_not_there(enter: Enter) -> None:
    (clock_id,) = begin(1, at=timezone.now())

    assert enter(account("shop", Role.BUYER)).get(f"/clocks/{clock_id}/").status_code == 404


def test_the_card_names_the_longest_overdue_first(agent: User) -> None:
    now = timezone.now()
    begin(*range(1, 9), at=now)
    begin(9, at=now - timedelta(days=60))
    services.sweep(actor=SYSTEM, at=now)

    data = due_work(identity.actor_for(agent, at=now), now)

    assert (data.lines[0].number, len(data.lines), data.total) == ("TOY-9", 5, 9)
    designer = identity.actor_for(account("designer", Role.DESIGNER), at=now)
    assert due_work(designer, now).is_blank


def test_a_day_is_set_from_the_calendar_with_its_reason(manager: User, enter: Enter) -> None:
    day = business_day(timezone.now()) + timedelta(days=30)
    client = enter(manager)
    address = f"/calendar/{day.year}/"
    wanted = {"action": "set-day", "day": day.isoformat(), "kind": "free", "name": "盘点"}

    client.post(address, {**wanted, "reason": ""})
    assert not CalendarEntry.objects.exists()
    client.post(address, {**wanted, "reason": "年终大盘点"})

    assert not selectors.calendar().is_working(day)
    assert "年终大盘点" in client.get(address).content.decode()
    assert client.get("/calendar/1999/").status_code == 404


def test_a_year_nobody_published_says_so(manager: User, enter: Enter) -> None:
    client = enter(manager)

    assert "notice is-warning" in client.get("/calendar/2031/").content.decode()
    assert "notice is-warning" not in client.get("/calendar/2026/").content.decode()


def test_a_year_is_imported_from_a_file(tmp_path: Path) -> None:
    year = timezone.now().year + 1
    file = tmp_path / "notice.csv"
    rows = ["日期,类型,节日", f"{year}-10-01,休,国庆节", f"{year}-10-02,holiday,国庆节"]
    file.write_text("\n".join(rows), encoding="utf-8")

    batch = tables.begin_batch(
        profile="working_calendar",
        path=file,
        name=file.name,
        actor=SYSTEM,
        at=timezone.now(),
        options={},
    )
    tables.run_batch(batch_id=batch.id, actor=SYSTEM, at=timezone.now())

    known = selectors.calendar()
    assert known.knows(date(year, 1, 1), date(year, 12, 31))
    assert not known.is_working(date(year, 10, 1))
    assert set(CalendarEntry.objects.values_list("reason", flat=True)) == {"notice.csv"}


def test_a_record_page_shows_the_limits_of_its_subject(manager: User) -> None:
    begin(1, at=timezone.now())
    actor = identity.actor_for(manager, at=timezone.now())

    (found,) = selectors.of_subject(subject_type="toys.toy", subject_id=1, actor=actor)

    assert (found.label, found.title) == ("TOY-1", "Answer of a toy")
    assert selectors.of_subject(subject_type="toys.toy", subject_id=2, actor=actor) == []
