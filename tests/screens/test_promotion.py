"""A promotion on the screens: written, tried, handed in, approved on a phone, live, over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from catalog.models import Promotion
from catalog.selectors import live_promotions, quotes
from catalog.services import promotions
from catalog.types.promotions import WantedBasket, WantedLine
from ops.engines.approvals.models import Decision
from ops.engines.kernel.parse import BUSINESS_ZONE
from tests.screens import checks
from tests.screens.conftest import DESK, PHONE, Site, look
from tests.support import company as companies
from tests.support.company import SYSTEM, Company

HAND = (390, 844)
CODE = "WJ-2207"
pytestmark = [pytest.mark.browser, pytest.mark.slow]


@dataclass
class Story:
    """The company on the served database, and where the story stands."""

    company: Company
    starts_at: dt.datetime
    ends_at: dt.datetime

    @property
    def promotion(self) -> Promotion:
        """Return the promotion as it stands."""
        return Promotion.objects.get()

    def total(self, at: dt.datetime) -> Decimal:
        """Return what two scarves cost at a moment."""
        live_promotions.forget()
        line = WantedLine(sku_id=self.company.skus[CODE], quantity=2)
        (answer,) = quotes.quote_baskets(
            channel_id=self.company.channel_id,
            channel="tmall",
            currency="CNY",
            wanted=[WantedBasket(lines=[line])],
            at=at,
        )
        return answer.total


@pytest.fixture(scope="module")
def story(site: Site) -> Story:
    """Found the company; the promotion shall start at the next whole hour but one."""
    made = companies.build(at=timezone.now())
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    return Story(made, hour + dt.timedelta(hours=2), hour + dt.timedelta(days=3))


def typed(at: dt.datetime) -> str:
    """Return a moment as people type it."""
    return at.astimezone(BUSINESS_ZONE).strftime("%Y-%m-%d %H:%M")


def test_the_specialist_writes_tries_and_hands_in(
    story: Story, sign_in: Callable[..., Page]
) -> None:
    page = sign_in("specialist", user=story.company.user("specialist"))
    page.goto("/promotions/")
    look(page, "promotions-empty-1440")
    checks.all_of(page)
    page.goto("/promotions/new/")
    look(page, "promotion-types-1440")
    checks.all_of(page)
    page.get_by_role("link", name="满减").click()
    page.wait_for_url("**/promotions/new/spend_and_save/")
    checks.all_of(page)
    page.locator("#steps-0-amount").fill("300")
    page.locator("#steps-0-save").fill("40")
    page.locator("#channel").select_option(label="天猫旗舰店")
    page.locator("#title").fill("双12 满 300 减 40")
    page.locator("#aim").fill("年前清冬季库存")
    page.locator("#starts_at").fill(typed(story.starts_at))
    page.locator("#ends_at").fill(typed(story.ends_at))
    page.locator("#budget").fill("20000")
    page.locator("#stock_note").fill("在库充足，可补货")
    page.locator("#no_material").fill("只改价格")
    page.locator("#risk").fill("节后退货")
    look(page, "promotion-form-1440")
    page.locator("form.form button.is-primary").click()

    page.wait_for_url("**/promotions/*/try/")
    page.locator("#lines-0-sku").fill(CODE)
    page.locator("#lines-0-quantity").fill("2")
    page.locator("form.form button.is-primary").click()
    expect(page.locator("#result")).to_contain_text("278.00")
    look(page, "promotion-try-1440")
    checks.all_of(page)
    page.get_by_role("link", name="去核对").click()
    page.wait_for_url("**/promotions/*/")
    expect(page.locator("main")).to_contain_text("满 300 减 40")
    look(page, "promotion-check-1440")
    checks.all_of(page)
    page.get_by_role("button", name="提交").first.click()
    page.locator("dialog[open] button.is-primary, dialog[open] button.is-go").first.click()
    expect(page.locator("#messages")).to_contain_text(story.promotion.number)

    assert story.promotion.state == "submitted"
    assert story.total(story.starts_at) == Decimal("318.00")


def test_the_supervisor_approves_on_a_phone_in_two_taps(
    story: Story, sign_in: Callable[..., Page]
) -> None:
    page = sign_in("supervisor", user=story.company.user("supervisor"), size=HAND)
    page.goto(f"/approvals/{story.promotion.approval_id}/")
    expect(page.locator("main")).to_contain_text("满 300 减 40")
    expect(page.locator("main")).to_contain_text("20,000.00")
    look(page, "promotion-decide-390")
    checks.all_of(page)

    page.get_by_role("button", name="同意", exact=True).tap()
    page.locator("#sheet-approve button.is-primary").tap()

    expect(page.locator("#messages")).to_contain_text(f"已同意 {story.promotion.number}")
    assert story.promotion.state == "scheduled"
    assert Decision.objects.filter(verdict="approve").count() == 1


def test_it_runs_pauses_and_ends_with_an_outcome(
    story: Story, sign_in: Callable[..., Page]
) -> None:
    promotions.run_clock(actor=SYSTEM, at=story.starts_at)
    assert story.total(story.starts_at) == Decimal("278.00")
    page = sign_in("supervisor", user=story.company.user("supervisor"), size=DESK)
    page.goto(f"/promotions/{story.promotion.pk}/")
    look(page, "promotion-running-1440")
    checks.all_of(page)
    page.goto("/promotions/")
    look(page, "promotions-1440")
    checks.all_of(page)
    promotions.run_clock(actor=SYSTEM, at=story.ends_at)
    page.goto(f"/promotions/{story.promotion.pk}/")
    page.get_by_role("button", name="填写复盘").click()
    page.locator("dialog[open] textarea").fill("售出 280 件，毛利符合预期")
    page.locator("dialog[open] button.is-primary, dialog[open] button.is-go").first.click()
    expect(page.locator("main")).to_contain_text("售出 280 件")
    look(page, "promotion-reviewed-1440")

    assert story.promotion.state == "reviewed"
    assert story.total(story.ends_at) == Decimal("318.00")


def test_the_screens_fit_a_phone(story: Story, sign_in: Callable[..., Page]) -> None:
    page = sign_in("specialist", user=story.company.user("specialist"), size=PHONE)
    for path, name in (
        ("/promotions/", "promotions-360"),
        ("/promotions/new/", "promotion-types-360"),
        ("/promotions/new/flash_sale/", "promotion-form-360"),
        (f"/promotions/{story.promotion.pk}/", "promotion-360"),
        (f"/promotions/{story.promotion.pk}/try/", "promotion-try-360"),
    ):
        page.goto(path)
        look(page, name)
        checks.all_of(page)
