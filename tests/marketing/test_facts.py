"""Stored sums equal the order book, a day built twice is the same day, and screens read them."""

from __future__ import annotations

import datetime as dt
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from catalog.models import Channel
from customers.selectors import facts as book
from marketing.errors import SheetConfirmed, SheetTooEarly
from marketing.models import ChangedDay, DaySheet, SalesDay, SalesMonth
from marketing.services import facts, sheets
from ops.engines.audit.models import Fact
from ops.engines.identity.models import User
from ops.engines.identity.selectors.actors import actor_for
from ops.engines.jobs import services as jobs
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import Forbidden
from ops.engines.metrics import selectors as metrics
from ops.engines.metrics.choices import Step
from ops.engines.notices.models import Notice
from ops.engines.reports import services as reports
from tests.compliance.conftest import enter
from tests.engines.identity.factories import account
from tests.marketing.conftest import AT

pytestmark = [pytest.mark.usefixtures("trade"), pytest.mark.django_db(transaction=False)]
SYSTEM = Actor.system("tests")
FIRST, LAST = dt.date(2011, 4, 28), dt.date(2011, 5, 10)
MAY = dt.date(2011, 5, 1)
_TWICE = """
INSERT INTO marketing_salesmonth (month, channel_id, scope, customers, repeat_in_month, returners)
SELECT month, channel_id, scope, 0, 0, 0 FROM marketing_salesmonth
"""


@pytest.fixture
def built(trade: Path) -> None:
    """Build everything that changed."""
    facts.build_changed(at=AT, with_months=True)


@pytest.fixture
def analyst_user() -> User:
    """The data analyst's account."""
    return account("白露", "data_analyst")


def stored() -> list[tuple[object, ...]]:
    names = ("day", "channel_id", "country", "scope", "lines", "orders", "cancel_docs", "units")
    return list(
        SalesDay.objects.order_by("day", "channel_id", "country", "scope").values_list(
            *names, "gmv", "returns"
        )
    )


@pytest.mark.clause("MKT-5.4-05", "SYS-6.1-04")
def test_imported_days_are_noted_and_built_equal_to_the_book(trade: Path) -> None:
    noted = list(ChangedDay.objects.order_by("day").values_list("day", flat=True))
    assert noted[0] == FIRST
    assert noted[-1] == LAST

    facts.build_changed(at=AT, with_months=True)

    expected = [
        (r.day, r.channel_id, r.country, r.scope, r.lines, r.orders, r.cancel_docs, r.units, r.gmv,
         r.returns)
        for r in book.sales_days(first=FIRST, last=LAST)
    ]  # fmt: skip
    assert stored() == sorted(expected)
    assert not ChangedDay.objects.exists()
    whole = SalesMonth.objects.get(month=MAY, channel=None, scope="all")
    assert (whole.customers, whole.repeat_in_month, whole.returners) == (2, 2, 1)


@pytest.mark.clause("SYS-6.1-04")
def test_a_rebuild_from_source_gives_equal_totals(built: None) -> None:
    before, months = stored(), list(SalesMonth.objects.order_by("pk").values_list("customers"))

    facts.build(first=FIRST, last=LAST, at=AT)

    assert stored() == before
    assert list(SalesMonth.objects.order_by("pk").values_list("customers")) == months


def test_a_day_that_lost_its_orders_loses_its_sums(built: None) -> None:
    SalesDay.objects.create(
        day=dt.date(2011, 5, 3), channel=Channel.objects.get(code="uci"), country="X", scope="all",
        lines=9, orders=9, cancel_docs=0, units=9, gmv=Decimal(9), returns=Decimal(0),
    )  # fmt: skip

    facts.note(days=[dt.date(2011, 5, 3)], at=AT)
    done = facts.build_changed(at=AT, with_months=False)

    assert done.days == 1
    assert not SalesDay.objects.filter(country="X").exists()
    assert ChangedDay.objects.get().is_built


@pytest.mark.clause("HR-1.2-22")
def test_ratios_divide_sums_and_never_average_rates(built: None) -> None:
    uci = str(Channel.objects.get(code="uci").pk)

    found = {
        key: metrics.series(
            key=key,
            first=MAY,
            last=dt.date(2011, 5, 31),
            actor=SYSTEM,
            step=Step.MONTH,
            dimension="channel",
            members=[uci],
        )[0].value
        for key in ("gmv", "orders", "units", "aov", "return_rate", "customers", "repeat_rate")
    }

    assert found["gmv"] == Decimal("67.5")
    assert [found[key] for key in ("orders", "units", "customers")] == [5, 12, 2]
    assert found["aov"] == Decimal("13.5")
    assert found["return_rate"] == Decimal(10) / Decimal("67.5")
    assert found["repeat_rate"] == 1


def test_a_companys_figure_adds_only_its_own_currency(built: None) -> None:
    currency = Channel.objects.get(code="uci").currency

    found = metrics.figures(keys=["gmv"], first=MAY, last=LAST, actor=SYSTEM)

    assert ("gmv" in found) == (currency == "CNY")


