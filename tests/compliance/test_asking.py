"""Ask one: who asked, who decided on what, when it was posted, and a file that proves it alone."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from compliance.selectors import asking
from compliance.services import standing
from finance.models import JournalEntry
from finance.services import manual
from finance.types import LineDraft
from ops.engines.approvals import services as approvals
from ops.engines.approvals.models import Request
from ops.engines.audit.models import Fact
from ops.engines.identity.models import User
from ops.engines.identity.selectors.actors import actor_for
from ops.engines.kernel.actor import Actor
from tests.compliance.conftest import AT, enter
from tests.engines.identity.factories import account

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 20)
URL = "/clauses/FIN-7.1-02/"


@pytest.fixture(name="number")
def fixture_number(db: None) -> str:
    """Post an entry by hand through its approval; return its number."""
    standing.scan(actor=Actor.system("tests"), at=AT)
    officer, manager = account("officer", "finance_officer"), account("boss", "finance_manager")
    lines = [LineDraft("6602", debit=Decimal("5.00")), LineDraft("1002", credit=Decimal("5.00"))]
    asker = actor_for(officer, at=AT)
    made = manual.draft(business_day=DAY, memo="手续费", lines=lines, actor=asker, at=AT)
    manual.submit(draft_id=made.id, actor=asker, at=AT)
    request = Request.objects.get()
    approvals.approve(
        request_id=request.pk, content_hash=request.content_hash,
        actor=actor_for(manager, at=AT), at=AT,
    )  # fmt: skip
    return made.number


def test_one_answer_holds_request_decision_posting_and_hashes(number: str, auditor: Actor) -> None:
    answer = asking.ask(number=number, actor=auditor)

    (asked,) = answer.requests
    assert asked.requester_name == "officer"
    assert [(one["who"], one["same_hash"]) for one in asked.decisions] == [("boss", True)]
    entry = JournalEntry.objects.get()
    assert [one.voucher for one in answer.vouchers] == [entry.voucher]
    assert answer.facts
    assert {fact["holds"] for fact in answer.facts if fact["fact"]} == {True}
    assert answer.broken == 0


def test_a_fact_that_no_longer_gives_its_hash_is_counted(
    number: str, auditor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "leaf_of", lambda fact: b"0" * 32)

    answer = asking.ask(number=number, actor=auditor)

    assert answer.broken == len([fact for fact in answer.facts if fact["fact"]]) > 0


def test_the_exported_proof_is_checked_without_the_product(number: str, auditor_user: User) -> None:
    answer = enter(auditor_user).post(f"{URL}proof/", {"ask": number})

    assert answer.status_code == 200
    assert f"FIN-7.1-02_{number}.json" in answer["Content-Disposition"]
    told = json.loads(answer.content)
    assert told["requests"][0]["decisions"][0]["who"] == "boss"
    assert told["vouchers"][0]["voucher"] == JournalEntry.objects.get().voucher
    for fact in told["facts"]:
        leaf = hashlib.sha256(b"\x00" + fact["content"].encode()).hexdigest()
        assert leaf == fact["leaf"]
    kept = json.loads(Fact.objects.get(action="compliance.proof_exported").body)
    assert kept["sha256"] == hashlib.sha256(answer.content).hexdigest()


def test_who_may_not_export_gets_no_proof(number: str) -> None:
    agent = enter(account("agent", "customer_service_agent"))

    assert agent.post(f"{URL}proof/", {"ask": number}).status_code == 403
    assert not Fact.objects.filter(action="compliance.proof_exported").exists()


def test_the_page_shows_the_path_and_the_answer(number: str, auditor_user: User) -> None:
    client = enter(auditor_user)
    client.get(URL)

    with CaptureQueriesContext(connection) as plain:
        page = client.get(URL).content.decode()
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(URL, {"ask": number}).content.decode()

    assert "proofpath" in page
    assert JournalEntry.objects.get().voucher in answer
    assert "每条记录都与保存时的哈希相符" in answer
    assert "导出证明" in answer
    # The search asks once for each kind of record; the answer itself takes six.
    assert len(asked) - len(plain) <= 23, "\n".join(q["sql"][:160] for q in asked.captured_queries)
