"""Doors of the library: who reads, who writes, what a decider sees."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from ops.engines.documents import services
from ops.engines.documents.models import RuleDocument
from ops.engines.identity.choices import Role
from ops.engines.identity.models import User
from tests.engines.documents.people import draft, people
from tests.engines.http.conftest import enter as enter  # noqa: PLC0414 a fixture
from tests.engines.identity.factories import AT, account

pytestmark = pytest.mark.django_db
Enter = Callable[[User], Client]
PATHS = ("/documents/", "/documents/SOP-01/", "/inbox/preferences/")


@pytest.mark.parametrize("path", [*PATHS, "/documents/new/", "/print/voucher/1/"])
def test_a_stranger_is_led_to_the_sign_in_page(path: str) -> None:
    answer = Client().get(path)

    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("path", PATHS)
def test_everybody_at_work_reads_the_rules(enter: Enter, path: str) -> None:
    draft(people())

    answer = enter(account("reader", Role.WAREHOUSE_KEEPER)).get(path)

    assert answer.status_code == 200


def test_only_writers_open_the_form(enter: Enter) -> None:
    client = enter(account("reader", Role.WAREHOUSE_KEEPER))

    refused = client.get("/documents/new/")
    posted = client.post("/documents/new/", {"code": "SOP-09"})

    assert (refused.status_code, posted.status_code) == (403, 403)
    assert not RuleDocument.objects.exists()


def test_a_paper_of_another_area_is_refused(enter: Enter) -> None:
    answer = enter(account("editor", Role.EDITOR)).get("/print/voucher/1/")

    assert answer.status_code == 403


def test_a_decider_sees_the_words_that_change_and_from_when(enter: Enter) -> None:
    who = people()
    request = services.submit(version_id=draft(who).id, actor=who.writer, at=AT)
    client = enter(User.objects.get(username="head"))
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "zh-hans"

    page = client.get(f"/approvals/{request.id}/").content.decode()

    assert "二、当场清点。" in page
    assert "2026-11-21 起生效。" in page
    assert "适用于一个部门。" in page


def test_a_rule_is_found_by_its_code(enter: Enter) -> None:
    draft(people())
    client = enter(account("reader", Role.WAREHOUSE_KEEPER))

    page = client.get("/find/?q=SOP-01").content.decode()

    assert "/documents/SOP-01/" in page
