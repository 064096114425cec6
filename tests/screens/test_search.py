"""Search, words in vain and new products in a browser: at a desk, on a phone, in both languages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from catalog.choices.search import MissDecision
from catalog.models import SearchMiss, SelectionProposal, Sku
from catalog.services import searching, selecting
from catalog.types.selection import ProposalDraft, RivalOffer
from tests.screens.conftest import PHONE, Site
from tests.support import company as companies
from tests.support.company import SYSTEM

pytestmark = pytest.mark.browser


def _open(now: dt.datetime) -> None:
    if not Sku.objects.exists():
        companies.build(at=now - dt.timedelta(days=40))


@pytest.fixture
def missed(site: Site) -> SearchMiss:
    """Words of two weeks that found nothing, one decided; the same on every call."""
    if not SearchMiss.objects.exists():
        now = timezone.now()
        _open(now)
        for word, times in (("登山杖", 3), ("围脖", 5), ("瑜伽垫", 1)):
            for days in (0, 7):
                for _ in range(times):
                    searching.note_miss(text=word, at=now - dt.timedelta(days=days))
        searching.decide_miss(
            miss_id=SearchMiss.objects.filter(word="瑜伽垫").order_by("pk")[0].pk,
            decision=MissDecision.DISMISSED,
            note="不经营运动器材",
            actor=SYSTEM,
            at=now,
        )
    return SearchMiss.objects.filter(word="围脖").order_by("-week_on")[0]


@pytest.fixture
def proposed(site: Site) -> SelectionProposal:
    """A proposal as it was drafted, and one that waits; the same on every call."""
    if not SelectionProposal.objects.exists():
        now = timezone.now()
        _open(now)
        draft = ProposalDraft(
            name="轻量羽绒背心",
            category_id=Sku.objects.select_related("product").order_by("pk")[0].product.category_id,
            demand="近三个月站内搜索“羽绒背心”无结果 214 次；客服收到 37 次询问",
            trend="通勤轻量化，平台同类目近 90 天销售额增长 38%",
            target_group="25 至 35 岁通勤女性",
            brand_fit="与羊绒线同客群，可做内搭组合",
            price=Decimal("229.00"),
            unit_cost=Decimal("96.00"),
            monthly_sales=420,
            demand_mark=85,
            trend_mark=75,
            fit_mark=90,
            rivals=(
                RivalOffer(rival="甲", goods="羽绒马甲", price=Decimal("259.00"), source="旗舰店"),
                RivalOffer(rival="乙", goods="轻羽绒", price=Decimal("239.00"), source="专柜"),
            ),
            risk="暖冬时需求可能减半",
        )
        selecting.draft_proposal(
            draft=replace(draft, name="发热手套", demand_mark=20, fit_mark=10),
            actor=SYSTEM,
            at=now,
        )
        selecting.draft_proposal(draft=draft, actor=SYSTEM, at=now)
    return SelectionProposal.objects.order_by("-pk")[0]


def test_goods_are_searched_and_words_are_decided_at_a_desk(
    missed: SearchMiss, sign_in: Callable[..., Page], visit: Callable[..., Page]
) -> None:
    page = sign_in("operations_supervisor")

    visit(page, "/skus/?q=羊绒", "search-goods")
    expect(page.get_by_text("羊绒圆领衫").first).to_be_visible()
    visit(page, "/search-misses/", "search-misses")
    visit(page, f"/search-misses/{missed.pk}/", "search-miss")
    visit(page, "/search-synonyms/", "search-synonyms")
    visit(page, "/search-synonyms/new/", "search-synonym-new")


def test_words_are_read_on_a_phone_and_in_english(
    missed: SearchMiss, sign_in: Callable[..., Page], visit: Callable[..., Page]
) -> None:
    phone = sign_in("operations_supervisor", size=PHONE)
    visit(phone, "/search-misses/", "search-misses-phone")
    visit(phone, f"/search-misses/{missed.pk}/", "search-miss-phone")

    english = sign_in("operations_supervisor", locale="en")
    visit(english, f"/search-misses/{missed.pk}/", "search-miss-en")

    expect(english.get_by_text("Enter as synonym").first).to_be_visible()


def test_a_proposal_is_read_and_written(
    proposed: SelectionProposal, sign_in: Callable[..., Page], visit: Callable[..., Page]
) -> None:
    page = sign_in("operations_supervisor")
    visit(page, "/selection-proposals/", "selection-list")
    visit(page, f"/selection-proposals/{proposed.pk}/", "selection-proposal")
    expect(page.get_by_text("评分构成").first).to_be_visible()

    phone = sign_in("operations_supervisor", size=PHONE)
    visit(phone, "/selection-proposals/", "selection-list-phone")
    visit(phone, f"/selection-proposals/{proposed.pk}/", "selection-proposal-phone")

    writer = sign_in("operations_specialist")
    visit(writer, "/selection-proposals/new/", "selection-form")
    expect(writer.get_by_text("目标客群").first).to_be_visible()