@pytest.mark.clause("MKT-5.4-05")
def test_the_job_builds_the_day_and_sends_the_sheet(analyst_user: User) -> None:
    told = account("陈立", "operations_supervisor")

    done = jobs.run_now(name="metrics_daily_build", period="2011-05-09", actor=SYSTEM, at=AT)
    again = jobs.run_now(name="metrics_daily_build", period="2011-05-09", actor=SYSTEM, at=AT)

    assert done.state == "done", done.error
    assert done.result["flagged"] != []
    assert again.run_id == done.run_id
    notices = dict(Notice.objects.values_list("person_id", "kind"))
    assert notices == {told.person_id: "fyi", analyst_user.person_id: "act"}


@pytest.mark.clause("MKT-5.4-05")
def test_the_daily_sheet_compares_and_flags(built: None, tmp_path: Path) -> None:
    file = reports.build(name="daily_sales", period="2011-05-09", fmt="json", actor=SYSTEM, at=AT)

    (row,) = json.loads(file.path.read_text())
    assert (row["channel"], row["orders"], row["gmv"]) == ("uci", 2, "22.50")
    assert (row["returns"], row["aov"], row["return_rate"]) == ("10.00", "11.25", "0.444444")
    assert (row["gmv_week_before"], row["change"]) == ("40.00", "-0.437500")


@pytest.mark.clause("MKT-5.4-05")
def test_the_analyst_confirms_a_day_once(built: None, analyst_user: User) -> None:
    analyst, day = actor_for(analyst_user, at=AT), dt.date(2011, 5, 9)

    sheets.confirm(day=day, note="法国退货一单", actor=analyst, at=AT)
    with pytest.raises(SheetConfirmed):
        sheets.confirm(day=day, actor=analyst, at=AT)
    with pytest.raises(SheetTooEarly):
        sheets.confirm(day=dt.date(2026, 11, 21), actor=analyst, at=AT)
    with pytest.raises(Forbidden):
        sheets.confirm(day=dt.date(2011, 5, 10), actor=SYSTEM, at=AT)

    assert list(DaySheet.objects.values_list("day", "note")) == [(day, "法国退货一单")]
    assert Fact.objects.filter(action="marketing.sheet_confirmed").count() == 1


def test_a_channel_bar_leads_to_the_days_that_add_up_to_it(built: None) -> None:
    client = enter(account("王敏", "operations_manager"))
    page = client.get("/dashboard/?month=2011-05").content.decode()
    bars = next(data for data in drawn(page) if data["title"] == "各渠道销售")

    (href,), (amount,) = bars["hrefs"], bars["series"][0]["values"]
    answer = client.get(href)

    assert f'href="{href.replace("&", "&amp;")}"' in page
    assert answer.status_code == 200
    days = SalesDay.objects.filter(day__gte=MAY, scope="all", channel__code="uci")
    assert sum(row.gmv for row in days) == Decimal(str(amount))
    text = answer.content.decode()
    for row in days.values_list("day", flat=True):
        assert row.isoformat() in text


def test_a_day_leads_to_the_sheet_of_that_day(built: None) -> None:
    client = enter(account("王敏", "operations_manager"))
    page = client.get("/dashboard/?month=2011-05").content.decode()
    line = next(data for data in drawn(page) if data["kind"] == "line")

    assert len(line["hrefs"]) == 31
    assert line["hrefs"][1] == "/marketing/days/2011-05-02/"
    assert "2011-05-02" in client.get(line["hrefs"][1]).content.decode()


def drawn(page: str) -> list[dict[str, Any]]:
    """Return the data of the drawings of a page."""
    blocks = re.findall(r'type="application/json">(.*?)</script>', page, re.DOTALL)
    found = [json.loads(block) for block in blocks]
    return [data for data in found if isinstance(data, dict) and "hrefs" in data]


def test_the_dashboard_shows_the_month_and_every_tile_opens(built: None) -> None:
    client = enter(account("王敏", "operations_manager"))

    page = client.get("/dashboard/").content.decode()

    assert "2011-05-01" in page
    assert "67.5" in page
    assert "/reports/sales_daily/?period=2011-05" in page
    assert "/reports/sales_monthly/?period=2011-05" in page
    assert "/reports/sales_by_country/?period=2011-05" in page
    assert client.get("/dashboard/?month=2011-04&channel=uci").status_code == 200
    assert client.get("/dashboard/?month=2011").status_code == 400
    assert client.get("/dashboard/?channel=other").status_code == 400
    for address in ("sales_daily/?period=2011-05&channel=uci", "sales_by_country/?period=2011-05"):
        assert client.get(f"/reports/{address}").status_code == 200


def test_the_sheet_screen_confirms_for_the_analyst_alone(built: None, analyst_user: User) -> None:
    manager: Client = enter(account("王敏", "operations_manager"))
    told = {"action": "confirm", "note": ""}

    assert "uci" in manager.get("/marketing/days/2011-05-09/").content.decode()
    assert manager.post("/marketing/days/2011-05-09/", told).status_code == 403
    assert not DaySheet.objects.exists()
    assert enter(analyst_user).post("/marketing/days/2011-05-09/", told).status_code == 302
    assert DaySheet.objects.count() == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE marketing_salesday SET orders = -1",
        "UPDATE marketing_salesday SET gmv = 'NaN'",
        "UPDATE marketing_salesday SET scope = 'some'",
        "UPDATE marketing_salesmonth SET repeat_in_month = customers + 1",
        _TWICE,
    ],
)
def test_the_database_refuses_sums_that_cannot_be(built: None, statement: str) -> None:
    before = stored()

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert stored() == before
