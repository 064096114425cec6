"""Listings in a browser: the desk, the page, the forms, at a desk, on a phone, in English."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from catalog import ports
from catalog.models import Listing
from catalog.services import listing_rules, upkeep
from ops.engines.identity.choices import Role
from ops.engines.identity.models import Person
from ops.engines.kernel.parse import business_day
from tests.catalog.listed import Stall, open_stall, stocked
from tests.catalog.shop import open_shop
from tests.engines.identity.factories import AT, SYSTEM, account
from tests.screens.conftest import PHONE, Site

pytestmark = pytest.mark.browser
STALLS: dict[str, Stall] = {}


@pytest.fixture
def stall(site: Site, monkeypatch: pytest.MonkeyPatch) -> Stall:
    """One listing on the shelf with an edit that lacks something; the same on every call."""
    monkeypatch.setattr(ports.sellable_pieces, "_answer", stocked)
    if site.url in STALLS:
        return STALLS[site.url]
    for text, kind in (("全网最佳", "superlative"), ("国家级", "banned")):
        listing_rules.list_word(
            text=text,
            kind=kind,
            since=business_day(AT),
            reason="广告法第九条",
            actor=SYSTEM,
            at=AT,
        )
    shop = open_shop()
    account("editors", Role.WEB_EDITING_SUPERVISOR)
    account("compliance", Role.COMPLIANCE_OFFICER)
    for person, name in zip(Person.objects.order_by("pk"), "甲乙丙丁戊己", strict=True):
        person.name = f"同事{name}"
        person.save(update_fields=["name"])
    made = open_stall(shop)
    made.list()
    made.write(title="羊绒圆领衫 全网最佳", use="国家级工艺。", why="换季改标题")
    upkeep.scan_completeness(actor=SYSTEM, at=AT, progress=lambda _d, _t, _s: None)
    return STALLS.setdefault(site.url, made)


def test_the_desk_shows_how_complete_and_the_page_what_to_do(
    stall: Stall, sign_in: Callable[..., Page], visit: Callable[..., Page]
) -> None:
    page = sign_in("operations_supervisor")

    visit(page, "/listings/", "listings-list")
    expect(page.get_by_role("row")).to_have_count(Listing.objects.count() + 1)
    visit(page, f"/listings/{stall.listing_id}/", "listings-page")
    expect(page.get_by_text("“国家级”为禁用词", exact=False).first).to_be_visible()
    expect(page.get_by_text("对比：在线与新版")).to_be_visible()
    visit(page, f"/listings/{stall.listing_id}/edit/", "listings-edit")
    visit(page, "/listing-rules/new/", "listings-rule")


def test_words_bans_reviews_and_tasks_have_their_desks(
    stall: Stall, sign_in: Callable[..., Page], visit: Callable[..., Page]
) -> None:
    page = sign_in("compliance_officer")

    visit(page, "/listed-words/", "listings-words")
    expect(page.get_by_role("row")).to_have_count(3)
    visit(page, "/forbidden-goods/new/", "listings-ban")
    visit(page, "/quality-reviews/", "listings-reviews")
    visit(page, "/listing-tasks/", "listings-tasks")
    visit(page, "/forbidden-goods/", "listings-bans")


def test_they_are_read_on_a_phone_and_in_english(
    stall: Stall, sign_in: Callable[..., Page], visit: Callable[..., Page]
) -> None:
    phone = sign_in("operations_supervisor", size=PHONE)
    visit(phone, "/listings/", "listings-list-phone")
    visit(phone, f"/listings/{stall.listing_id}/", "listings-page-phone")

    page = sign_in("operations_supervisor", locale="en-US")
    visit(page, "/listings/", "listings-list-en")
    expect(page.get_by_role("heading", name="Listings")).to_be_visible()
