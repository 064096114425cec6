"""Display plans in a browser: slots, replacements, clicks and the form; at a desk, on a phone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from catalog.choices.pages import PageKind
from catalog.models import OfferSuspension
from catalog.services import displaying, shown_figures
from catalog.services import pages as services
from catalog.types.shown_figures import Figure, SlotPlace
from ops.engines.identity.choices import Role
from ops.engines.kernel.parse import business_day
from ops.engines.revisions import services as revisions
from tests.catalog.displayed import KIND, plan, slot
from tests.catalog.pages import House
from tests.screens.conftest import PHONE, Site
from tests.support import company as companies
from tests.support.company import SYSTEM

pytestmark = pytest.mark.browser
PEOPLE = (Role.WEB_EDITING_SUPERVISOR, Role.OPERATIONS_SUPERVISOR, Role.OPERATIONS_SPECIALIST)
SLOTS = (
    slot("hero", 1, title="首屏主推", size="key", pinned="WJ-2207"),
    slot("hot", 2, title="热销榜", size="large"),
    slot("pick", 3, title="猜你喜欢"),
)


def opened(site: Site, now: dt.datetime) -> int:
    """Let a plan live with one replacement and a week of clicks; return its page."""
    company = companies.build(at=now - dt.timedelta(days=9))
    at = now - dt.timedelta(days=8)
    house = House(company.channel_id)
    for role in PEOPLE:
        house.let_in(role, site.user(role))
    page_id = house.page_id("home")
    specialist = house.actor(Role.OPERATIONS_SPECIALIST, at=at)
    made = revisions.draft(
        kind=KIND, subject_id=page_id, content=plan(*SLOTS), why="换季", actor=specialist, at=at
    )
    services.render_previews(revision_id=made.id, actor=specialist, at=at)
    house.decide(revisions.submit(revision_id=made.id, actor=specialist, at=at), at=at)
    OfferSuspension.objects.create(
        channel_id=company.channel_id, sku_id=company.skus["WJ-2207"], reason="核查", since=at
    )
    displaying.watch(actor=SYSTEM, at=now)
    shown_figures.take(
        channel_id=company.channel_id,
        figures=[
            Figure(
                place=SlotPlace(PageKind.HOME, key), sku_id=company.skus["YR-1001-S"],
                day=business_day(now) - dt.timedelta(days=day), shown=times + 37 * day,
                clicks=clicks + day, orders=day % 3,
            )
            for key, times, clicks in (("hero", 5200, 240), ("hot", 2900, 90), ("pick", 1800, 31))
            for day in range(1, 8)
        ],
        source="tests", actor=SYSTEM, at=now,
    )  # fmt: skip
    return page_id


def test_slots_replacements_and_clicks_are_read_at_a_desk_and_on_a_phone(
    site: Site, sign_in: Callable[..., Page], visit: Callable[..., Page]
) -> None:
    page_id = opened(site, timezone.now())
    page = sign_in("operations_specialist", user=site.user(Role.OPERATIONS_SPECIALIST))
    visit(page, "/display-plans/", "display-list")
    visit(page, f"/display-plans/{page_id}/", "display-plan")
    expect(page.get_by_text("代替 WJ-2207", exact=False).first).to_be_visible()
    visit(page, f"/display-plans/{page_id}/edit/", "display-form")

    phone = sign_in("operations_supervisor", size=PHONE)
    visit(phone, f"/display-plans/{page_id}/", "display-plan-phone")
    visit(phone, "/shown-figures/", "display-figures-phone")

    expect(phone.get_by_role("heading", name="展示点击明细")).to_be_visible()
