"""Reports over REST, as a program uses them."""

from __future__ import annotations

import hashlib
import json

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from ops.engines.identity.choices import Role
from ops.engines.reports import nudging, services
from ops.engines.reports.models import ReportRun
from tests.engines.http.conftest import with_token
from tests.engines.identity.factories import account
from tests.engines.reports.conftest import AT, SYSTEM

pytestmark = pytest.mark.django_db
RUNS = "/api/v1/reports/toy_sales/runs/"
QUESTION = {"period": "2026-10", "format": "json"}


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Send no wake-up to a broker."""
    monkeypatch.setattr(nudging, "ask", lambda _run_id: None)


@pytest.fixture
def api(db: None) -> APIClient:
    return with_token(account("auditor", Role.AUDITOR))


@pytest.fixture
def shop(db: None) -> APIClient:
    return with_token(account("shop", Role.BUYER))


def test_run_is_started_watched_and_its_file_taken(api: APIClient) -> None:
    started = api.post(RUNS, QUESTION)
    assert started.status_code == 202, started.content
    place = started.headers["Location"]
    assert api.get(place).json()["state"] == "queued"
    assert api.get(place + "/file").status_code == 409

    services.perform(run_id=started.json()["id"], at=timezone.now())

    run = api.get(place).json()
    assert (run["state"], run["rows"], run["done"], run["requested_by"]) == (
        "done",
        3,
        3,
        "auditor",
    )
    file = api.get(place + "/file")
    body = file.getvalue()
    assert hashlib.sha256(body).hexdigest() == run["sha256"]
    assert file.headers["ETag"] == f'"{run["sha256"]}"'
    assert "attachment" in file.headers["Content-Disposition"]
    assert len(json.loads(body)) == 3
    assert [r["id"] for r in api.get(RUNS).json()["results"]] == [run["id"]]


def test_list_shows_the_reports_the_caller_may_see(api: APIClient, shop: APIClient) -> None:
    names = {row["name"] for row in api.get("/api/v1/reports/").json()["results"]}

    assert names == {"toy_sales", "toy_generated", "toy_sections", "toy_pack"}
    assert shop.get("/api/v1/reports/").json()["results"] == []


def test_outsider_gets_neither_run_nor_file(shop: APIClient) -> None:
    file = services.build(name="toy_sales", period="2026-10", fmt="csv", actor=SYSTEM, at=AT)

    assert shop.post(RUNS, QUESTION).status_code == 403
    assert shop.get(RUNS).status_code == 403
    assert shop.get(f"{RUNS}{file.run_id}/file").status_code == 403
    assert APIClient().get(RUNS).status_code == 401
    assert ReportRun.objects.count() == 1


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"period": "2026-13"}, 400),
        ({"period": "2026"}, 400),
        ({"format": "exe"}, 400),
        ({"params": {"nothing": "1"}}, 400),
        ({"params": {"sku": 5}}, 400),
        ({"extra": 1}, 400),
    ],
)
def test_wrong_questions_are_refused_in_plain_json(
    api: APIClient, changed: dict[str, object], status: int
) -> None:
    answer = api.post(RUNS, QUESTION | changed)

    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert ReportRun.objects.count() == 0


def test_unknown_report_is_404(api: APIClient) -> None:
    assert api.get("/api/v1/reports/toy_nothing/runs/").status_code == 404
    assert api.get("/api/v1/reports/../runs/").status_code == 404


def test_same_idempotency_key_gives_the_first_answer(api: APIClient) -> None:
    first = api.post(RUNS, QUESTION, headers={"Idempotency-Key": "k1"})
    again = api.post(RUNS, QUESTION, headers={"Idempotency-Key": "k1"})

    assert again.content == first.content
    assert (
        api.post(RUNS, QUESTION | {"format": "csv"}, headers={"Idempotency-Key": "k1"}).status_code
        == 422
    )


def test_run_of_a_person_who_lost_the_right_is_not_made(api: APIClient) -> None:
    run = api.post(RUNS, QUESTION).json()
    ReportRun.objects.update(requested_user_id=account("clerk", Role.BUYER).pk)

    services.perform(run_id=run["id"], at=timezone.now())

    assert api.get(f"{RUNS}{run['id']}").json()["error_code"] == "policy.forbidden"
