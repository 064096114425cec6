"""Metrics on screens and over HTTP: dictionary, a metric by period, cases to the end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ops.engines.identity.choices import Role
from ops.engines.identity.models import User
from ops.engines.metrics import services
from ops.engines.metrics.models import Anomaly, MetricTarget
from ops.engines.metrics.types import Point, Target
from tests.engines.http.conftest import enter as enter  # noqa: PLC0414 a fixture
from tests.engines.http.conftest import with_token
from tests.engines.identity.factories import SYSTEM, account

pytestmark = pytest.mark.django_db
Enter = Callable[[User], Client]
AT = dt.datetime(2026, 11, 20, 6, 0, tzinfo=dt.UTC)
DAY = dt.date(2026, 11, 19)


def stored() -> None:
    """Store five Thursdays of sales, the last one far too small, and a rate."""
    rows = [Point(DAY - dt.timedelta(weeks=n), v) for n, v in enumerate([10, 100, 100, 100, 100])]
    services.store(key="gmv", rows=rows, at=AT)
    services.store(key="return_rate", rows=[Point(DAY, 9, 10), Point(DAY.replace(day=1), 0, 90)],
                   at=AT)  # fmt: skip
    target = Target("return_rate", "", "", DAY.replace(day=1), DAY.replace(day=30), Decimal("0.05"))
    services.set_target(target=target, actor=SYSTEM, at=AT)
    services.scan(day=DAY, is_hourly=False, actor=SYSTEM, at=AT)


def shown(client: Client, path: str, status: int = 200) -> str:
    """Return the text of a page."""
    answer = client.get(path)
    assert answer.status_code == status, answer.content.decode()[:3000]
    return answer.content.decode()


def test_the_dictionary_names_meaning_owner_version_and_open_cases(enter: Enter) -> None:
    stored()
    page = shown(enter(account("陈静", Role.DATA_ANALYST)), "/metrics/")

    assert 'href="/metrics/gmv/"' in page
    assert 'href="/metrics/cases/?metric=gmv"' in page
    assert "2026-11-19" in page


def test_a_metric_page_sums_parts_and_shows_target_limits_and_cases(enter: Enter) -> None:
    stored()
    client = enter(account("陈静", Role.DATA_ANALYST))
    client.get("/metrics/return_rate/")

    with CaptureQueriesContext(connection) as asked:
        page = shown(client, "/metrics/return_rate/?period=2026-11&dimension=channel")

    assert "9.0%" in page  # 9 of 100, not the mean of 0 % and 90 %
    assert "5.0%" in page
    assert "15.0%" in page
    assert f"/metrics/cases/{Anomaly.objects.get(metric='return_rate').pk}/" in page
    assert len(asked) <= 14


def test_a_case_is_explained_and_closed_on_its_page(enter: Enter) -> None:
    stored()
    analyst = account("陈静", Role.DATA_ANALYST)
    case = Anomaly.objects.get(metric="gmv")
    path = f"/metrics/cases/{case.pk}/"
    client, boss = enter(analyst), enter(account("主管", Role.OPERATIONS_SUPERVISOR))

    assert path in shown(client, "/metrics/cases/")
    assert path in shown(client, "/")  # a red tile of the desk
    said = {"cause": "接口停了", "proposal": "补数", "owner_id": str(analyst.person_id)}
    client.post(path, {"action": "explain", **said})
    case.refresh_from_db()
    assert (case.state, case.cause) == ("explained", "接口停了")
    assert client.post(path, {"action": "close", "reason": "x"}).status_code == 403
    boss.post(path, {"action": "close", "reason": "节日"})

    case.refresh_from_db()
    assert (case.state, case.closing_reason) == ("closed", "节日")


def test_the_owner_sets_a_target_and_anybody_reports_a_figure(enter: Enter) -> None:
    analyst = enter(account("陈静", Role.DATA_ANALYST))
    boss = enter(account("主管", Role.OPERATIONS_SUPERVISOR))
    target = {"first": "2026-11-01", "last": "2026-11-30", "value": "0.04"}

    assert boss.post("/metrics/return_rate/target/", target).status_code == 403
    assert MetricTarget.objects.count() == 0
    assert analyst.post("/metrics/return_rate/target/", target).status_code == 302
    assert analyst.post("/metrics/gmv/target/", target | {"last": "2026-10-01"}).status_code == 400
    seen = {"day": "2026-11-19", "value": "12", "note": "少了一半"}
    assert boss.post("/metrics/gmv/report/", seen).status_code == 302

    assert [row.value for row in MetricTarget.objects.all()] == [Decimal("0.04")]
    assert (Anomaly.objects.get().rule, Anomaly.objects.get().note) == ("reported", "少了一半")


def test_who_may_not_see_a_metric_gets_nothing(enter: Enter) -> None:
    stored()
    client = enter(account("路人"))
    case = Anomaly.objects.get(metric="gmv")

    shown(client, "/metrics/gmv/", 403)
    shown(client, f"/metrics/cases/{case.pk}/", 404)
    shown(client, "/metrics/nothing/", 404)
    assert "/metrics/gmv/" not in shown(client, "/metrics/")


def test_the_cases_leave_as_numbers_whatever_the_screen_calls_them(enter: Enter) -> None:
    stored()
    case = Anomaly.objects.get(metric="gmv")

    taken = enter(account("主管", Role.OPERATIONS_SUPERVISOR)).get("/metrics/cases/?export=csv")

    rows = taken.getvalue().decode()
    assert taken.status_code == 200
    assert f",{case.value.normalize():f}," in rows or f",{case.value:f}," in rows


def test_the_api_gives_dictionary_figures_and_cases() -> None:
    stored()
    api = with_token(account("陈静", Role.DATA_ANALYST))
    boss = with_token(account("主管", Role.OPERATIONS_SUPERVISOR))
    span = {"first": "2026-11-01", "last": "2026-11-30", "step": "month"}
    case = Anomaly.objects.get(metric="gmv")

    keys = {row["key"] for row in api.get("/api/v1/metrics/").json()["results"]}
    month = api.get("/api/v1/metrics/return_rate/", span).json()["results"]
    closed = boss.post(f"/api/v1/anomalies/{case.pk}/close/", {"reason": "节日"}, format="json")

    assert {"gmv", "return_rate"} <= keys
    assert [row["value"] for row in month] == ["0.090000"]
    assert closed.json()["state"] == "closed"
    assert api.get("/api/v1/metrics/gmv/", span | {"step": "hour"}).status_code == 400
    for last in ("2027-12-06", "2026-10-31"):
        refused = api.get("/api/v1/metrics/gmv/", span | {"last": last})
        assert (refused.status_code, refused.json()["code"]) == (400, "metrics.span")
    assert api.get("/api/v1/anomalies/", {"state": "closed"}).json()["results"][0]["id"] == case.pk
