"""Policy, patrol, outliers and bulk changes on the screens, at the desk and in the hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from catalog.choices.patrol import CaseState
from catalog.models import PriceChange, PriceOutlier, PricePolicy, PriceViolation
from catalog.selectors import prices
from catalog.services import patrol, penalties, rivals
from catalog.types.patrol import RivalRow, ShownRow
from ops.engines.kernel.parse import BUSINESS_ZONE, business_day
from tests.screens import checks
from tests.screens.conftest import Site, look
from tests.support import company as companies
from tests.support.company import SYSTEM, Company

HAND = (360, 780)
pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def company(site: Site) -> Company:
    """Found the company; its channel shows two wrong prices, and rivals are cheaper."""
    now = timezone.now()
    made = companies.build(at=now)
    shown = {"WJ-2207": ("60.00", None), "MZ-3310": ("85.00", "188.00"), "ST-4105": ("59.00", None)}
    rivals.take_shown(
        channel_id=made.channel_id,
        rows=[
            ShownRow(
                sku_id=made.skus[code],
                price=Decimal(price),
                struck=None if struck is None else Decimal(struck),
                seen_at=now,
            )
            for code, (price, struck) in shown.items()
        ],
        source="tests",
        actor=SYSTEM,
        at=now,
    )
    rivals.record_prices(
        rows=[
            RivalRow(
                sku_id=made.skus["YR-1001-S"],
                rival="云裳旗舰店",
                price=Decimal("299.00"),
                seen_on=business_day(now),
                source="云裳旗舰店商品页",
            )
        ],
        actor=SYSTEM,
        at=now,
    )
    patrol.patrol(actor=SYSTEM, at=now)
    patrol.check_rivals(actor=SYSTEM, at=now)
    return made


def typed(at: dt.datetime) -> str:
    """Return a moment as people type it."""
    return at.astimezone(BUSINESS_ZONE).strftime("%Y-%m-%d %H:%M")


def test_a_severe_case_is_handled_and_the_offer_put_back(
    company: Company, sign_in: Callable[..., Page]
) -> None:
    page = sign_in("supervisor", user=company.user("supervisor"))
    page.goto("/price-violations/")
    look(page, "price-violations-1440")
    checks.all_of(page)
    case = PriceViolation.objects.get(kind="below_floor")
    page.goto(f"/price-violations/{case.pk}/")
    expect(page.locator("body")).to_contain_text("已停售")
    look(page, "price-violation-1440")
    checks.all_of(page)
    page.goto(f"/skus/{company.skus['WJ-2207']}/")
    look(page, "sku-suspended-1440")
    hand = sign_in("supervisor", user=company.user("supervisor"), size=HAND)
    hand.goto(f"/price-violations/{case.pk}/")
    checks.all_of(hand)
    look(hand, "price-violation-360")

    patrol.handle(
        case_id=case.pk,
        handling="渠道已改回",
        lift=True,
        actor=company.actor("supervisor"),
        at=timezone.now(),
    )
    page.goto(f"/price-violations/{case.pk}/")

    expect(page.locator("body")).to_contain_text("渠道已改回")
    case.refresh_from_db()
    assert case.state == CaseState.HANDLED


def test_the_log_a_penalty_and_the_calendar_at_both_widths(
    company: Company, sign_in: Callable[..., Page]
) -> None:
    now = timezone.now()
    case = PriceViolation.objects.get(kind="no_proof")
    penalties.confirm(
        case_id=case.pk,
        rule="价格管理规定 第三条",
        statement="漏改一个规格",
        actor=company.actor("compliance"),
        at=now,
    )
    desk = sign_in("supervisor", user=company.user("supervisor"))
    hand = sign_in("supervisor", user=company.user("supervisor"), size=HAND)
    month = f"{business_day(now) + dt.timedelta(days=14):%Y-%m}"
    pages = {
        "price-patrols": "/price-patrols/",
        "price-penalties": "/price-penalties/",
        "price-violation-held": f"/price-violations/{case.pk}/",
        "promotion-calendar": f"/promotion-calendar/{month}/",
        "festivals": "/festivals/",
        "festival-new": "/festivals/new/",
    }

    for name, address in pages.items():
        for page, width in ((desk, 1440), (hand, 360)):
            page.goto(address)
            checks.all_of(page)
            look(page, f"{name}-{width}")
    expect(hand.locator("body")).to_contain_text("节日")


def test_an_outlier_leads_to_a_draft(company: Company, sign_in: Callable[..., Page]) -> None:
    page = sign_in("specialist", user=company.user("specialist"))
    page.goto("/price-outliers/")
    look(page, "price-outliers-1440")
    checks.all_of(page)
    outlier = PriceOutlier.objects.get(sku_id=company.skus["YR-1001-S"])
    page.goto(f"/price-outliers/{outlier.pk}/")
    look(page, "price-outlier-1440")
    checks.all_of(page)
    page.goto("/competitor-prices/")
    checks.all_of(page)
    look(page, "competitor-prices-1440")


def test_a_rule_and_a_percentage_draft_prices(
    company: Company, sign_in: Callable[..., Page]
) -> None:
    page = sign_in("specialist", user=company.user("specialist"))
    start = timezone.now() + dt.timedelta(days=1)
    page.goto("/price-changes/by-rule/")
    look(page, "price-rule-1440")
    checks.all_of(page)
    page.locator("#channel").select_option(label="天猫旗舰店")
    page.locator("#percent").fill("-5")
    page.locator("#ending").select_option(label=".99")
    page.locator("#starts_at").fill(typed(start))
    page.locator("#reason").fill("冬季")
    page.get_by_role("button", name="存草稿").first.click()
    page.wait_for_url("**/price-changes/*/")
    look(page, "price-change-by-rule-1440")
    checks.all_of(page)
    change = PriceChange.objects.latest("pk")
    assert change.lines.count() == 5

    page.goto("/price-changes/new/")
    page.locator("#channel").select_option(label="天猫旗舰店")
    page.locator("#reason").fill("让利")
    page.locator("#starts_at").fill(typed(start))
    page.locator("#lines-0-sku").fill("ST-4105")
    page.locator("#lines-0-price").fill("=-5%")
    look(page, "price-change-form-1440")
    page.get_by_role("button", name="存草稿").first.click()
    page.wait_for_url("**/price-changes/*/")

    line = PriceChange.objects.latest("pk").lines.get()
    now = prices.price_at(sku_ids=[line.sku_id], channel_id=company.channel_id, at=timezone.now())
    assert now == {line.sku_id: Decimal("59.00")}
    assert line.new_price == Decimal("56.05")
    page.goto("/price-changes/from-file/")
    checks.all_of(page)
    look(page, "price-file-1440")


def test_a_policy_is_drafted_by_the_operations_manager(
    company: Company, sign_in: Callable[..., Page]
) -> None:
    page = sign_in("manager", user=company.user("manager"))
    page.goto("/price-policies/")
    look(page, "price-policies-empty-1440")
    checks.all_of(page)
    page.goto("/price-policies/new/")
    checks.all_of(page)
    look(page, "price-policy-form-1440")
    page.locator("#reason").fill("年度定价策略")
    page.get_by_role("button", name="存草稿").first.click()
    page.wait_for_url("**/price-policies/*/")

    look(page, "price-policy-1440")
    checks.all_of(page)
    assert PricePolicy.objects.get().owner_id == company.persons["manager"]
