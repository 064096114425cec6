"""Screens and API of compliance: who sees what, and what stands there."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from compliance.models import Attestation
from compliance.services import standing
from ops.engines.audit import services as audit
from ops.engines.audit.models import Fact
from ops.engines.identity.models import User
from ops.engines.kernel.actor import Actor
from tests.compliance.conftest import AT, enter
from tests.engines.http.conftest import with_token

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")


@pytest.fixture
def reading(auditor_user: User) -> Client:
    """The auditor's browser, after a scan."""
    standing.scan(actor=SYSTEM, at=AT)
    return enter(auditor_user)


@pytest.mark.clause("GEN-1.1-03")
def test_the_coverage_page_counts_every_clause(reading: Client) -> None:
    page = reading.get("/clauses/").content.decode()

    assert "322 条条款" in page
    assert "GEN-1.1-01" in page
    assert "制定目的" in page
    assert "chart-coverage-data" in page


@pytest.mark.parametrize(
    ("query", "holds", "lacks"),
    [
        ("q=SCM-2.3", "SCM-2.3-05", "GEN-1.1-01"),
        ("chapter=FIN", "FIN-7.1-01", "GEN-1.1-01"),
        ("q=盘点", "SCM-2.3-05", "FIN-7.3-06"),
        ("state=missing&chapter=ANX", "ANX-8.3-01", "GEN-1.1-01"),
    ],
)
def test_filters_narrow_the_list(reading: Client, query: str, holds: str, lacks: str) -> None:
    page = reading.get(f"/clauses/?{query}").content.decode()

    assert f"/clauses/{holds}/" in page
    assert f"/clauses/{lacks}/" not in page


@pytest.mark.clause("GEN-1.1-03")
def test_a_clause_shows_what_keeps_it_and_what_proves_it(reading: Client) -> None:
    page = reading.get("/clauses/FIN-7.3-07/").content.decode()

    assert "decision_by_another_person" in page
    assert "电商运营管理规范指南" in page
    assert reading.get("/clauses/FIN-9.9-99/").status_code == 404


def test_asking_one_shows_the_trail_of_its_subject(reading: Client) -> None:
    page = reading.get("/clauses/CAT-4.2-01/?ask=PC-000000-0000").content.decode()

    assert "PC-000000-0000" in page


def test_the_officer_vouches_and_the_auditor_cannot(reading: Client, officer_user: User) -> None:
    told = {
        "action": "attest",
        "statement": "每季复核",
        "valid_until": (timezone.now() + dt.timedelta(days=90)).date().isoformat(),
    }

    officer = enter(officer_user)
    paper = SimpleUploadedFile("opinion.csv", "结论,合规\n".encode())

    assert reading.post("/clauses/ANX-8.2-03/", told).status_code == 403
    officer.post("/clauses/ANX-8.2-03/", told)
    assert not Attestation.objects.exists()
    assert officer.post("/clauses/ANX-8.2-03/", told | {"evidence": paper}).status_code == 302
    assert Attestation.objects.get().clause.code == "ANX-8.2-03"
    assert "opinion.csv" in officer.get("/clauses/ANX-8.2-03/").content.decode()


def test_the_trail_is_for_auditor_and_compliance(reading: Client, manager_user: User) -> None:
    fact = audit.record(
        actor=SYSTEM, at=AT, action="tests.done", obj=("tests.thing", 7), body={"why": "因为"}
    )

    assert "tests.thing:7" in reading.get("/audit/facts/?object=tests.thing:7").content.decode()
    page = reading.get(f"/audit/facts/{fact}/").content.decode()
    assert "因为" in page
    assert bytes(Fact.objects.get(pk=fact).leaf).hex() in page
    assert reading.get("/audit/facts/999999999/").status_code == 404
    assert enter(manager_user).get("/audit/facts/").status_code == 403


def test_the_auditors_desk_counts_clauses(reading: Client) -> None:
    page = reading.get("/").content.decode()

    assert "/clauses/?state=missing" in page
    assert "审计包" in page


def test_search_finds_a_clause_by_its_number(reading: Client) -> None:
    page = reading.get("/find/?q=%23SCM-2.3-05").content.decode()

    assert "/clauses/SCM-2.3-05/" in page


@pytest.mark.clause("GEN-1.1-03")
def test_the_api_shows_clauses_and_takes_none(auditor_user: User) -> None:
    standing.scan(actor=SYSTEM, at=AT)
    api = with_token(auditor_user)

    first = api.get("/api/v1/clauses/?page_size=100")
    one = api.get("/api/v1/clauses/FIN-7.3-07/")

    assert first.status_code == 200, first.content
    assert len(first.json()["results"]) == 100
    assert first.json()["results"][0]["id"] == "GEN-1.1-01"
    assert one.status_code == 200, one.content
    assert ["constraint", "decision_by_another_person"] in [
        [each["kind"], each["name"]] for each in one.json()["controls"]
    ]
    assert api.post("/api/v1/clauses/", {}).status_code == 405
    assert api.get("/api/v1/clauses/FIN-9.9-99/").status_code == 404
