"""V15: what is mine, what awaits me, what it was before, and from a number to its rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from finance.services import journal
from ops.engines.identity import selectors as identity
from ops.engines.identity.choices import Role
from ops.engines.kernel.parse import business_day
from ops.engines.periods import services as periods
from ops.engines.reports import services as reports
from ops.engines.reports.models import ReportConfirmation
from tests.finance.factories import BOOKKEEPER, open_month, voucher
from tests.screens.conftest import PHONE, Site

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def month(site: Site, django_db_setup: None) -> str:
    """Post in two months, close both, seal the trial balance of the later one."""
    now = timezone.now()
    last = business_day(now).replace(day=1) - dt.timedelta(days=1)
    earlier = last.replace(day=1) - dt.timedelta(days=1)
    for day, amount in ((earlier, "100.00"), (last, "250.00")):
        open_month(day)
        journal.post(
            [voucher(f"{day}", debit=amount, credit=amount, day=day)], actor=BOOKKEEPER, at=now
        )
        periods.close(module="ledger", first=day.replace(day=1), last=day, actor=BOOKKEEPER, at=now)
    officer = site.user(Role.FINANCE_OFFICER)
    reports.build(
        name="trial_balance", period=f"{last:%Y-%m}", fmt="csv",
        actor=identity.actor_for(officer, at=now), at=now,
    )  # fmt: skip
    return f"{last:%Y-%m}"


@pytest.mark.parametrize("size", [(1440, 900), PHONE], ids=["1440", "360"])
def test_the_centre_has_its_three_tabs(
    month: str, sign_in: Callable[..., Page], visit: Callable[..., Page], size: tuple[int, int]
) -> None:
    page = sign_in(Role.FINANCE_OFFICER, size=size)
    for tab, words in (("mine", "试算平衡表"), ("all", "日记账"), ("waiting", "")):
        visit(page, f"/reports/?tab={tab}", f"V15-{tab}-{size[0]}")
        expect(page.locator("main")).to_contain_text(words)

    page.goto("/reports/?tab=all")
    page.locator(".filters input[name=q]").fill("试算")
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(1)


def test_sealed_figures_are_compared_followed_and_confirmed(
    month: str, sign_in: Callable[..., Page], visit: Callable[..., Page]
) -> None:
    page = sign_in(Role.FINANCE_OFFICER)
    page.goto("/reports/?tab=waiting")
    page.locator("main").get_by_role("link", name="试算平衡表").click()
    visit(page, f"/reports/trial_balance/?period={month}")
    expect(page.locator(".band")).to_contain_text("已封存")

    page.get_by_role("link", name="上期").click()
    row = page.locator("tbody tr", has_text="1002")
    expect(row).to_contain_text("100.00 ▲ +150.00")
    visit(page, page.url, "V15-compare-1440")
    page.get_by_role("link", name="去年同期").click()
    expect(page.locator("main")).to_contain_text(f"{int(month[:4]) - 1}{month[4:]}")

    page.get_by_role("button", name="确认数字").click()
    expect(page.locator("#messages")).to_contain_text("你已确认")
    assert ReportConfirmation.objects.count() == 1
    page.goto("/reports/?tab=waiting")
    expect(page.locator("main")).to_contain_text("都已确认")

    page.goto(f"/reports/trial_balance/?period={month}")
    page.locator("tbody tr", has_text="1002").get_by_role("link", name="250.00").first.click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody")).to_contain_text("JV-")
    page.go_back()
    page.keyboard.press("[")
    expect(page.locator(".band")).to_contain_text("未结")


def test_a_report_is_left_and_taken_back_and_final_figures_are_signed_by_two(
    month: str, sign_in: Callable[..., Page], visit: Callable[..., Page]
) -> None:
    page = sign_in(Role.FINANCE_OFFICER)
    page.goto("/reports/?tab=all&q=试算")
    page.get_by_role("button", name="退订").click()
    expect(page.locator("#messages")).to_contain_text("已退订")
    page.get_by_role("button", name="订阅").click()
    expect(page.locator("#messages")).to_contain_text("已订阅")

    page.goto(f"/reports/trial_balance/?period={month}")
    page.get_by_role("button", name="签字：编制").click()
    expect(page.locator("main")).to_contain_text("编制：赵敏")
    expect(page.get_by_role("button", name="签字：批准")).to_have_count(0)
    other = sign_in(Role.FINANCE_MANAGER)
    visit(other, f"/reports/trial_balance/?period={month}", "V15-sign-1440")
    other.get_by_role("button", name="签字：批准").click()

    expect(other.locator("main")).to_contain_text("批准：郑芳")
