"""Hands stay put: keys at a desk, thumb on a phone, trigger in the warehouse."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from ops.engines.approvals.models import Decision
from ops.engines.identity.choices import Role
from tests.screens import checks, toys
from tests.screens.conftest import PHONE, Site, look
from tests.screens.test_shell import submit

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", autouse=True)
def _toy_routes() -> Iterator[None]:
    with toys.mounted():
        yield


@pytest.fixture(scope="module")
def shop(site: Site, _toy_routes: None) -> Site:
    """Make a manager, her deputy, a specialist and the people of the flow."""
    site.user(Role.OPERATIONS_SPECIALIST)
    site.user(Role.OPERATIONS_SUPERVISOR)
    site.user(Role.OPERATIONS_MANAGER)
    site.user(Role.OPERATIONS_MANAGER, name="林峰")
    return site


@pytest.mark.clause("SYS-6.2-12")
def test_approving_takes_two_taps_on_a_phone(shop: Site, sign_in: Callable[..., Page]) -> None:
    number = submit(shop.user(Role.OPERATIONS_SPECIALIST), 1, "PC-0001", "两个商品", hours=0)
    page = sign_in(Role.OPERATIONS_MANAGER, size=PHONE)
    page.goto(f"/approvals/{number}/")

    page.get_by_role("button", name="同意", exact=True).tap()
    sheet = page.locator("#sheet-approve")
    expect(sheet).to_contain_text("−18,240.00")
    checks.axe(page)
    look(page, "decide-sheet-360", full=False)
    sheet.get_by_role("button", name="同意改价").tap()

    expect(page.locator("#messages")).to_contain_text("已同意 PC-0001")
    assert Decision.objects.filter(request_id=number, verdict="approve").count() == 1


def test_nobody_approves_their_own_request(shop: Site, sign_in: Callable[..., Page]) -> None:
    number = submit(shop.user(Role.OPERATIONS_MANAGER), 2, "PC-0002", "清仓", hours=0)
    page = sign_in(Role.OPERATIONS_MANAGER)
    page.goto(f"/approvals/{number}/")

    button = page.get_by_role("button", name="同意", exact=True)
    expect(button).to_have_attribute("aria-disabled", "true")
    expect(page.locator("#why-not")).to_contain_text("这是你提交的申请，不能由你批准")
    expect(page.locator("#why-not")).to_contain_text("林峰")
    expect(page.locator("#sheet-approve")).to_have_count(0)
    button.focus()
    page.keyboard.press("a")
    look(page, "own-request-1440")
    assert not Decision.objects.filter(request_id=number).exists()


def test_keys_decide_at_a_desk(shop: Site, sign_in: Callable[..., Page]) -> None:
    number = submit(shop.user(Role.OPERATIONS_SPECIALIST), 3, "PC-0003", "三个商品", hours=0)
    page = sign_in(Role.OPERATIONS_MANAGER)
    page.goto(f"/approvals/{number}/")

    page.keyboard.press("r")
    page.get_by_label("缺少依据").check()
    page.keyboard.press("Control+Enter")

    expect(page.locator("#messages")).to_contain_text("退回给 李娜")
    said = Decision.objects.get(request_id=number)
    assert (said.verdict, said.opinion) == ("return", "缺少依据")


def test_the_palette_opens_screens(shop: Site, sign_in: Callable[..., Page]) -> None:
    page = sign_in(Role.OPERATIONS_MANAGER)
    page.goto("/")

    page.keyboard.press("Control+k")
    page.locator("#palette-text").fill(">报表")
    expect(page.locator("#palette-hits a")).to_have_count(1)
    look(page, "palette-1440", full=False)
    checks.axe(page)
    page.keyboard.press("Enter")

    page.wait_for_url("**/reports/")


def test_rows_are_walked_selected_and_acted_on(shop: Site, sign_in: Callable[..., Page]) -> None:
    page = sign_in(Role.OPERATIONS_MANAGER)
    page.goto("/toy/things/?tab=all")

    for key in ("j", "x", "j", "x", "j", "x", "j", "x", "j", "x", "j", "x", "j", "x"):
        page.keyboard.press(key)
    expect(page.locator("[data-picked]")).to_have_text("7")
    look(page, "bulk-1440", full=False)
    page.get_by_role("button", name="审核").click()

    expect(page.locator("main")).to_contain_text("缺货")
    look(page, "bulk-check-1440")
    checks.all_of(page)
    page.get_by_role("button", name="审核").click()
    expect(page.locator("#messages")).to_contain_text("审核：已完成")


def test_peeking_keeps_the_list(shop: Site, sign_in: Callable[..., Page]) -> None:
    page = sign_in(Role.OPERATIONS_MANAGER)
    page.goto("/toy/things/")

    page.keyboard.press("j")
    page.keyboard.press("e")
    expect(page.locator("#peek")).to_contain_text("收货")
    look(page, "peek-1440", full=False)
    page.keyboard.press("Escape")

    expect(page.locator("#peek")).to_be_hidden()
    assert page.evaluate("document.activeElement.closest('tr') !== null")


def test_pages_turn_without_losing_filters(shop: Site, sign_in: Callable[..., Page]) -> None:
    page = sign_in(Role.OPERATIONS_MANAGER)
    page.goto("/toy/things/?tab=all&n=25")

    page.get_by_role("link", name="下一页").click()
    page.wait_for_url("**after=25**")
    assert "tab=all" in page.url
    page.go_back()

    expect(page.locator("tbody tr").first).to_contain_text("241121000120")


def test_errors_take_focus_and_lead_to_their_fields(
    shop: Site, sign_in: Callable[..., Page]
) -> None:
    page = sign_in(Role.OPERATIONS_MANAGER)
    page.goto("/toy/things/new/")
    page.get_by_label("预算").fill("1.005")
    page.get_by_role("button", name="核对").click()

    summary = page.locator("[data-errors]")
    expect(summary).to_be_focused()
    expect(page).to_have_title("错误： 新建改价申请 · 规范")
    look(page, "form-errors-1440")
    checks.axe(page)
    summary.get_by_role("link", name="预算").click()
    expect(page.get_by_label("预算")).to_be_focused()
    assert page.get_by_label("预算").get_attribute("aria-describedby") == "budget-error"


def test_a_form_is_checked_changed_and_done(shop: Site, sign_in: Callable[..., Page]) -> None:
    page = sign_in(Role.OPERATIONS_MANAGER)
    page.goto("/toy/things/new/")
    page.get_by_label("渠道").select_option("tmall")
    page.get_by_label("生效").fill("2026-12-01 00:00")
    page.get_by_label("预算").fill("１２,０００")
    page.locator("#lines-0-sku").focus()
    page.evaluate(
        """() => {
          const data = new DataTransfer();
          data.setData("text", "A-1001-S\\t189.00\\t5\\nA-1003-L\\t159.00\\t2");
          document.activeElement.dispatchEvent(
            new ClipboardEvent("paste", {clipboardData: data, bubbles: true}));
        }"""
    )
    page.get_by_label("理由").fill("竞品降价")
    page.keyboard.press("Control+Enter")

    expect(page.locator("main")).to_contain_text("12,000.00")
    expect(page.locator("main")).to_contain_text("A-1003-L")
    look(page, "form-check-1440")
    checks.all_of(page)
    page.get_by_role("button", name="提交").click()

    expect(page.locator("#messages")).to_contain_text("PC-0912 已提交")


def test_a_draft_is_kept_and_offered(shop: Site, sign_in: Callable[..., Page]) -> None:
    page = sign_in(Role.OPERATIONS_MANAGER)
    page.goto("/toy/things/new/")
    page.get_by_label("预算").fill("777")

    expect(page.locator("[data-draft-words]")).to_contain_text("草稿已存", timeout=8000)
    page.goto("/toy/things/new/")
    page.get_by_role("button", name="继续填写").click()

    expect(page.get_by_label("预算")).to_have_value("777")


def test_language_keeps_what_was_typed(shop: Site, sign_in: Callable[..., Page]) -> None:
    page = sign_in(Role.OPERATIONS_MANAGER)
    page.goto("/toy/things/new/")
    page.get_by_label("预算").fill("88")

    page.get_by_role("button", name="EN").click()

    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.url.endswith("/toy/things/new/")
    expect(page.locator("#budget")).to_have_value("88")


def test_the_navigation_folds_and_stays_folded(shop: Site, sign_in: Callable[..., Page]) -> None:
    page = sign_in(Role.OPERATIONS_MANAGER)
    page.goto("/")

    page.keyboard.press("[")
    expect(page.locator("#sidenav")).to_be_hidden()
    page.goto("/reports/")

    expect(page.locator("#sidenav")).to_be_hidden()


def test_no_key_fires_while_characters_are_composed(
    shop: Site, sign_in: Callable[..., Page]
) -> None:
    page = sign_in(Role.OPERATIONS_MANAGER)
    page.goto("/")

    page.evaluate(
        """() => document.body.dispatchEvent(
          new KeyboardEvent("keydown", {key: "[", isComposing: true, bubbles: true}))"""
    )

    expect(page.locator("#sidenav")).to_be_visible()


def test_a_scan_is_read_from_key_codes_and_the_field_restored(
    shop: Site, sign_in: Callable[..., Page]
) -> None:
    page = sign_in(Role.WAREHOUSE_KEEPER, size=PHONE)
    page.goto("/scan/")

    # An active Chinese keyboard delivers "Process" with the code of the key still there.
    page.evaluate(
        """() => {
          const field = document.getElementById("scan");
          field.focus();
          const codes = ["KeyA", "Minus", "Digit1", "Digit0", "Digit0", "Digit1", "Minus", "KeyS"];
          for (const code of codes) {
            field.dispatchEvent(new KeyboardEvent(
              "keydown", {key: "Process", code, bubbles: true, cancelable: true}));
            field.value += "的";
          }
          field.dispatchEvent(new KeyboardEvent(
            "keydown", {key: "Enter", code: "Enter", bubbles: true, cancelable: true}));
        }"""
    )

    page.wait_for_url("**scan=a-1001-s**")
    expect(page.locator(".scan-hit")).to_contain_text("未知编码：a-1001-s")
    look(page, "scan-unknown-360", full=False)


def test_a_list_is_exported_as_it_is_seen(shop: Site, sign_in: Callable[..., Page]) -> None:
    page = sign_in(Role.CUSTOMER_SERVICE_AGENT)
    page.goto("/toy/things/?tab=all&shop=天猫旗舰店&c=number&c=paid")

    page.locator("summary", has_text="导出").click()
    with page.expect_download() as waited:
        page.get_by_role("link", name="CSV").click()

    lines = waited.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "单号,实付 (元)"
    assert len(lines) == 41


def test_charts_draw_without_evaluating_code(shop: Site, sign_in: Callable[..., Page]) -> None:
    page = sign_in(Role.OPERATIONS_MANAGER)
    page.goto("/toy/board/")

    expect(page.locator("figure:has(canvas)")).to_have_count(9)
    page.locator("figure", has_text="日销售").locator("summary").click()
    expect(page.locator("figure", has_text="日销售").locator("tbody tr")).to_have_count(20)
    checks.no_noise(page)
