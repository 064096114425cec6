"""V14 as the finance office does it: look, follow what blocks, lock, and ask to open again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import pyotp
import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from catalog.services import channels
from finance import errors
from finance.models import JournalEntry, MonthClose
from finance.services import journal, reconciliation
from ops.engines.identity import services as identity_services
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day
from ops.engines.periods import selectors as periods
from ops.engines.tables import services as imports
from tests.finance.factories import BOOKKEEPER, open_month, voucher
from tests.finance.statements import Statement
from tests.finance.test_reconciliation import HEAD, pay
from tests.screens.conftest import PHONE, Site, look

pytestmark = pytest.mark.browser

APPS: dict[str, pyotp.TOTP] = {}


@dataclass(frozen=True)
class Month:
    """The past month with one statement that differs by 300.00 from what was ordered."""

    first: dt.date
    last: dt.date

    @property
    def path(self) -> str:
        """Return its screen."""
        return f"/finance/close/{self.first:%Y-%m}/"


@pytest.fixture(scope="module")
def month(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Month:
    """Make the month and its people."""
    folder = tmp_path_factory.mktemp("close")
    for role in (Role.FINANCE_OFFICER, Role.FINANCE_MANAGER, Role.OPERATIONS_DIRECTOR):
        site.user(role)
    now = timezone.now()
    last = business_day(now).replace(day=1) - dt.timedelta(days=1)
    made = Month(last.replace(day=1), last)
    channel = channels.ensure_channel(code="tmall", name="天猫旗舰店", actor=BOOKKEEPER, at=now).id
    for day in (made.first, business_day(now)):
        open_month(day)
    journal.post([voucher("a", day=made.first)], actor=BOOKKEEPER, at=now)
    noon = f"{last.replace(day=5)} 10:00:00"
    records = folder / "records.csv"
    records.write_text(HEAD + pay("SO-1", "500.00", at=noon) + "\n")
    statement = Statement(made.first, made.last).add("SO-1", "200.00", at=noon)
    for profile, path in (
        ("payment_records", records),
        ("alipay_merchant", statement.write(folder)),
    ):
        imports.import_file(
            profile=profile, path=path, name=path.name, actor=Actor.importer("tests"), at=now,
            options={"channel": "tmall"},
        )  # fmt: skip
    reconciliation.run(
        channel_id=channel, first=made.first, last=made.last, actor=BOOKKEEPER, at=now
    )
    return made


def press(page: Page, name: str) -> None:
    """Press a button of the page's head."""
    page.locator(".pagehead").get_by_role("button", name=name, exact=True).click()


def send(page: Page, name: str, **fields: str) -> None:
    """Open the sheet of an action, fill it and send it."""
    press(page, name)
    sheet = page.locator("dialog[open]")
    for label, value in fields.items():
        box = sheet.get_by_label(label)
        if box.evaluate("box => box.tagName") == "SELECT":
            box.select_option(label=value)
        else:
            box.fill(value)
    sheet.get_by_role("button", name=name, exact=True).click()


def code_of(role: str, site: Site) -> str:
    """Return what the app of a person shows now; enrolled when first asked."""
    if role not in APPS:
        made = identity_services.enrol_totp(
            user_id=site.user(role).pk, actor=BOOKKEEPER, at=timezone.now(), trusted=True
        )
        APPS[role] = pyotp.TOTP(made.secret)
    return APPS[role].at(timezone.now())


def agree(page: Page, code: str) -> None:
    """Approve what waits for me, with the code my app shows."""
    page.goto("/approvals/")
    page.locator("main a[href^='/approvals/']").filter(has_text="重开").first.click()
    page.get_by_role("button", name="同意", exact=True).click()
    page.locator("#code").fill(code)
    page.locator("#sheet-approve").get_by_role("button", name="同意").click()
    expect(page.locator("#messages")).to_contain_text("已同意")


def test_a_month_goes_from_open_to_locked_and_opens_by_two_approvals_only(
    month: Month, site: Site, sign_in: Callable[..., Page], visit: Callable[..., Page]
) -> None:
    officer, manager = sign_in(Role.FINANCE_OFFICER), sign_in(Role.FINANCE_MANAGER)
    _what_blocks_leads_to_its_rows(month, officer, visit)
    _locking_is_refused_with_the_items_named(month, manager, visit)

    send(manager, "接受一项", 项目="计提与摊销已过账", 说明="本月无应计")
    expect(manager.locator("main")).to_contain_text("本月无应计")
    send(manager, "结账")

    visit(manager, month.path, "V14-locked-1440")
    expect(manager.locator("h1")).to_be_visible()
    assert MonthClose.objects.get(month=month.first).state == "closed"
    assert periods.state_on(module="ledger", day=month.last) == "closed"
    count = JournalEntry.objects.count()
    with pytest.raises(errors.PeriodClosed):
        journal.post([voucher("late", day=month.last)], actor=BOOKKEEPER, at=timezone.now())
    assert JournalEntry.objects.count() == count

    officer.goto(month.path)
    asker = code_of(Role.FINANCE_OFFICER, site)
    send(officer, "申请重开", 原因="漏记发票", 单据="INV-9", 动态码=asker)
    agree(manager, code_of(Role.FINANCE_MANAGER, site))
    assert periods.state_on(module="ledger", day=month.last) == "closed"
    agree(sign_in(Role.OPERATIONS_DIRECTOR), code_of(Role.OPERATIONS_DIRECTOR, site))
    assert periods.state_on(module="ledger", day=month.last) == "open"
    visit(officer, month.path, "V14-reopened-1440")


def _what_blocks_leads_to_its_rows(month: Month, officer: Page, visit: Callable[..., Page]) -> None:
    visit(officer, month.path)
    press(officer, "立即检查")
    row = officer.locator("tr", has_text="支付已对账")
    expect(row).to_contain_text("进行中")
    expect(row).to_contain_text("300.00")
    visit(officer, month.path, "V14-open-1440")

    row.get_by_role("link").first.click()
    expect(officer.locator("tbody tr")).to_have_count(1)
    expect(officer.locator("tbody")).to_contain_text("SO-1")
    look(officer, "V14-blocking-rows-1440")
    officer.locator("tbody a").first.click()
    send(officer, "处理", 性质="平台补贴", 原因="平台承担优惠")
    expect(officer.locator("#messages")).to_contain_text("BR-")


def _locking_is_refused_with_the_items_named(
    month: Month, manager: Page, visit: Callable[..., Page]
) -> None:
    visit(manager, month.path)
    press(manager, "立即检查")
    expect(manager.locator("tr", has_text="支付已对账")).to_contain_text("完成")
    refused = manager.locator(".pagehead")
    expect(refused).to_contain_text("9 计提与摊销已过账")
    look(manager, "V14-refused-1440")
    assert MonthClose.objects.get(month=month.first).state == "open"


def test_the_list_is_read_on_a_phone(
    month: Month, sign_in: Callable[..., Page], visit: Callable[..., Page]
) -> None:
    visit(sign_in(Role.FINANCE_OFFICER, size=PHONE), month.path, "V14-360")


def test_the_officers_desk_leads_by_key_to_matching_and_closing(
    month: Month, sign_in: Callable[..., Page], visit: Callable[..., Page]
) -> None:
    page = sign_in(Role.FINANCE_OFFICER)
    visit(page, "/", "V3-1440")
    page.keyboard.press("m")
    page.wait_for_url("**/finance/matching/**")
    page.goto("/")
    page.keyboard.press("c")
    page.wait_for_url(f"**{month.path}")
