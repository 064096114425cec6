"""A price on the screens: drafted in the form, refused to its drafter, approved with two taps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from catalog.models import PriceChange
from catalog.selectors import prices
from catalog.services import pricing
from ops.engines.approvals.models import Decision
from ops.engines.kernel.parse import BUSINESS_ZONE
from tests.screens import checks
from tests.screens.conftest import DESK, Site, look
from tests.support import company as companies
from tests.support.company import SYSTEM, Company

HAND = (390, 844)
CODE, OLD, NEW = "WJ-2207", Decimal("159.00"), Decimal("149.00")
pytestmark = [pytest.mark.browser, pytest.mark.slow]


@dataclass
class Story:
    """The company on the served database, and where the story stands."""

    company: Company
    starts_at: dt.datetime
    ends_at: dt.datetime

    @property
    def change(self) -> PriceChange:
        """Return the price change as it stands."""
        return PriceChange.objects.get()

    def price(self, at: dt.datetime) -> Decimal | None:
        """Return what the scarf costs at a moment."""
        sku = self.company.skus[CODE]
        return prices.price_at(sku_ids=[sku], channel_id=self.company.channel_id, at=at).get(sku)


@pytest.fixture(scope="module")
def story(site: Site) -> Story:
    """Found the company; the price shall change at the next whole hour but one."""
    made = companies.build(at=timezone.now())
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    return Story(made, hour + dt.timedelta(hours=2), hour + dt.timedelta(days=3))


def typed(at: dt.datetime) -> str:
    """Return a moment as people type it."""
    return at.astimezone(BUSINESS_ZONE).strftime("%Y-%m-%d %H:%M")


@pytest.mark.clause("CAT-4.2-01")
def test_the_specialist_drafts_and_hands_in(story: Story, sign_in: Callable[..., Page]) -> None:
    page = sign_in("specialist", user=story.company.user("specialist"))
    page.goto("/price-changes/")
    look(page, "price-changes-empty-1440")
    checks.all_of(page)
    page.goto("/price-changes/new/")
    checks.all_of(page)
    page.locator("#channel").select_option(label="天猫旗舰店")
    page.locator("#reason").fill("竞品降价")
    page.locator("#starts_at").fill(typed(story.starts_at))
    page.locator("#ends_at").fill(typed(story.ends_at))
    page.locator("#lines-0-sku").fill(CODE)
    page.locator("#lines-0-price").fill(str(NEW))
    page.locator("#lines-0-rival").fill("148.00")
    look(page, "price-form-1440")
    page.locator("form.form button.is-primary").click()

    page.wait_for_url("**/price-changes/*/")
    look(page, "price-draft-1440")
    checks.all_of(page)
    page.get_by_role("button", name="提交").first.click()
    sheet = page.locator("dialog[open]")
    if sheet.count():
        sheet.locator("button.is-primary, button.is-go").first.click()
    expect(page.locator("#messages")).to_contain_text(story.change.number)
    look(page, "price-submitted-1440")

    assert story.change.state == "submitted"
    assert story.price(story.starts_at) == OLD


@pytest.mark.clause("CAT-4.2-01")
@pytest.mark.clause("GEN-1.3-02")
def test_the_requester_sees_the_refusal(story: Story, sign_in: Callable[..., Page]) -> None:
    page = sign_in("specialist", user=story.company.user("specialist"))
    page.goto(f"/approvals/{story.change.approval_id}/")

    button = page.get_by_role("button", name="同意", exact=True)
    expect(button).to_have_attribute("aria-disabled", "true")
    expect(page.locator("#why-not")).to_contain_text("这是你提交的申请，不能由你批准")
    expect(page.locator("#why-not")).to_contain_text("陈立")
    expect(page.locator("#sheet-approve")).to_have_count(0)
    look(page, "price-own-request-1440")
    checks.all_of(page)
    assert not Decision.objects.exists()


@pytest.mark.clause("CAT-4.2-01")
@pytest.mark.clause("CAT-4.2-05")
def test_the_supervisor_approves_with_two_taps(story: Story, sign_in: Callable[..., Page]) -> None:
    page = sign_in("supervisor", user=story.company.user("supervisor"), size=HAND)
    page.goto(f"/approvals/{story.change.approval_id}/")
    expect(page.locator("main")).to_contain_text("149.00")
    expect(page.locator("main")).to_contain_text("159.00")
    look(page, "price-decide-390", full=False)
    look(page, "price-decide-390-full")
    checks.all_of(page)

    page.get_by_role("button", name="同意", exact=True).tap()
    sheet = page.locator("#sheet-approve")
    expect(sheet).to_be_visible()
    look(page, "price-sheet-390", full=False)
    checks.axe(page)
    sheet.locator("button.is-primary").tap()

    expect(page.locator("#messages")).to_contain_text(f"已同意 {story.change.number}")
    assert story.change.state == "scheduled"
    assert Decision.objects.filter(verdict="approve").count() == 1


@pytest.mark.clause("CAT-4.2-01")
def test_the_price_goes_live_and_is_shown(story: Story, sign_in: Callable[..., Page]) -> None:
    pricing.activate_due(actor=SYSTEM, at=story.starts_at)

    assert story.price(story.starts_at) == NEW
    assert story.price(story.ends_at) == OLD
    page = sign_in("supervisor", user=story.company.user("supervisor"), size=DESK)
    page.goto(f"/price-changes/{story.change.pk}/")
    look(page, "price-active-1440")
    checks.all_of(page)
    page.goto(f"/skus/{story.company.skus[CODE]}/")
    expect(page.locator("main")).to_contain_text("149.00")
    look(page, "price-sku-1440")
    checks.all_of(page)
