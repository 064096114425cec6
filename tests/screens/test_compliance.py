"""The clauses, one clause and the trail in a browser, for the auditor."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from compliance.models import ClauseStanding
from compliance.services import standing
from finance.services import manual
from finance.types import LineDraft
from ops.engines.approvals import services as approvals
from ops.engines.approvals.models import Request
from ops.engines.identity import selectors as identity
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day
from tests.screens.conftest import DESK, PHONE, Site

pytestmark = pytest.mark.browser
PAGES = {
    "clauses": "/clauses/",
    "clause": "/clauses/FIN-7.3-07/?ask=PC-1",
    "facts": "/audit/facts/",
    "audit-pack": "/reports/audit_pack/?period=2026-10",
    "desk-auditor-cards": "/",
}


@pytest.fixture(scope="module")
def posted(site: Site) -> str:
    """Post an entry by hand through its approval; return its number."""
    now = timezone.now()
    asker = identity.actor_for(site.user("finance_officer"), at=now)
    decider = identity.actor_for(site.user("finance_manager"), at=now)
    made = manual.draft(
        business_day=business_day(now),
        memo="银行手续费",
        lines=[LineDraft("6603", debit=Decimal(5)), LineDraft("1002", credit=Decimal(5))],
        actor=asker,
        at=now,
    )
    manual.submit(draft_id=made.id, actor=asker, at=now)
    request = Request.objects.get()
    approvals.approve(
        request_id=request.pk, content_hash=request.content_hash, actor=decider, at=now
    )
    return made.number


@pytest.fixture
def judged(site: Site) -> None:
    """Every clause judged once."""
    if not ClauseStanding.objects.exists():
        standing.scan(actor=Actor.system("测试"), at=timezone.now())


@pytest.mark.clause("GEN-1.1-03")
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["1440", "360"])
@pytest.mark.parametrize("name", PAGES)
def test_the_auditors_pages(
    judged: None,
    sign_in: Callable[..., Page],
    visit: Callable[..., Page],
    name: str,
    size: tuple[int, int],
) -> None:
    visit(sign_in("auditor", size=size), PAGES[name], f"{name}-{size[0]}")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["1440", "360"])
def test_one_document_is_asked_for_its_proof(
    judged: None,
    posted: str,
    sign_in: Callable[..., Page],
    visit: Callable[..., Page],
    size: tuple[int, int],
) -> None:
    page = sign_in("auditor", size=size)
    page.goto("/clauses/FIN-7.1-02/")
    page.locator("#ask input[name=ask]").fill(posted)
    page.get_by_role("button", name="看证据").click()

    answer = page.locator("#ask")
    for words in ("赵敏", "郑芳", "JV-", "哈希相符"):
        expect(answer).to_contain_text(words)
    visit(page, page.url.partition("#")[0], f"V16-ask-{size[0]}")
    with page.expect_download() as waited:
        page.get_by_role("button", name="导出证明").click()
    assert waited.value.suggested_filename == f"FIN-7.1-02_{posted}.json"
