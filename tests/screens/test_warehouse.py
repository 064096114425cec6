"""Receiving and counting by hand: scanner and phone in the warehouse, the report at a desk."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from catalog.models import Category, Product, Sku
from inventory.models import CountLine, ReceiptLine, StockCount
from inventory.services import counting, counts, findings, lots, purchasing, receiving
from inventory.types import CountEntry, FoundLine, PurchaseWant
from ops.engines.approvals import services as approvals
from ops.engines.approvals.models import Request
from tests.screens import checks
from tests.screens.conftest import DESK, PHONE, Site, look
from tests.support import company as companies
from tests.support import uploads
from tests.support.company import SYSTEM, Company

pytestmark = pytest.mark.browser
ITEM, SECOND = "WJ-2207", "ST-4105"
GTIN = "06901234567892"
FNC1 = "\x1d"
PNG = uploads.png()
_KEYS = """
async (code) => {
  const names = {"-": "Minus", "(": "Digit9", ")": "Digit0", "\\u001d": "BracketRight"};
  const send = (key, code, more) => (document.activeElement ?? document.body).dispatchEvent(
    new KeyboardEvent("keydown", {key, code, bubbles: true, cancelable: true, ...more}));
  for (const c of code) {
    const name = names[c] ?? (/\\d/.test(c) ? `Digit${c}` : `Key${c.toUpperCase()}`);
    send(c, name, {shiftKey: /[A-Z()]/.test(c), ctrlKey: c === "\\u001d"});
  }
  send("Enter", "Enter", {});
  await new Promise((done) => setTimeout(done, 300));
}
"""


@dataclass
class House:
    """The company, one delivery to be counted, one count begun."""

    company: Company
    receipt: int

    def actor(self, name: str) -> object:
        return self.company.actor(name)


@pytest.fixture(scope="module")
def shop(site: Site) -> House:
    """Order two goods, one of which needs an expiry date, and open their delivery."""
    company = companies.build(at=timezone.now())
    Sku.objects.filter(code=ITEM).update(barcode=GTIN[1:])
    food = Category.objects.create(code="food", path="food", name="食品")
    Product.objects.filter(skus__code=ITEM).update(category=food)
    lots.set_shelf_life(category="food", needs_expiry=True, actor=SYSTEM, at=timezone.now())
    return House(company, deliver(company, "SH-1"))


def deliver(company: Company, note: str) -> int:
    """Order, approve, send, and open the receipt."""
    buyer, now = company.actor("purchaser"), timezone.now()
    made = purchasing.draft_purchase(
        supplier_id=company.supplier_id,
        warehouse_id=company.warehouse_id,
        lines=[
            PurchaseWant(
                sku_id=company.skus[code],
                quantity=pieces,
                unit_cost=Decimal("7.00"),
                reason="换季",
            )
            for code, pieces in ((ITEM, 30), (SECOND, 5))
        ],
        actor=buyer,
        at=now,
    )
    purchasing.submit_purchase(purchase_id=made.id, actor=buyer, at=now)
    request = Request.objects.latest("pk")
    approvals.approve(
        request_id=request.pk,
        content_hash=request.content_hash,
        actor=company.actor("supervisor"),
        at=now,
    )
    purchasing.send_purchase(purchase_id=made.id, actor=buyer, at=now)
    return receiving.open_receipt(
        purchase_id=made.id, delivery_note=note, actor=company.actor("keeper2"), at=now
    ).id


def scan(page: Page, code: str) -> None:
    """Let a scanner type a code, as a keyboard wedge does: keys close together, then Enter."""
    page.evaluate(_KEYS, code)


def lines(receipt: int) -> dict[tuple[str, str], ReceiptLine]:
    rows = ReceiptLine.objects.filter(receipt_id=receipt).select_related("sku", "lot")
    return {(line.sku.code, line.lot.code if line.lot else ""): line for line in rows}


def settled(page: Page, receipt: int, key: tuple[str, str], counted: int) -> ReceiptLine:
    """Wait until the server has what the device kept."""
    for _try in range(100):
        line = lines(receipt).get(key)
        if line is not None and line.counted == counted:
            return line
        page.wait_for_timeout(100)
    raise AssertionError(f"{key}: {lines(receipt)}")


@pytest.mark.clause("SCM-2.2-02", "SYS-6.2-12")
def test_a_delivery_is_counted_on_a_phone_by_scanner_and_keys(
    shop: House, sign_in: Callable[..., Page]
) -> None:
    page = sign_in("keeper", user=shop.company.user("keeper"), size=PHONE)
    path = f"/inventory/receipts/{shop.receipt}/"
    page.goto(f"{path}count/")
    expires = (timezone.localdate() + dt.timedelta(days=400)).strftime("%y%m%d")
    carton = f"(01){GTIN}(17){expires}(10)L24"
    bare = f"01{GTIN}10L25{FNC1}17{expires}"

    # A carton fills lot and expiry, each scan adds one piece.
    for _piece in range(3):
        scan(page, carton)
    expect(page.locator("#quantity")).to_have_value("3")
    expect(page.locator("#word-lot")).to_have_value("L24")
    look(page, "receipt-count-360", full=False)
    checks.all_of(page)

    # Digits, then Enter, set the quantity; a damaged piece goes to quarantine.
    page.locator("#quantity").fill("20")
    page.locator("#extra-bad").fill("2")
    page.locator("#quantity").press("Enter")
    first = settled(page, shop.receipt, (ITEM, "L24"), 20)
    assert (first.good, first.mismatch) == (18, "damaged")
    assert first.lot is not None
    assert f"{first.lot.expires_on:%y%m%d}" == expires

    # Another lot of the same goods becomes a line of its own; the first keeps its pieces.
    scan(page, bare)
    expect(page.locator("#word-lot")).to_have_value("L25")
    expect(page.locator("#quantity")).to_have_value("1")
    page.locator("#quantity").fill("10")
    page.locator("#quantity").press("Enter")
    second = settled(page, shop.receipt, (ITEM, "L25"), 10)
    first = lines(shop.receipt)[ITEM, "L24"]
    assert (first.counted, first.good, first.noted, second.noted) == (20, 18, 20, 10)

    # What another item has in the field is saved when the scanner turns to the next.
    expect(page.locator("[data-unsent]")).to_have_text("0", timeout=20_000)
    page.wait_for_timeout(500)
    scan(page, SECOND)
    scan(page, SECOND)
    scan(page, f"(01){GTIN}(10)L24(17){expires}")
    settled(page, shop.receipt, (SECOND, ""), 2)
    assert {line.counted for line in lines(shop.receipt).values()} == {20, 10, 2}


@pytest.mark.clause("SCM-2.2-02")
def test_what_is_refused_says_so_on_the_phone(shop: House, sign_in: Callable[..., Page]) -> None:
    receipt = deliver(shop.company, "SH-2")
    page = sign_in("keeper", user=shop.company.user("keeper"), size=PHONE)
    page.goto(f"/inventory/receipts/{receipt}/count/")

    scan(page, f"(01){GTIN[:-1]}3(10)L1")
    expect(page.locator("[data-hit]")).to_contain_text("校验位")
    page.locator("#quantity").fill("5")
    page.locator("#quantity").press("Enter")
    expect(page.locator("[data-mark]").first).to_contain_text("效期", timeout=20_000)

    assert {line.counted for line in lines(receipt).values()} == {None}


def counted(company: Company, note: str) -> int:
    """Deliver, find one piece of every line damaged, and finish the count."""
    now, keeper = timezone.now(), company.actor("keeper")
    receipt = deliver(company, note)
    for line in lines(receipt).values():
        found = FoundLine(
            sku_id=line.sku_id,
            counted=line.noted,
            good=line.noted - 1,
            lot=lots.read(f"L-{note}", expires_on=now.date() + dt.timedelta(days=400)),
        )
        findings.record_found(receipt_id=receipt, lines=[found], actor=keeper, at=now)
    receiving.finish_count(receipt_id=receipt, actor=keeper, at=now)
    return receipt


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["1440", "360"])
def test_the_receipt_shows_papers_photos_and_why_not(
    shop: House, sign_in: Callable[..., Page], visit: Callable[..., Page], size: tuple[int, int]
) -> None:
    receipt = counted(shop.company, f"SH-{size[0]}")
    page = sign_in("keeper", user=shop.company.user("keeper"), size=size)
    page.goto(f"/inventory/receipts/{receipt}/")
    page.locator("#add-files").set_input_files(
        {"name": "破损.png", "mimeType": "image/png", "buffer": PNG}
    )
    page.get_by_role("button", name="添加照片").click()
    expect(page.locator(".files img")).to_have_count(1)

    visit(page, f"/inventory/receipts/{receipt}/", f"receipt-{size[0]}")

    expect(page.locator("#post-why")).to_contain_text(ITEM)
    expect(page.locator("main")).to_contain_text("缺")
    assert page.evaluate("document.querySelector('.files img').naturalWidth") == 1


def started(company: Company, kind: str = "cycle") -> StockCount:
    now, keeper = timezone.now(), company.actor("keeper")
    made = counts.open_count(warehouse_id=company.warehouse_id, kind=kind, actor=keeper, at=now)
    counts.start_count(count_id=made.id, actor=keeper, at=now)
    return StockCount.objects.get(pk=made.id)


@pytest.mark.clause("SYS-6.2-12")
def test_a_sheet_is_counted_on_a_phone_with_one_scan_and_one_tap_an_item(
    shop: House, sign_in: Callable[..., Page]
) -> None:
    count = started(shop.company)
    sheet = CountLine.objects.filter(count=count).values_list("sheet__sheet_no", flat=True)[0]
    page = sign_in("keeper", user=shop.company.user("keeper"), size=PHONE)
    page.goto(f"/inventory/counts/{count.pk}/sheets/{sheet}/")
    booked = CountLine.objects.get(count=count, sku__code=SECOND).book_quantity

    scan(page, SECOND)
    expect(page.locator("#quantity")).to_have_value("1")
    page.get_by_role("button", name="下一位").tap()
    look(page, "count-sheet-360", full=False)
    checks.all_of(page)

    for _try in range(100):
        if CountLine.objects.filter(count=count, sku__code=SECOND, counted=1).exists():
            break
        page.wait_for_timeout(100)
    assert CountLine.objects.get(count=count, sku__code=SECOND).counted == 1
    scan(page, SECOND)  # a later scan of the same goods adds to what was counted
    expect(page.locator("#quantity")).to_have_value("2")
    assert f">{booked}<" not in page.content()
    assert "expected" not in page.content()


@pytest.fixture(scope="module")
def closed(shop: House) -> StockCount:
    """Close a count in which three goods differ, after one in which one of them did."""
    company, now = shop.company, timezone.now()
    keeper = company.actor("keeper")
    made = []
    for missing in (1, 3):
        count = started(company)
        made.append(count)
        rows = CountLine.objects.filter(count=count).select_related("sheet")
        for place, line in enumerate(rows.order_by("pk")):
            short = missing if place == 0 or (missing == 3 and place < 3) else 0
            counting.enter(
                count_id=count.pk,
                sheet_no=line.sheet.sheet_no,
                entries=[
                    CountEntry(
                        sku_id=line.sku_id,
                        lot_id=line.lot_id,
                        quantity=line.book_quantity - short
                        if place != 1
                        else line.book_quantity + short,
                    )
                ],
                actor=keeper,
                at=now,
            )
        counts.sign_sheets(count_id=count.pk, actor=keeper, at=now)
        counts.close_counting(count_id=count.pk, actor=keeper, at=now)
        StockCount.objects.filter(pk=count.pk).update(
            closed_at=now if missing == 3 else now - dt.timedelta(days=30)
        )
    return made[-1]


@pytest.mark.clause("SCM-2.3-06")
def test_the_variance_report_at_a_desk(
    shop: House, closed: StockCount, sign_in: Callable[..., Page], visit: Callable[..., Page]
) -> None:
    page = sign_in("keeper2", user=shop.company.user("keeper2"), size=DESK)
    path = f"/inventory/counts/{closed.pk}/variance/"

    visit(page, path, "variance-1440")

    main = page.locator("main")
    expect(main).to_contain_text("差异率")
    expect(main).to_contain_text("上季同位差异")
    expect(main).to_contain_text(f"#{closed.book_move_id or 0:,}")
    expect(page.locator("figure.chart canvas")).to_have_count(1)

    # The drawing leads to its rows, and so does the table beside it, by keyboard.
    page.locator("figure.chart summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert str(page.evaluate("document.activeElement.getAttribute('href')")).startswith("#line-")

    # Recounted by another person; causes fill down; the first open line is one click away.
    for field in page.locator("input[name^=recount-]").all():
        row = field.locator("xpath=ancestor::tr")
        field.fill(str(row.locator("td").nth(2).inner_text().split()[0].replace(",", "")))
    page.get_by_role("link", name="跳到第一行").click()
    assert "#line-" in page.url
    for name, value in (("cause", "mis_shipped"), ("treatment", "adjust")):
        page.locator(f"select[name^={name}-]").first.select_option(value)
        page.locator("[data-fill-down]").nth(0 if name == "cause" else 2).click()
    page.locator("input[name^=responsible-]").first.fill("拣货组")
    page.locator("[data-fill-down]").nth(1).click()
    page.get_by_role("button", name="保存原因与复盘").click()

    expect(page.get_by_role("link", name="跳到第一行")).to_have_count(0)
    assert not CountLine.objects.filter(count=closed, cause="").exclude(variance=0).exists()
    with page.expect_download() as waited:
        page.get_by_role("link", name="导出").click()
    assert waited.value.suggested_filename.endswith(".xlsx")


@pytest.mark.clause("SCM-2.2-03")
def test_the_decision_page_shows_the_photos(
    shop: House, sign_in: Callable[..., Page], visit: Callable[..., Page]
) -> None:
    receipt = counted(shop.company, "SH-3")
    page = sign_in("keeper", user=shop.company.user("keeper"))
    page.goto(f"/inventory/receipts/{receipt}/")
    page.get_by_role("button", name="报告差异").click()
    sheet = page.locator("dialog[open]")
    sheet.get_by_label("现场处置").select_option(index=1)
    sheet.get_by_label("处理建议").select_option(index=1)
    sheet.get_by_label("发现情况").fill("外箱受潮")
    sheet.get_by_role("button", name="报告差异").click()
    request = Request.objects.filter(flow="receipt_mismatch").latest("pk")

    visit(
        sign_in("store", user=shop.company.user("director")),
        f"/approvals/{request.pk}/",
        "mismatch-decision-1440",
    )
