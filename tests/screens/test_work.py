"""Long work and phone work: reports, imports, saved views, sheets that survive a lost network."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from ops.engines.identity.choices import Role
from ops.engines.kernel.policy import SIGNED_IN
from ops.engines.reports import declarations
from ops.engines.reports import services as reports
from ops.engines.reports.models import ReportRun
from ops.engines.tables import registry as layouts
from tests.engines.reports import toy
from tests.engines.tables import toys as tables
from tests.screens import checks, toys
from tests.screens.conftest import PHONE, Site, look

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", autouse=True)
def _toys() -> Iterator[None]:
    declared, registered = dict(declarations._declared), dict(layouts._registered)
    toy.declare()
    toy.fill(*toy.usual())
    profile = dataclasses.replace(tables.PROFILE, title="期初库存（演示）")
    layouts._registered.pop(profile.name, None)  # the tables' own tests may have run before
    layouts.register_profile(profile, load=tables.load, policy=SIGNED_IN)
    with toys.mounted():
        yield
    declarations._declared.clear()
    declarations._declared.update(declared)
    layouts._registered.clear()
    layouts._registered.update(registered)


@pytest.fixture(scope="module")
def shop(site: Site, _toys: None) -> Site:
    """Make the people."""
    site.user(Role.OPERATIONS_DIRECTOR)
    site.user(Role.WAREHOUSE_KEEPER)
    return site


def test_a_report_is_read_made_and_fetched(shop: Site, sign_in: Callable[..., Page]) -> None:
    page = sign_in(Role.OPERATIONS_DIRECTOR)
    page.goto("/reports/toy_sections/?period=2026-10")
    page.goto("/reports/toy_sales/?period=2026-10")

    expect(page.locator("tbody")).to_contain_text("12,500.50")
    expect(page.locator("tbody")).to_contain_text("−5.00")
    expect(page.locator(".band")).to_contain_text("未结")
    look(page, "report-1440")
    checks.no_overflow(page)
    checks.axe(page)
    page.get_by_role("button", name="CSV").click()
    page.wait_for_url("**/reports/runs/*/")
    look(page, "report-run-1440")
    run = ReportRun.objects.latest("pk")
    assert reports.perform(run_id=run.pk, at=timezone.now())
    page.get_by_role("link", name="下载").wait_for(timeout=8000)
    with page.expect_download() as waited:
        page.get_by_role("link", name="下载").click()

    assert waited.value.suggested_filename == "toy_sales_2026-10_v1.csv"
    assert "手机壳" in waited.value.path().read_text(encoding="utf-8-sig")
    checks.no_overflow(page)
    checks.axe(page)


def test_periods_turn_by_key(shop: Site, sign_in: Callable[..., Page]) -> None:
    page = sign_in(Role.OPERATIONS_DIRECTOR)
    page.goto("/reports/toy_sales/?period=2026-10")

    page.keyboard.press("[")

    page.wait_for_url("**period=2026-09")


def test_a_file_is_looked_at_tried_and_loaded(
    shop: Site, sign_in: Callable[..., Page], tmp_path: Path
) -> None:
    file = tmp_path / "期初.csv"
    file.write_text("sku,qty\nA1,5\nA2,1.5\nBAD,3\nA3,7\n")
    page = sign_in(Role.OPERATIONS_DIRECTOR)
    page.goto("/imports/")
    page.get_by_label("格式").select_option("toy_stock")
    page.locator("#file").set_input_files(file)
    page.get_by_role("button", name="预览").click()

    expect(page.locator("main")).to_contain_text("第 3 行")
    look(page, "import-preview-1440")
    checks.all_of(page)
    page.get_by_role("button", name="试运行").click()
    expect(page.locator("main")).to_contain_text("试运行：未留存任何内容")
    look(page, "import-trial-1440")
    page.get_by_role("button", name="导入 3 行").or_(
        page.get_by_role("button", name="导入 2 行")
    ).click()

    expect(page.locator("#messages")).to_contain_text("已导入 2 行")
    look(page, "import-done-1440")
    with page.expect_download() as waited:
        page.get_by_role("link", name="拒绝行文件").click()
    assert "1.5" in waited.value.path().read_text(encoding="utf-8-sig")
    page.goto("/imports/")
    page.get_by_label("格式").select_option("toy_stock")
    page.locator("#file").set_input_files(file)
    page.get_by_role("button", name="预览").click()
    expect(page.locator("#messages")).to_contain_text("没有新行")


def test_a_wrong_file_says_what_is_wrong(
    shop: Site, sign_in: Callable[..., Page], tmp_path: Path
) -> None:
    file = tmp_path / "a.csv"
    file.write_text("code,amount\nA1,5\n")
    page = sign_in(Role.OPERATIONS_DIRECTOR)
    page.goto("/imports/")
    page.get_by_label("格式").select_option("toy_stock")
    page.locator("#file").set_input_files(file)
    page.get_by_role("button", name="预览").click()

    expect(page.locator("[data-errors]")).to_be_focused()
    expect(page.locator("[data-errors]")).to_contain_text("sku")


def test_a_view_is_kept_changed_restored_and_forgotten(
    shop: Site, sign_in: Callable[..., Page]
) -> None:
    page = sign_in(Role.OPERATIONS_DIRECTOR)
    page.goto("/toy/things/?tab=all&shop=天猫旗舰店")
    page.locator("summary", has_text="视图").click()
    page.get_by_placeholder("视图名称").fill("天猫单")
    page.get_by_role("button", name="存为视图").click()

    expect(page.locator(".view-now")).to_contain_text("天猫单")
    expect(page.locator(".view-now .dot")).to_have_count(0)
    page.get_by_role("link", name="实付").click()
    expect(page.locator(".view-now .dot")).to_have_count(1)
    look(page, "view-changed-1440", full=False)
    checks.axe(page)
    page.get_by_role("link", name="还原").click()
    expect(page.locator(".view-now .dot")).to_have_count(0)
    page.locator("summary", has_text="视图").click()
    page.get_by_role("button", name="删除 天猫单").click()

    expect(page.locator(".view-now")).to_have_count(0)


def test_a_sheet_survives_a_lost_network(shop: Site, sign_in: Callable[..., Page]) -> None:
    page = sign_in(Role.WAREHOUSE_KEEPER, size=PHONE)
    page.goto("/toy/sheet/")
    page.context.set_offline(True)
    before = len(toys.ENTERED)

    for _place in range(20):
        page.locator("[data-digit='1']").tap()
        page.locator("[data-digit='2']").tap()
        page.get_by_role("button", name="下一位").tap()
    expect(page.locator("[data-unsent]")).to_have_text("20")
    expect(page.locator("[data-offline]")).to_be_visible()
    expect(page.get_by_role("link", name="签字完成")).to_have_attribute("aria-disabled", "true")
    look(page, "sheet-offline-360", full=False)
    assert len(toys.ENTERED) == before

    page.context.set_offline(False)
    expect(page.locator("[data-unsent]")).to_have_text("0", timeout=20_000)
    page.reload()

    expect(page.locator("[data-unsent]")).to_have_text("0")
    entered = list(toys.ENTERED.values())[before:]
    assert len(entered) == 20
    assert {quantity for _item, quantity in entered} == {12}
    assert len({item for item, _quantity in entered}) == 20


def test_a_scan_on_a_sheet_finds_its_item_and_adds_one(
    shop: Site, sign_in: Callable[..., Page]
) -> None:
    page = sign_in(Role.WAREHOUSE_KEEPER, size=PHONE)
    page.goto("/toy/sheet/")

    for _read in range(2):
        page.evaluate("window.desk.scanned('A-1001-7', performance.now())")
        page.wait_for_timeout(300)

    expect(page.locator("#quantity")).to_have_value("2")
    expect(page.locator("[data-place]")).to_have_text("8")


def test_an_entry_is_taken_back_by_a_reversal(shop: Site, sign_in: Callable[..., Page]) -> None:
    page = sign_in(Role.WAREHOUSE_KEEPER, size=PHONE)
    page.goto("/toy/sheet/")
    before = len(toys.ENTERED)
    page.locator("[data-digit='9']").tap()
    page.get_by_role("button", name="下一位").tap()
    page.get_by_role("button", name="撤销").tap()

    # The number of unsent entries is zero before, between and after: the server tells.
    for _tenth in range(200):
        if len(toys.ENTERED) - before == 2:
            break
        page.wait_for_timeout(100)
    assert len(toys.ENTERED) - before == 2
    expect(page.locator("[data-unsent]")).to_have_text("0", timeout=20_000)
    expect(page.locator("[data-place]")).to_have_text("1")
