"""What was approved can be read back: the reports of the pack, and asking about one document."""

from __future__ import annotations

import json

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from ops.engines.approvals.models import Request
from ops.engines.audit.models import Fact
from ops.engines.identity.models import User
from ops.engines.kernel.actor import Actor
from ops.engines.reports import services
from tests.catalog.shop import Shop, open_shop
from tests.compliance.conftest import AT, enter

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")


@pytest.fixture
def shop() -> Shop:
    """A shop in which one price change was approved."""
    made = open_shop()
    made.approved("189.00")
    return made


def rows(name: str) -> list[dict[str, str]]:
    file = services.build(name=name, period="2026-11", fmt="json", actor=SYSTEM, at=AT)
    found: list[dict[str, str]] = json.loads(file.path.read_text())
    return found


@pytest.mark.clause("FIN-7.3-06")
def test_price_changes_are_told_as_they_were_approved(shop: Shop) -> None:
    request = Request.objects.get(kind="ordinary")

    found = rows("price_changes")

    assert [(row["number"], row["old_price"], row["new_price"]) for row in found] == [
        (request.number, "199.00", "189.00"),
        (request.number, "199.00", "189.00"),
    ]
    assert {row["requester"] for row in found} == {request.requester_name}
    assert {row["content_hash"] for row in found} == {request.content_hash}
    assert found[0]["decider"] != request.requester_name


@pytest.mark.clause("FIN-7.3-06")
def test_decisions_are_told_with_the_figures_shown(shop: Shop) -> None:
    request = Request.objects.get(kind="ordinary")

    (row,) = [row for row in rows("approvals_decided") if row["number"] == request.number]

    assert row["requester"] == request.requester_name
    assert row["content_hash"] == request.content_hash
    assert json.loads(row["figures"])["lines"] == 2


def test_asking_one_answers_who_asked_who_decided_and_what_was_shown(
    shop: Shop, auditor_user: User
) -> None:
    request = Request.objects.get(kind="ordinary")
    decision = request.decisions.get()
    reader: Client = enter(auditor_user)

    page = reader.get(f"/clauses/CAT-4.2-01/?ask={request.number}").content.decode()

    for text in (
        request.requester_name,
        decision.decider_name,
        request.content_hash,
        request.number,
    ):
        assert text in page
    assert page.count("/audit/facts/") >= 2


@pytest.mark.clause("SYS-6.3-09")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_fact SET action = 'other'",
        "DELETE FROM audit_fact",
        "TRUNCATE audit_fact",
        "INSERT INTO audit_fact (action) VALUES ('made.up')",
    ],
)
def test_no_role_of_the_product_can_change_the_trail(shop: Shop, statement: str) -> None:
    before = Fact.objects.count()

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert Fact.objects.count() == before > 0
