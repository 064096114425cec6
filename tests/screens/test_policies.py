"""What a browser says of the content policy where scripts of others run (S14).

Chromium reports each breach on the console; `checks` fails a page whose console says anything.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from ops.engines.identity.choices import Role
from tests.engines.identity.factories import account
from tests.screens import checks
from tests.screens.conftest import Site, look

pytestmark = pytest.mark.browser
RECORDS = ("/admin/", "/admin/inventory/", "/admin/inventory/move/", "/admin/inventory/stock/")


def test_the_documentation_of_the_api_opens_within_its_policy(
    site: Site, sign_in: Callable[..., Page]
) -> None:
    page = sign_in(Role.AUDITOR)
    answer = page.goto("/api/docs/")

    page.wait_for_selector(".opblock", timeout=30_000)
    page.locator(".opblock-summary").first.click()
    page.wait_for_selector(".opblock.is-open .opblock-body")

    assert answer is not None
    assert "unsafe" not in answer.headers["content-security-policy"]
    checks.no_noise(page)
    look(page, "api-docs-1440")


def test_the_record_cupboard_opens_within_its_policy(
    site: Site, sign_in: Callable[..., Page]
) -> None:
    reader = account("管理员", Role.AUDITOR, is_staff=True)
    page = sign_in(Role.AUDITOR, user=reader)

    for path in RECORDS:
        answer = page.goto(path)
        checks.settle(page)

        assert answer is not None
        assert answer.status == 200, path
        policy = answer.headers["content-security-policy"]
        assert "style-src 'self';" in f"{policy};"
        checks.no_noise(page)
    look(page, "cupboard-list-1440")
    ink = page.evaluate(
        "getComputedStyle(document.documentElement).getPropertyValue('--color-primary-600')"
    )
    assert ink.strip() == "#1f5fbf"
