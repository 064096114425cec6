"""The impact on the screens: worked out on the draft, cited on a phone, compared afterwards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from catalog.models import ImpactReport, PriceChange
from catalog.services import impact, pricing
from catalog.types.prices import PriceLine
from customers.models import Order, OrderLine
from ops.engines.kernel.parse import business_day
from tests.screens import checks
from tests.screens.conftest import Site, look
from tests.support import company as companies
from tests.support.company import SYSTEM, Company

PHONE = (360, 740)
CODE, OLD, NEW = "WJ-2207", Decimal("159.00"), Decimal("149.00")
pytestmark = [pytest.mark.browser, pytest.mark.slow]


@dataclass
class Story:
    """The company with a past, and one drafted price."""

    company: Company
    change_id: int
    now: dt.datetime

    @property
    def change(self) -> PriceChange:
        """Return the price change as it stands."""
        return PriceChange.objects.get(pk=self.change_id)


def _sell(company: Company, number: str, pieces: int, price: Decimal, day: dt.date) -> None:
    order = Order.objects.create(
        number=number,
        channel_id=company.channel_id,
        external_no=number,
        state="paid",
        total=price * pieces,
        placed_at=timezone.now(),
        paid_at=timezone.now(),
        business_day=day,
    )
    OrderLine.objects.create(
        order=order,
        line_no=1,
        sku_id=company.skus[CODE],
        quantity=pieces,
        unit_price=price,
        amount=price * pieces,
    )


@pytest.fixture(scope="module")
def story(site: Site) -> Story:
    """Found the company, sell forty scarves in the past, draft a lower price."""
    now = timezone.now()
    made = companies.build(at=now)
    for number in range(1, 21):
        day = business_day(now) - dt.timedelta(days=number)
        _sell(made, f"SO-H{number:03}", 2, OLD, day)
    change = pricing.draft_price_change(
        channel_id=made.channel_id,
        reason="竞品降价",
        starts_at=now + dt.timedelta(hours=1),
        ends_at=now + dt.timedelta(days=7),
        lines=[PriceLine(sku_id=made.skus[CODE], price=NEW, rival=Decimal("148.00"))],
        actor=made.actor("specialist", at=now),
        at=now,
    )
    return Story(made, change.id, now)


def test_the_drafter_works_the_impact_out(story: Story, sign_in: Callable[..., Page]) -> None:
    page = sign_in("specialist", user=story.company.user("specialist"))
    page.goto(f"/price-changes/{story.change_id}/")
    expect(page.locator("main")).to_contain_text("当前草稿对真实订单的影响还没有计算。")
    more = page.locator("details.menu summary")
    if more.count():
        more.first.click()
    page.get_by_role("button", name="计算影响").first.click()
    page.locator("dialog[open] button.is-primary, dialog[open] button.is-go").first.click()

    # Forty scarves: 6,360.00 without, 5,960.00 with, -6.3 %.
    expect(page.locator("#messages")).to_contain_text("20 张真实订单")
    expect(page.locator("main")).to_contain_text("−6.3%")
    look(page, "impact-draft-1440")
    checks.all_of(page)
    figures = ImpactReport.objects.get().figures
    assert (figures["revenue_before"], figures["revenue_after"]) == ("6360.00", "5960.00")
    page.get_by_role("link", name="6,360.00").first.click()
    assert page.url.endswith("#impact-skus")
    expect(page.locator("#impact-skus")).to_be_visible()


def test_the_decider_reads_it_on_a_phone(story: Story, sign_in: Callable[..., Page]) -> None:
    pricing.submit_price_change(
        change_id=story.change_id,
        actor=story.company.actor("specialist", at=story.now),
        at=story.now,
    )
    page = sign_in("supervisor", user=story.company.user("supervisor"), size=PHONE)
    page.goto(f"/approvals/{story.change.approval_id}/")

    expect(page.locator("main")).to_contain_text("重放收入（%）")
    expect(page.locator("main")).to_contain_text("不增加也不减少需求")
    look(page, "impact-decide-360")
    checks.all_of(page)
    page.get_by_role("button", name="同意", exact=True).tap()
    sheet = page.locator("#sheet-approve")
    expect(sheet).to_contain_text("−6.3")
    sheet.locator("button.is-primary").tap()
    expect(page.locator("#messages")).to_contain_text(f"已同意 {story.change.number}")


def test_the_outcome_stands_on_the_page(story: Story, sign_in: Callable[..., Page]) -> None:
    start = story.change.starts_at
    pricing.activate_due(actor=SYSTEM, at=start)
    _sell(story.company, "SO-T001", 3, NEW, business_day(start))
    impact.measure_outcomes(actor=SYSTEM, at=start + dt.timedelta(days=1))

    page = sign_in("supervisor", user=story.company.user("supervisor"), size=PHONE)
    page.goto(f"/price-changes/{story.change_id}/")
    expect(page.locator("#impact-outcome")).to_contain_text("预测与结果")
    expect(page.locator("#impact-outcome")).to_contain_text("447")
    look(page, "impact-outcome-360")
    checks.all_of(page)
