"""An order with discounts, a coupon and a gift: its page, its return, and its promotion's page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from catalog.models import Coupon, Promotion
from catalog.selectors import live_promotions
from catalog.services import coupons, promotions
from catalog.types.promotions import PromotionPlan
from customers.choices import TierSource
from customers.models import Order
from customers.services import placing, tiers
from customers.types import BuyerDraft, LineDraft, OrderDraft, TierWish
from ops.engines.approvals import services as approvals
from ops.engines.approvals.models import Request
from tests.customers.promoted import shipped_of
from tests.screens import checks
from tests.screens.conftest import PHONE, Site, look
from tests.support import company as companies
from tests.support.company import CHANNEL, SYSTEM, Company

pytestmark = pytest.mark.browser
CAPS = {"budget": "20000"}
TOGETHER = {"stacking": {"combines_with": ["*"]}}
DESK = (1280, 800)


@dataclass
class Sold:
    """The company and an order that used three promotions."""

    company: Company
    order: Order
    promotion: Promotion


def running(company: Company, title: str, rule: dict[str, Any], **more: Any) -> int:
    """Write, decide and start a promotion yesterday."""
    now = timezone.now()
    then = now - dt.timedelta(days=2)
    writer = company.actor("specialist")
    plan = PromotionPlan(
        title=title, aim="年前清冬季库存", rule={**rule, "caps": CAPS}, stock_note="充足",
        risk="节后退货", no_material="只改价格", starts_at=now - dt.timedelta(days=1),
        ends_at=now + dt.timedelta(days=6), **more,
    )  # fmt: skip
    made = promotions.draft(channel_id=company.channel_id, plan=plan, actor=writer, at=then)
    promotions.submit(promotion_id=made.id, actor=writer, at=then)
    request = Request.objects.get(subject_type="catalog.promotion", subject_id=made.id)
    approvals.approve(
        request_id=request.pk, content_hash=request.content_hash,
        actor=company.actor("supervisor"), at=then,
    )  # fmt: skip
    promotions.run_clock(actor=SYSTEM, at=now - dt.timedelta(days=1))
    return made.id


@pytest.fixture(scope="module")
def sold(site: Site) -> Sold:
    """Let a member's order use a spend-and-save, a coupon, a gift and half the shipping fee."""
    live_promotions.forget()
    company = companies.build(at=timezone.now())
    save = {"type": "spend_and_save", "steps": [{"amount": "300", "save": "40"}], **TOGETHER}
    promotion = running(company, "双 12 满 300 减 40", save)
    with_code = running(
        company, "会员九五折券", {"type": "percentage", "value": "5", "coupon": True, **TOGETHER},
        coupon_mode="batch",
    )  # fmt: skip
    gift = {"sku_id": company.skus["MZ-3310"], "quantity": 1, "value": "29.00"}
    rule = {"type": "gift", "gifts": [gift], "condition": {"amount": "200"}}
    running(company, "满 200 送毛线帽", rule, gift_stock=50)
    members = {"amount": "200", "tiers": ["gold"]}
    half = {"type": "free_shipping", "percent": "50", "condition": members}
    running(company, "金卡会员满 200 运费减半", half)
    tiers.set_tiers(
        [TierWish(buyer="TB-8812", tier="gold", reason="近一年实付满 2,000 元")],
        channel_id=company.channel_id, source=TierSource.COMPUTED, actor=SYSTEM,
        at=timezone.now() - dt.timedelta(days=1),
    )  # fmt: skip
    coupons.make_batch(
        promotion_id=with_code, count=1, actor=company.actor("specialist"), at=timezone.now()
    )
    now = timezone.now()
    done = placing.place_order(
        OrderDraft(
            external_no="TM-8812-07", placed_at=now - dt.timedelta(minutes=5),
            paid_at=now - dt.timedelta(minutes=4), buyer=BuyerDraft(code="TB-8812"),
            lines=(LineDraft(code="WJ-2207", quantity=2), LineDraft(code="ST-4105", quantity=1)),
            coupons=(Coupon.objects.get().code,), shipping=Decimal("12.00"),
        ),
        channel=CHANNEL, actor=SYSTEM, at=now,
    )  # fmt: skip
    order = shipped_of(done.order_id, at=now)
    return Sold(company, order, Promotion.objects.get(pk=promotion))


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["1280", "360"])
def test_the_order_explains_each_discount_and_leads_to_the_promotion(
    sold: Sold, sign_in: Callable[..., Page], size: tuple[int, int]
) -> None:
    page = sign_in("specialist", user=sold.company.user("specialist"), size=size)

    page.goto(f"/orders/{sold.order.number}/")
    look(page, f"order-promoted-{size[0]}")
    checks.all_of(page)
    expect(page.locator("main")).to_contain_text("的赠品")
    expect(page.locator("#promotions")).to_contain_text("运费减免")
    page.get_by_role("link", name=sold.promotion.number).first.click()
    page.wait_for_url(f"**/promotions/{sold.promotion.pk}/")
    expect(page.locator("main")).to_contain_text(sold.order.number)
    look(page, f"promotion-uses-{size[0]}")
    checks.all_of(page)
    page.get_by_role("link", name=sold.order.number).first.click()
    page.wait_for_url(f"**/orders/{sold.order.number}/")
    page.goto(f"/customers/{sold.order.customer_id}/")
    expect(page.locator("#tiers")).to_contain_text("近一年实付满 2,000 元")
    look(page, f"customer-tier-{size[0]}")
    checks.all_of(page)


def test_the_return_asks_what_becomes_of_the_gift(sold: Sold, sign_in: Callable[..., Page]) -> None:
    page = sign_in("agent", user=sold.company.user("agent"), size=DESK)

    page.goto(f"/orders/{sold.order.number}/return/")
    page.locator("#line1").fill("2")
    page.locator("#reason").fill("不合适")
    page.locator("form.form button.is-primary").click()
    expect(page.locator("main")).to_contain_text("扣除其价值")
    look(page, "return-gift-due-1280")
    checks.all_of(page)
    page.locator("#gifts").select_option("keep")
    page.locator("form.form button.is-primary").click()
    page.wait_for_url("**/returns/*/")
    expect(page.locator("main")).to_contain_text("29.00")
    look(page, "return-gift-kept-1280")
    checks.all_of(page)
