"""Feedback in a browser: recorded by service, answered by the department, read on a phone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from catalog.models import ProductFeedback
from ops.engines.identity.models import Person
from tests.catalog.shop import open_shop
from tests.catalog.voiced import House, open_house
from tests.screens.conftest import PHONE, Site

pytestmark = pytest.mark.browser


@pytest.fixture
def house(site: Site) -> House:
    """A house with a few words of buyers, one answered, one late."""
    made = open_house(open_shop())
    for person, name in zip(
        Person.objects.order_by("pk"), "甲乙丙丁戊己庚辛壬癸子丑", strict=False
    ):
        person.name = f"同事{name}"
        person.save(update_fields=["name"])
    made.say("洗了两次就起球，和详情页说的不一样。", rating=2, reference="TB-20261120-1")
    made.answered(made.say("颜色比图片深", rating=3), finding="content", reply="已重拍主图。")
    now = timezone.now()
    made.say(
        "吊牌成分与详情页写的不一致。", at=now - timedelta(hours=1), sku_id=made.shop.sku_ids[1]
    )
    return made


def test_feedback_is_recorded_answered_and_told_in_the_life_of_the_product(
    house: House, sign_in: Callable[..., Page], visit: Callable[..., Page]
) -> None:
    desk = sign_in("operations_specialist", user=house.member)
    row = ProductFeedback.objects.order_by("pk")[0]
    page = f"/product-feedback/{row.pk}/"

    visit(desk, "/product-feedback/", "feedback-list")
    visit(desk, page, "feedback-item")
    desk.get_by_role("button", name="受理").first.click()
    desk.get_by_role("button", name="答复").first.click()
    desk.locator("[name=reply]").fill("已转质检复核，换新寄出。")
    desk.locator("[name=finding]").select_option("quality")
    desk.locator("#sheet-answer .is-primary").click()
    expect(desk.get_by_text("已转质检复核，换新寄出。").first).to_be_visible()
    visit(desk, "/product-feedback/new/", "feedback-new")
    visit(desk, "/product-feedback/counts/", "feedback-counts")
    product = row.product_id
    visit(desk, f"/products/{product}/", "product")
    visit(desk, f"/products/{product}/life/", "product-life")
    expect(desk.get_by_text("已转质检复核，换新寄出。").first).to_be_visible()

    phone = sign_in("operations_supervisor", size=PHONE, name="林书雅")
    for path, name in (
        ("/product-feedback/", "feedback-list-phone"),
        (page, "feedback-item-phone"),
        ("/product-feedback/counts/", "feedback-counts-phone"),
        (f"/products/{product}/", "product-phone"),
        (f"/products/{product}/life/", "product-life-phone"),
    ):
        visit(phone, path, name)
