"""The clauses, one clause and the trail in a browser, for the auditor."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from compliance.models import ClauseStanding
from compliance.services import standing
from ops.engines.kernel.actor import Actor
from tests.screens.conftest import DESK, PHONE, Site

pytestmark = pytest.mark.browser
PAGES = {
    "clauses": "/clauses/",
    "clause": "/clauses/FIN-7.3-07/?ask=PC-1",
    "facts": "/audit/facts/",
    "audit-pack": "/reports/audit_pack/?period=2026-10",
    "desk-auditor-cards": "/",
}


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
