"""The screens of shop pages without a browser: written, looked at, handed in, brought back."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.models import PageModule, PagePreview, ShopPage
from ops.engines.identity.choices import Role
from ops.engines.revisions import selectors as versions
from ops.engines.revisions.models import Revision
from tests.catalog import pages
from tests.catalog.pages import House
from tests.compliance.conftest import enter
from tests.engines.identity.factories import account

LIST_BUDGET, RECORD_BUDGET = 8, 15


@pytest.fixture(name="house")
def fixture_house(db: None) -> House:
    """Return an own channel with a plan and a module type in force."""
    made = pages.house()
    made.make_ready()
    return made


def browser(house: House, role: str) -> Client:
    house.actor(role)
    return enter(house.users[role])


def content_of(kind: str, subject_id: int) -> Any:
    made = versions.open_of(kind=kind, subject_id=subject_id)
    assert made is not None
    return made.content


def test_a_page_is_composed_looked_at_and_handed_in(house: House) -> None:
    who = browser(house, Role.DESIGNER)
    home = house.page_id("home")
    house.task(Role.DESIGNER, "design", "page", home)
    address = f"/shop-pages/{home}/edit/"
    first = {
        "title": "秋季首页",
        "added-0-module": "banner",
        "added-0-key": "top",
        "why": "换季",
        "check::navigation": "yes",
    }
    assert who.post(address, first).status_code == 302
    assert content_of("catalog.page_design", home)["modules"][0]["values"] == {}

    form = who.get(address)
    text = form.content.decode()
    assert 'name="top::headline"' in text
    seen = content_hash(home)
    filled = {
        "title": "秋季首页",
        "top::headline": "温暖上新",
        "top::order": "10",
        "top::more": "/sale",
        **{f"check::{key}": value for key, value in pages.CHECKLIST.items()},
        "why": "换季",
        "seen": seen,
    }
    assert who.post(address, filled).status_code == 302
    content = content_of("catalog.page_design", home)
    assert content["modules"] == [
        {
            "key": "top",
            "module": "banner",
            "version": 1,
            "values": {"headline": "温暖上新", "more": "/sale"},
        }
    ]
    assert content["checklist"] == pages.CHECKLIST
    assert content["plan"] == 1

    record = f"/shop-pages/{home}/"
    refused = who.post(record, {"action": "submit"}, follow=True).content.decode()
    assert "360" in refused
    assert who.post(record, {"action": "render"}).status_code == 302
    assert PagePreview.objects.count() == 2
    assert who.post(record, {"action": "submit"}).status_code == 302
    assert Revision.objects.get(
        piece__subject_id=home, piece__kind="catalog.page_design"
    ).state == ("submitted")


def content_hash(page_id: int) -> str:
    made = versions.open_of(kind="catalog.page_design", subject_id=page_id)
    assert made is not None
    return made.content_hash


def test_a_stale_save_of_a_page_keeps_what_the_other_wrote(house: House) -> None:
    who = browser(house, Role.DESIGNER)
    home = house.page_id("home")
    house.task(Role.DESIGNER, "design", "page", home)
    house.drafted("catalog.page_design", home, pages.design())

    answer = who.post(
        f"/shop-pages/{home}/edit/",
        {"title": "x", "top::order": "10", "top::headline": "y", "why": "换季", "seen": "0" * 64},
    )

    assert answer.status_code == 409
    assert content_of("catalog.page_design", home)["title"] == "Autumn"


def test_a_screenshot_is_handed_in_on_the_page(house: House) -> None:
    who = browser(house, Role.DESIGNER)
    home = house.page_id("home")
    house.task(Role.DESIGNER, "design", "page", home)
    who.post(
        f"/shop-pages/{home}/edit/",
        {"title": "x", "added-0-module": "banner", "added-0-key": "top", "why": "换季"},
    )
    upload = SimpleUploadedFile("shot.png", pages.png(720), content_type="image/png")

    who.post(f"/shop-pages/{home}/", {"action": "preview", "width": "360", "picture": upload})

    assert PagePreview.objects.get().width == 360


def test_a_module_type_is_named_and_written(house: House) -> None:
    who = browser(house, Role.OPERATIONS_SPECIALIST)
    assert who.post("/page-modules/new/", {"code": "slider"}).status_code == 302
    made = PageModule.objects.get(code="slider").pk
    typed = {
        "title": "轮播",
        "owner": "designer",
        "fields-0-key": "picture",
        "fields-0-title": "图片",
        "fields-0-kind": "image",
        "fields-0-required": "yes",
        "fields-0-width": "720",
        "fields-0-height": "360",
        "why": "新模块",
    }

    no_size = {key: value for key, value in typed.items() if not key.endswith(("width", "height"))}
    assert who.post(f"/page-modules/{made}/edit/", no_size).status_code == 400
    assert who.post(f"/page-modules/{made}/edit/", typed).status_code == 302

    assert content_of("catalog.page_module", made)["fields"][0]["width"] == 720
    assert "picture" in who.get(f"/page-modules/{made}/edit/").content.decode()


def test_the_supervisor_writes_the_plan_and_opens_the_shop(house: House) -> None:
    who = browser(house, Role.OPERATIONS_SUPERVISOR)
    typed = {
        **{key: value for key, value in pages.PLAN.items() if key != "demand"},
        "style": "大胆",
        "demand-0-finding": "羊绒搜索上升",
        "demand-0-source": "趋势报告",
        "why": "年度",
    }
    address = f"/shop-plans/{house.channel_id}/"
    assert who.post(f"{address}edit/", typed).status_code == 302
    assert content_of("catalog.shop_plan", house.channel_id)["style"] == "大胆"
    assert who.post(address, {"action": "open"}).status_code == 302
    assert not house.is_active

    house.complete()
    assert who.post(address, {"action": "open"}).status_code == 302

    assert house.is_active


def test_an_editor_writes_a_guidance_text(house: House) -> None:
    who = browser(house, Role.EDITOR)
    step = house.step_id("pay")
    house.task(Role.EDITOR, "copy", "trade_step", step)

    nothing = who.post(f"/trade-steps/{step}/edit/", {"title": "付款", "why": "新写"})
    assert nothing.status_code == 400
    assert (
        who.post(
            f"/trade-steps/{step}/edit/",
            {"title": "付款", "text": "24 小时内付款。", "why": "新写"},
        ).status_code
        == 302
    )

    assert content_of("catalog.trade_step", step)["text"] == "24 小时内付款。"


def test_what_is_drafted_is_handed_in_and_taken_back_on_its_page(house: House) -> None:
    who = browser(house, Role.OPERATIONS_SPECIALIST)
    module = PageModule.objects.get().pk
    house.drafted("catalog.page_module", module, {**pages.BANNER, "title": "Hero"})
    house.drafted("catalog.trade_step", house.step_id("pay"), pages.GUIDANCE)

    for kind, subject_id, address in (
        ("catalog.page_module", module, f"/page-modules/{module}/"),
        ("catalog.trade_step", house.step_id("pay"), f"/trade-steps/{house.step_id('pay')}/"),
    ):
        for deed, state in (("submit", "submitted"), ("withdraw", "withdrawn")):
            assert who.post(address, {"action": deed}).status_code == 302
            newest = Revision.objects.filter(piece__kind=kind, piece__subject_id=subject_id)
            assert newest.latest("no").state == state


def test_one_press_brings_a_former_version_back(house: House) -> None:
    now = timezone.now()
    home = house.page_id("home")
    first = house.published("catalog.page_design", home, pages.design())
    house.published("catalog.page_design", home, pages.design(headline="Winter"))
    who = browser(house, Role.OPERATIONS_SUPERVISOR)

    who.post(
        f"/shop-pages/{home}/", {"action": "restore", "version": str(first.id), "why": "横幅坏了"}
    )

    live = versions.live(kind="catalog.page_design", subject_ids=[home], at=timezone.now())
    assert live[home].no == 1
    assert live[home].since >= now


def test_pages_stay_cheap_whatever_they_list(house: House) -> None:
    house.complete()
    who = browser(house, Role.OPERATIONS_SUPERVISOR)
    module = PageModule.objects.get().pk
    for address, budget in (
        ("/shop-pages/", LIST_BUDGET),
        ("/shop-plans/", LIST_BUDGET + 2),
        ("/page-modules/", LIST_BUDGET),
        ("/trade-steps/", LIST_BUDGET),
        (f"/shop-pages/{house.page_id('home')}/", RECORD_BUDGET),
        (f"/page-modules/{module}/", RECORD_BUDGET),
        (f"/shop-plans/{house.channel_id}/", RECORD_BUDGET + 4),
        (f"/trade-steps/{house.step_id('pay')}/", RECORD_BUDGET),
    ):
        who.get(address)
        cache.clear()
        who.get(address)
        with CaptureQueriesContext(connection) as seen:
            assert who.get(address).status_code == 200
        told = [each["sql"] for each in seen]
        assert len(told) <= budget, (address, told)


def test_a_module_type_names_no_page_of_a_channel_that_is_not_mine(house: House) -> None:
    house.published("catalog.page_design", house.page_id("home"), pages.design())
    module = PageModule.objects.get().pk
    elsewhere = House(pages.own_channel("other"))
    elsewhere.let_in("other", account("elsewhere", Role.DESIGNER))
    here = browser(house, Role.DESIGNER).get(f"/page-modules/{module}/").content.decode()

    there = enter(elsewhere.users["other"]).get(f"/page-modules/{module}/").content.decode()

    link = f"/shop-pages/{house.page_id('home')}/"
    assert (link in here, link in there) == (True, False)


def test_a_page_of_another_channel_does_not_exist(house: House) -> None:
    other = pages.own_channel("other")
    who = browser(house, Role.DESIGNER)

    for page in ShopPage.objects.filter(channel=other):
        assert who.get(f"/shop-pages/{page.pk}/").status_code == 404
        assert who.get(f"/shop-pages/{page.pk}/edit/").status_code == 404
