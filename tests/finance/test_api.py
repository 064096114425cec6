"""Finance over REST: by rights, by channel, with the services' refusals."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from finance.models import Break, JournalEntry, SettlementFile
from finance.services import journal
from ops.engines.identity.choices import Role
from tests.engines.http.conftest import with_token
from tests.engines.identity.factories import account
from tests.finance.factories import BOOKKEEPER, NOON, open_month, trade_channel, voucher
from tests.finance.statements import Statement

pytestmark = pytest.mark.django_db


@pytest.fixture(name="officer")
def fixture_officer(db: None) -> APIClient:
    return with_token(account("officer", Role.FINANCE_OFFICER))


@pytest.fixture(name="agent")
def fixture_agent(db: None) -> APIClient:
    return with_token(account("agent", Role.WAREHOUSE_KEEPER))


def entry(**more: object) -> dict[str, object]:
    return {
        "business_day": "2026-11-10",
        "memo": "bank charge",
        "lines": [
            {"account": "6602", "debit": "5.00"},
            {"account": "1002", "credit": "5.00"},
        ],
    } | more


def test_vouchers_are_read_and_drafted_but_not_posted_alone(officer: APIClient) -> None:
    account("manager", Role.FINANCE_MANAGER)
    open_month()
    journal.post([voucher("a")], actor=BOOKKEEPER, at=NOON)

    listed = officer.get("/api/v1/journal-entries", {"account": "1002"}).json()["results"]
    assert [row["voucher"] for row in listed] == ["JV-202611-0001"]
    assert listed[0]["lines"][0] == {"account": "1002", "debit": "100.00", "credit": "0.00"}

    made = officer.post("/api/v1/journal-entries", entry(), format="json")
    assert (made.status_code, made.json()["state"]) == (201, "draft")
    sent = officer.post(f"/api/v1/journal-entries/{made.json()['number']}/post")
    assert (sent.status_code, sent.json()["state"]) == (202, "submitted")
    assert JournalEntry.objects.count() == 1

    asked = officer.post(
        "/api/v1/journal-entries/JV-202611-0001/reverse",
        {"business_day": "2026-11-10", "reason": "typo"},
        format="json",
    )
    assert (asked.status_code, asked.json()["reverses"]) == (202, "JV-202611-0001")
    assert JournalEntry.objects.count() == 1


@pytest.mark.parametrize(
    "body",
    [
        entry(lines=[{"account": "6602", "debit": "5.00"}]),
        entry(lines=[{"account": "2221", "debit": "5.00"}, {"account": "1002", "credit": "5.00"}]),
        entry(memo=""),
        entry(surprise=1),
    ],
)
def test_odd_entries_are_refused(officer: APIClient, body: dict[str, object]) -> None:
    answer = officer.post("/api/v1/journal-entries", body, format="json")

    assert answer.status_code in (400, 422)
    assert not JournalEntry.objects.exists()


def test_a_statement_is_sent_matched_and_its_breaks_resolved(
    officer: APIClient, tmp_path: Path
) -> None:
    trade_channel()
    text = Statement().add("SO-1", "12.00").text().encode("gb18030")
    body = {"channel": "tmall", "file": SimpleUploadedFile("a.csv", text)}

    sent = officer.post("/api/v1/settlement-files", body, format="multipart")
    assert (sent.status_code, sent.json()["accepted"]) == (201, 1)

    ran = officer.post(
        "/api/v1/reconciliations",
        {"channel": "tmall", "first": "2026-11-20", "last": "2026-11-20"},
        format="json",
    )
    assert (ran.status_code, ran.json()["open_breaks"]) == (201, 1)

    (found,) = officer.get("/api/v1/breaks", {"state": "open"}).json()["results"]
    assert (found["type"], found["statement_amount"], found["difference"]) == (
        "MISSING_IN_BOOKS", "12.00", "12.00",
    )  # fmt: skip
    where = f"/api/v1/breaks/{found['id']}"
    owner = officer.post(f"{where}/assign", {"person": 5, "due_on": "2026-12-01"}, format="json")
    assert owner.json()["owner"] == 5
    alone = officer.post(
        f"{where}/resolve", {"code": "payable", "reason": "to be given back"}, format="json"
    )
    assert alone.status_code == 403
    assert Break.objects.get().state == "open"

    other = with_token(account("second", Role.FINANCE_OFFICER))
    ended = other.post(
        f"{where}/resolve", {"code": "payable", "reason": "to be given back"}, format="json"
    )
    assert (ended.status_code, ended.json()["state"]) == (200, "resolved")
    assert JournalEntry.objects.count() == 1
    undone = other.post(f"{where}/undo")
    assert (undone.status_code, undone.json()["state"]) == (200, "open")
    assert JournalEntry.objects.count() == 2


def test_months_are_listed_and_close_is_the_managers(officer: APIClient) -> None:
    open_month(dt.date(2026, 10, 1))

    listed = officer.get("/api/v1/periods").json()["results"]
    assert (listed[0]["month"], listed[0]["ledger"]) == ("2026-10", "open")
    assert officer.post("/api/v1/periods/2026-10/close").status_code == 403

    manager = with_token(account("manager", Role.FINANCE_MANAGER))
    refused = manager.post("/api/v1/periods/2026-10/close")
    assert (refused.status_code, refused.json()["code"]) == (422, "finance.close_blocked")
    assert officer.get("/api/v1/periods/2031-01").status_code == 404


@pytest.mark.parametrize(
    "path", ["journal-entries", "accounts", "periods", "settlement-files", "breaks"]
)
def test_who_has_no_right_in_finance_sees_nothing(agent: APIClient, path: str) -> None:
    assert agent.get(f"/api/v1/{path}").status_code == 403
    assert not SettlementFile.objects.exists()
