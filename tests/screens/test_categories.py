"""Categories and coding rules on the screens: looked up, decided, moved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from catalog.models import Category, CategoryRule, CodeRule
from catalog.services import categories, products
from ops.engines.kernel.parse import business_day
from tests.screens import checks
from tests.screens.conftest import Site, look
from tests.support.company import SYSTEM

HAND = (360, 740)
pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def shelves(site: Site) -> dict[str, int]:
    """Two shelves and a leaf that stood elsewhere before."""
    at = timezone.now() - dt.timedelta(hours=1)

    def shelf(name: str, parent: int | None = None) -> int:
        return products.create_category(name=name, parent_id=parent, actor=SYSTEM, at=at).id

    made = {"top": shelf("家用电器"), "other": shelf("清仓")}
    made["leaf"] = shelf("电风扇", made["other"])
    categories.move_category(
        category_id=made["leaf"], parent_id=made["top"], reason="归回电器", actor=SYSTEM, at=at
    )
    return made


def test_the_editors_decide_what_a_category_asks(
    shelves: dict[str, int], sign_in: Callable[..., Page], visit: Callable[..., Page]
) -> None:
    page = sign_in("web_editing_supervisor", name="周敏")
    visit(page, "/categories/", "categories-1440")
    visit(page, f"/categories/{shelves['top']}/rule/")
    page.locator("#reason").fill("新国标")
    page.locator("#scope_item").fill("家用电器零售")
    page.locator("#attributes-0-key").fill("power")
    page.locator("#attributes-0-title").fill("额定功率")
    page.locator("#attributes-0-kind").select_option(label="数值")
    page.locator("#attributes-0-unit").fill("W")
    page.locator("#attributes-0-is_mandatory").select_option(label="是")
    page.locator("#documents-0-key").fill("ccc")
    page.locator("#documents-0-title").fill("3C 证书")
    look(page, "category-rule-1440")
    page.locator("form.form button.is-primary").click()
    page.wait_for_url(f"**/categories/{shelves['top']}/")

    visit(page, f"/categories/{shelves['leaf']}/", "category-1440")
    for words in ("额定功率", "3C 证书", "家用电器零售", "归回电器"):
        expect(page.locator("main")).to_contain_text(words)
    decided = CategoryRule.objects.get()
    assert decided.starts_on == business_day(timezone.now())
    assert [(row["unit"], row["is_mandatory"]) for row in decided.attribute_rows] == [("W", True)]


def test_a_category_moves_from_a_phone(
    shelves: dict[str, int], sign_in: Callable[..., Page], visit: Callable[..., Page]
) -> None:
    page = sign_in("operations_supervisor", name="陈立", size=HAND)
    visit(page, f"/categories/{shelves['leaf']}/", "category-360")
    page.get_by_role("button", name="移动类目", exact=True).first.click()
    sheet = page.locator("dialog[open]")
    sheet.locator("select").select_option(value=str(shelves["other"]))
    sheet.locator("[name=reason]").fill("换季清仓")
    look(page, "category-move-360", full=False)
    checks.all_of(page)
    sheet.locator("button.is-primary, button.is-go").first.click()
    expect(page.locator("#messages")).to_contain_text("电风扇")

    assert Category.objects.get(pk=shelves["leaf"]).parent_id == shelves["other"]


def test_a_coding_rule_is_decided_and_listed(
    shelves: dict[str, int], sign_in: Callable[..., Page], visit: Callable[..., Page]
) -> None:
    page = sign_in("information_supervisor", name="冯涛", size=HAND)
    visit(page, "/code-rules/", "code-rules-empty-360")
    visit(page, "/code-rules/new/", "code-rule-form-360")
    page.locator("#pattern").fill("WJ-{brand}-{sequence:5}{check}")
    page.locator("#words-0-part").fill("brand")
    page.locator("#words-0-value").fill("华为")
    page.locator("#words-0-code").fill("HW")
    page.locator("form.form button.is-primary").click()
    page.wait_for_url("**/code-rules/")

    expect(page.locator("main")).to_contain_text("华为=HW")
    look(page, "code-rules-360", full=False)
    assert CodeRule.objects.get().words == {"brand": {"华为": "HW"}}
