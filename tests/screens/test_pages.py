"""Shop pages in a browser: composed, seen in two widths, compared; at a desk and on a phone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from catalog.models import Channel, PageModule, Sku
from catalog.services import pages as services
from ops.engines.identity.choices import Role
from ops.engines.revisions import services as revisions
from tests.catalog import pages
from tests.catalog.pages import House
from tests.screens.conftest import PHONE, Site
from tests.support import company as companies

pytestmark = pytest.mark.browser

PLAN = {
    "position": "都市女性的日常羊绒",
    "audience": "一二线城市 25 至 40 岁女性",
    "price_low": "99.00",
    "price_high": "399.00",
    "style": "暖灰为主，一处点缀色，大量留白；标题不超过 14 字。",
    "demand": [
        {"finding": "“羊绒开衫”搜索量同比上升 18%", "source": "行业趋势周报 2026-11"},
        {"finding": "店铺客单价集中在 150 至 260 元", "source": "订单分析 2026 年三季度"},
    ],
}
BANNER = {
    "title": "横幅",
    "owner": "designer",
    "fields": [
        {"key": "headline", "title": "标题", "kind": "text", "required": True, "most": 30},
        {"key": "words", "title": "说明", "kind": "lines", "most": 200},
        {"key": "more", "title": "链接", "kind": "link"},
    ],
}
GRID = {
    "title": "商品格",
    "owner": "operations_specialist",
    "fields": [
        {"key": "headline", "title": "标题", "kind": "text", "required": True, "most": 30},
        {"key": "goods", "title": "商品", "kind": "goods", "most": 8},
    ],
}

PEOPLE = (
    Role.WEB_EDITING_SUPERVISOR,
    Role.OPERATIONS_SUPERVISOR,
    Role.OPERATIONS_MANAGER,
    Role.OPERATIONS_SPECIALIST,
)


def design(codes: list[str], headline: str) -> dict[str, Any]:
    """Return a home page of two modules."""
    return {
        "title": "冬季首页",
        "plan": 1,
        "modules": [
            {
                "key": "top",
                "module": "banner",
                "version": 1,
                "values": {
                    "headline": headline,
                    "words": "本周新到 40 款羊绒，均可 7 天退换。",
                    "more": "/new",
                },
            },
            {
                "key": "new",
                "module": "grid",
                "version": 1,
                "values": {"headline": "本周上新", "goods": codes},
            },
        ],
        "checklist": dict(pages.CHECKLIST),
    }


@pytest.fixture
def house(site: Site) -> House:
    """A shop whose home page is live, with the next version drafted; the same on every call."""
    if PageModule.objects.exists():
        return peopled(House(Channel.objects.get(code=companies.CHANNEL).pk), site)
    now = timezone.now()
    before = now - dt.timedelta(days=10)
    company = companies.build(at=now - dt.timedelta(days=40))
    made = peopled(House(company.channel_id), site)
    made.published("catalog.shop_plan", made.channel_id, PLAN, at=before)
    for code, content in (("banner", BANNER), ("grid", GRID)):
        made.published("catalog.page_module", pages.module(code), content, at=before)
    codes = sorted(Sku.objects.filter(pk__in=company.skus.values()).values_list("code", flat=True))
    home = made.page_id("home")
    made.published("catalog.page_design", home, design(codes[:4], "秋日暖意"), at=before)
    made.published(
        "catalog.trade_step", made.step_id("pay"),
        {"title": "付款", "text": "", "link": "https://help.tmall.example/pay"}, at=before,
    )  # fmt: skip
    next_one = revisions.draft(
        kind="catalog.page_design",
        subject_id=home,
        content=design(codes[:6], "冬日暖意，第二件半价"),
        why="换季：首页换冬季主题",
        actor=made.writer("catalog.page_design", now),
        at=now,
    )
    services.render_previews(
        revision_id=next_one.id, actor=made.writer("catalog.page_design", now), at=now
    )
    return made


def peopled(house: House, site: Site) -> House:
    """Let the people of the site work in the channel."""
    for role in PEOPLE:
        house.let_in(role, site.user(role))
    return house


def test_a_page_is_composed_and_looked_at_in_two_widths(
    house: House, sign_in: Callable[..., Page], visit: Callable[..., Page]
) -> None:
    page = sign_in("operations_specialist", user=house.users[Role.OPERATIONS_SPECIALIST])
    home = house.page_id("home")

    visit(page, "/shop-pages/", "pages-list")
    visit(page, f"/shop-pages/{home}/", "pages-page")
    expect(page.get_by_role("img", name="360 像素宽的页面")).to_be_visible()
    expect(page.get_by_text("冬日暖意，第二件半价").first).to_be_visible()
    visit(page, f"/shop-pages/{home}/edit/", "pages-form")
    visit(page, "/page-modules/", "pages-modules")
    visit(page, f"/page-modules/{PageModule.objects.get(code='banner').pk}/", "pages-module")


def test_shops_and_steps_are_read_at_a_desk(
    house: House, sign_in: Callable[..., Page], visit: Callable[..., Page]
) -> None:
    page = sign_in("operations_supervisor")

    visit(page, "/shop-plans/", "pages-shops")
    visit(page, f"/shop-plans/{house.channel_id}/", "pages-shop")
    visit(page, "/trade-steps/", "pages-steps")
    visit(page, f"/trade-steps/{house.step_id('pay')}/", "pages-step")


def test_they_are_read_on_a_phone_and_in_english(
    house: House, sign_in: Callable[..., Page], visit: Callable[..., Page]
) -> None:
    phone = sign_in("operations_supervisor", size=PHONE)
    visit(phone, f"/shop-pages/{house.page_id('home')}/", "pages-page-phone")
    visit(phone, f"/shop-plans/{house.channel_id}/", "pages-shop-phone")
    english = sign_in("operations_supervisor", locale="en")
    visit(english, f"/shop-pages/{house.page_id('home')}/", "pages-page-en")
