"""The order desk by keys alone: audit, join, note, hold, copy; and one order's page (V8, V9)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from customers.models import Order, OrderNote
from customers.services import placing, splitting
from customers.types import BuyerDraft, LineDraft, OrderDraft
from inventory.choices import MoveReason
from inventory.models import Shipment
from inventory.selectors import places as where
from inventory.services import moves, places
from inventory.types import MoveDraft, Source
from ops.engines.events import delivery
from ops.engines.kernel.parse import business_day
from tests.screens import checks
from tests.screens.conftest import PHONE, Site, look
from tests.support import company as companies
from tests.support.company import CHANNEL, SYSTEM, Company

pytestmark = pytest.mark.browser
BUYER = BuyerDraft(
    code="TB-8812", name="李小龙", phone="13812342231", address="浙江省杭州市西湖区文三路 1 号"
)
SCARF = "WJ-2207"
ON_SHELF = 100_000


@dataclass
class Desk:
    """The company, its second warehouse and the orders made for these tests."""

    company: Company
    other_id: int


@pytest.fixture(scope="module")
def desk(site: Site) -> Desk:
    """Let orders arrive: some wait for goods, some share a recipient, one is divided."""
    company = companies.build(at=timezone.now())
    other = places.create_warehouse(code="SH", name="上海仓", actor=SYSTEM, at=timezone.now())
    receive(company, other.bin_id, 12)
    for number in range(3):
        order(f"LIKE-{number}", ("ST-4105", number + 1))
    buy_out = order("ALL-1", (SCARF, ON_SHELF - 5), buyer=None)
    assert buy_out.state == "allocated"
    for number in range(20):
        order(f"WAIT-{number:02}", (SCARF, 10), buyer=BuyerDraft(code=f"W{number}"))
    part = order(
        "PART-1", (SCARF, 8), ("ST-4105", 1), buyer=BuyerDraft(code="P", name="赵", address="上海")
    )
    splitting.split_available(order_ids=[part.pk], actor=SYSTEM, at=timezone.now())
    order("SAME-1", ("MZ-3310", 1))
    order("SAME-2", ("MZ-3310", 1))
    delivery.drain(at=timezone.now())
    return Desk(company, other.id)


def order(number: str, *lines: tuple[str, int], buyer: BuyerDraft | None = BUYER) -> Order:
    """Place a paid order."""
    now = timezone.now()
    made = placing.place_order(
        OrderDraft(
            external_no=number,
            placed_at=now - dt.timedelta(minutes=5),
            paid_at=now - dt.timedelta(minutes=4),
            buyer=buyer,
            lines=tuple(LineDraft(code=code, quantity=n) for code, n in lines),
        ),
        channel=CHANNEL,
        actor=SYSTEM,
        at=now,
        on_short="hold",
    )
    return Order.objects.get(pk=made.order_id)


def receive(company: Company, bin_id: int, quantity: int) -> None:
    """Put scarves on a shelf."""
    moves.post(
        [
            MoveDraft(
                sku_id=company.skus[SCARF],
                from_location_id=where.virtual_places().supplier,
                to_location_id=bin_id,
                quantity=quantity,
                reason=MoveReason.RECEIPT,
                source=Source(type="tests.receipt", id=bin_id),
                effect_key=f"tests:{bin_id}:{quantity}",
            )
        ],
        actor=SYSTEM,
        at=timezone.now(),
        business_day=business_day(timezone.now()),
    )


@pytest.fixture
def specialist(desk: Desk, sign_in: Callable[..., Page]) -> Page:
    """The specialist at her desk."""
    return sign_in("specialist", user=desk.company.user("specialist"))


def press(page: Page, *keys: str) -> None:
    """Press keys one after the other."""
    for key in keys:
        page.keyboard.press(key)


def walk_to(page: Page, text: str) -> None:
    """Walk the rows by key until the one with this text is in focus."""
    for _row in range(60):
        page.keyboard.press("j")
        if text in (page.evaluate("document.activeElement.closest('tr')?.innerText") or ""):
            return
    raise AssertionError(f"no row says {text}")


def test_the_desk_shows_exceptions_and_what_can_be_joined(
    desk: Desk, specialist: Page, visit: Callable[..., Page]
) -> None:
    page = visit(specialist, "/orders/?tab=all", "order-desk-1440")

    row = page.get_by_role("navigation", name="异常")
    expect(row.get_by_role("link", name="缺货")).to_contain_text("21")
    expect(row.get_by_role("link", name="疑似重复")).to_contain_text("2")
    expect(page.locator("tr", has_text="LIKE-0")).to_contain_text("可合并 5")
    expect(page.locator("tr", has_text="PART-1")).to_contain_text("分 2 批")
    row.get_by_role("link", name="疑似重复").click()
    page.wait_for_url("**trouble=repeated**")
    expect(page.locator("tbody tr")).to_have_count(2)


def test_the_desk_and_an_order_fit_a_phone(
    desk: Desk, sign_in: Callable[..., Page], visit: Callable[..., Page]
) -> None:
    page = sign_in("specialist", user=desk.company.user("specialist"), size=PHONE)

    visit(page, "/orders/?tab=all", "order-desk-360")
    number = Order.objects.get(external_no="PART-1").number
    visit(page, f"/orders/{number}/", "order-page-360")

    head = page.locator(".pagehead .actions")
    expect(head.locator("> .button, > .why")).to_have_count(3)
    head.get_by_text("更多").tap()
    expect(head.get_by_role("button", name="取消订单")).to_be_visible()
    look(page, "order-page-more-360")
    checks.all_of(page)


def test_a_key_works_for_an_action_that_waits_under_more(desk: Desk, specialist: Page) -> None:
    number = Order.objects.get(external_no="PART-1").number
    specialist.goto(f"/orders/{number}/")
    expect(specialist.get_by_role("button", name="备注")).to_have_count(0)

    press(specialist, "n")

    expect(specialist.get_by_role("dialog")).to_contain_text("备注")


def test_an_orders_page_says_what_may_not_be_done_and_why(
    desk: Desk, specialist: Page, visit: Callable[..., Page]
) -> None:
    number = Order.objects.get(external_no="PART-1").number

    page = visit(specialist, f"/orders/{number}/", "order-page-1440")

    expect(page.locator("main")).to_contain_text("应收")
    expect(page.locator("main")).to_contain_text("毛利（不含税）")
    expect(page.locator("main")).to_contain_text("等货")
    page.locator(".pagehead .actions summary", has_text="更多").click()
    expect(page.get_by_role("button", name="合并")).to_have_attribute("aria-disabled", "true")
    expect(page.locator("main")).to_contain_text("没有其他订单寄往同一收件人")


def test_joining_noting_holding_and_copying_take_keys_alone(desk: Desk, specialist: Page) -> None:
    page = specialist
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/orders/?tab=ship")

    walk_to(page, "LIKE-1")
    press(page, "c")
    expect(page.locator("#messages")).to_contain_text("已复制")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == Order.objects.get(external_no="LIKE-1").number

    press(page, "x", "m")
    expect(page.locator("main")).to_contain_text("可执行")
    look(page, "order-desk-join-1440")
    checks.all_of(page)
    press(page, "m")
    expect(page.locator("#messages")).to_contain_text("合并")
    expect(page.locator("tr", has_text="LIKE-1")).to_contain_text("已合 5 单")
    shared = Shipment.objects.exclude(parcel=None).values_list("parcel", flat=True)
    assert (len(shared), len(set(shared))) == (5, 1)

    walk_to(page, "LIKE-2")
    press(page, "x", "n")
    expect(page.get_by_label("备注")).to_be_focused()
    page.keyboard.type("gift wrap")
    press(page, "Control+Enter")
    expect(page.locator("#messages")).to_contain_text("备注")
    assert OrderNote.objects.get().text == "gift wrap"

    walk_to(page, "LIKE-2")
    press(page, "x", "h")
    expect(page.get_by_label("原因")).to_be_focused()
    page.keyboard.type("address")
    press(page, "Control+Enter")
    expect(page.locator("main")).to_contain_text("可执行")
    press(page, "h")
    expect(page.locator("#messages")).to_contain_text("挂起")
    assert Order.objects.get(external_no="LIKE-2").hold_reason == "address"


def test_auditing_twenty_orders_takes_three_keys_and_says_what_it_skips(
    desk: Desk, specialist: Page
) -> None:
    page = specialist
    receive(desk.company, desk.company.bin_id, 10 * 19)
    page.goto("/orders/?tab=held&trouble=short&n=50")
    expect(page.locator("tbody tr")).to_have_count(21)

    press(page, "X", "v")
    expect(page.locator("main")).to_contain_text("库存不足")
    look(page, "order-desk-audit-1440")
    checks.all_of(page)
    press(page, "v")

    expect(page.locator("#messages")).to_contain_text("2 行不能执行，已跳过")
    waiting = Order.objects.filter(external_no__startswith="WAIT")
    assert waiting.filter(state="allocated").count() == 19
    left = waiting.get(state="paid")
    expect(page.locator("tr.is-picked", has_text=left.number)).to_have_count(1)
    look(page, "order-desk-audited-1440")


def test_a_warehouse_is_chosen_and_checked_before_orders_move(desk: Desk, specialist: Page) -> None:
    page = specialist
    page.goto("/orders/?tab=held&trouble=short")
    walk_to(page, "WAIT")
    press(page, "x")
    page.get_by_role("button", name="改仓").click()

    page.get_by_label("仓库").select_option(label="上海仓")
    look(page, "order-desk-move-1440")
    page.get_by_role("button", name="核对").click()
    expect(page.locator("main")).to_contain_text("可执行")
    checks.all_of(page)
    page.get_by_role("button", name="改仓").click()

    expect(page.locator("#messages")).to_contain_text("改仓")
    moved = Order.objects.get(warehouse_id=desk.other_id)
    assert (moved.state, moved.hold_reason) == ("allocated", "")
