"""V13 with the keyboard alone: a real Alipay file, line by line, until the balance agrees."""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from catalog.services import channels
from finance.models import Break, JournalEntry
from finance.selectors.standing import balance
from finance.services import reconciliation
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.tables import services as imports
from tests.finance.factories import BOOKKEEPER, open_month, trade_channel
from tests.finance.statements import Statement
from tests.screens import checks
from tests.screens.conftest import PHONE, Site, look
from tests.support.shared import shared_file

pytestmark = pytest.mark.browser
HEAD = "record_no,kind,order_no,refund_no,channel,amount,expected_fee,occurred_at,channel_txn_no"
BENCH = "/finance/matching/"


@dataclass(frozen=True)
class Line:
    """One line of the exported bill that moved money."""

    moment: str
    order: str
    money: Decimal

    @property
    def day(self) -> dt.date:
        """Return its day."""
        return dt.date.fromisoformat(self.moment[:10])


def real_lines() -> list[Line]:
    """Return what really moved in the exported bill, oldest first."""
    path = shared_file("cn_bills/alipay/alipay-records.csv")
    text = path.read_bytes().decode("gb18030").splitlines()
    head = next(n for n, line in enumerate(text) if line.startswith("交易时间"))
    names = [name.strip() for name in text[head].split(",")]
    found = []
    for cells in csv.reader(text[head + 1 :]):
        row = dict(zip(names, (cell.strip() for cell in cells), strict=False))
        if row["交易状态"] == "交易关闭":
            continue
        order = re.sub(r"\W", "-", row["商家订单号"] or row["交易订单号"], flags=re.ASCII)
        sign = -1 if row["交易分类"] == "退款" else 1
        found.append(Line(row["交易时间"], order, sign * Decimal(row["金额"])))
    return sorted(found, key=lambda line: line.moment)


def our_side(lines: list[Line]) -> Iterator[str]:
    """Yield our records with the mistakes people make: most orders have another number here."""
    for number, line in enumerate(lines, start=1):
        kind = "REFUND" if line.money < 0 else "PAY"
        name, amounts = f"SO-{number}", [abs(line.money)]
        if number == 1:
            name = line.order
        elif number == 2:
            half = (line.money / 2).quantize(Decimal("0.01"))
            amounts = [half, line.money - half]
        elif number == 5:
            name, amounts = line.order, [line.money + Decimal("0.50")]
        elif number == 8:
            continue
        for part, amount in enumerate(amounts, start=1):
            order = f"{name}-{part}" if len(amounts) > 1 else name
            back = f"RF-{order}" if kind == "REFUND" else ""
            yield f"R{number}-{part},{kind},{order},{back},,{amount},,{line.moment},"


@pytest.fixture(scope="module")
def lines(site: Site, tmp_path_factory: pytest.TempPathFactory) -> list[Line]:
    """Load the real bill in the merchant layout beside our books, and reconcile it."""
    folder = tmp_path_factory.mktemp("bill")
    real = real_lines()
    site.user(Role.FINANCE_OFFICER)
    site.user(Role.FINANCE_MANAGER)
    channel = channels.ensure_channel(
        code="tmall", name="天猫旗舰店", actor=BOOKKEEPER, at=timezone.now()
    ).id
    for day in {line.day.replace(day=1) for line in real} | {timezone.localdate()}:
        open_month(day)
    made = Statement(first=real[0].day, last=real[-1].day)
    for number, line in enumerate(real, start=1):
        kind = "交易退款" if line.money < 0 else "在线支付"
        made.add(line.order, f"{line.money}", kind, at=line.moment, serial=f"{number:024}")
    records = "\n".join([HEAD, *our_side(real)])
    for profile, data in (
        ("payment_records", records.encode()),
        ("alipay_merchant", made.text().encode("gb18030")),
    ):
        path = folder / f"{profile}.csv"
        path.write_bytes(data)
        imports.import_file(
            profile=profile, path=path, name=path.name, actor=Actor.importer("tests"),
            at=timezone.now(), options={"channel": "tmall"},
        )  # fmt: skip
    reconciliation.run(
        channel_id=channel, first=real[0].day, last=real[-1].day, actor=BOOKKEEPER,
        at=timezone.now(),
    )  # fmt: skip
    return real


def at(page: Page) -> str:
    """Return the words of the row that has the focus."""
    return str(page.evaluate("document.activeElement.closest('tr')?.innerText ?? ''"))


def seek(page: Page, pane: str, words: str) -> None:
    """Walk a side from its top with `j` until the row with these words has the focus."""
    page.keyboard.press(pane)
    for _step in range(12):
        page.keyboard.press("k")
    for _step in range(12):
        if words in at(page):
            return
        page.keyboard.press("j")
    raise AssertionError(f"no row with {words}: {at(page)}")


def message(page: Page, words: str) -> None:
    """Wait until the page says so."""
    expect(page.locator("#messages")).to_contain_text(words)


def below(page: Page) -> str:
    """Return the number of the line below the current one."""
    return str(
        page.evaluate(
            "document.querySelector('[data-pane=left] tr[aria-current]').nextElementSibling"
            ".dataset.id"
        )
    )


def current(page: Page) -> str:
    """Return the number of the current line."""
    return str(page.get_attribute("[data-pane=left] tr[aria-current]", "data-id"))


def test_a_real_bill_is_matched_by_keys_until_it_is_reconciled(
    lines: list[Line], sign_in: Callable[..., Page], visit: Callable[..., Page]
) -> None:
    page = sign_in(Role.FINANCE_OFFICER)
    visit(page, BENCH, "V13-workbench-1440")
    standing = page.locator("#standing")
    expect(standing).to_contain_text("8 行 = 已匹配 1 + 未匹配 7")
    expect(standing).to_contain_text("为 0 才能核平")

    _match_one_with_two(page)
    _take_undo_take(page)
    _skip_and_accept_the_exact(page, visit)
    _say_what_the_difference_is(page)
    _open_a_case_and_end_it(page)

    expect(standing).to_contain_text("已核平")
    visit(page, BENCH, "V13-reconciled-1440")
    statement, booked = balance(channel_id=trade_channel())
    assert statement == booked == sum(line.money for line in lines)
    ended = Break.objects.exclude(resolution="cleared").values_list("resolution", flat=True)
    assert sorted(ended) == ["matched"] * 11 + ["payable", "subsidy"]
    assert JournalEntry.objects.filter(kind="reversal").count() == 1


def _match_one_with_two(page: Page) -> None:
    """One line of the statement, two of ours: the sum is live, then Enter."""
    seek(page, "h", "222,228.50")
    for part in ("SO-2-1", "SO-2-2"):
        seek(page, "l", part)
        page.keyboard.press("x")
    expect(page.locator("[data-count]")).to_have_text("3")
    expect(page.locator("[data-rest]")).to_have_text("0.00")
    look(page, "V13-many-1440")
    page.keyboard.press("Enter")
    message(page, "-0001 ")


def _take_undo_take(page: Page) -> None:
    """A suggestion is one key; the cursor goes to the line below; `u` brings it back."""
    seek(page, "h", "99.34")
    here, then = current(page), below(page)
    page.keyboard.press("1")
    message(page, "-0002 ")
    assert current(page) == then
    page.keyboard.press("u")
    message(page, "已红冲")
    assert current(page) == here
    page.keyboard.press("1")
    message(page, "-0003 ")


def _skip_and_accept_the_exact(page: Page, visit: Callable[..., Page]) -> None:
    """Skipping touches nothing; all exact pairs are accepted after their preview."""
    seek(page, "h", "9.90")
    page.keyboard.press("s")
    assert Break.objects.filter(state="open").count() == 8
    page.keyboard.press("A")
    expect(page.locator("h1")).to_have_text("精确配对")
    visit(page, page.url, "V13-exact-1440")
    page.keyboard.press("Enter")
    message(page, "已匹配 3 对")


def _say_what_the_difference_is(page: Page) -> None:
    """A difference beyond a fen asks for its code before anything is sent."""
    seek(page, "h", "20.00")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "code"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("红包由平台承担")
    look(page, "V13-code-1440")
    page.keyboard.press("Enter")
    message(page, "-0007 ")


def _open_a_case_and_end_it(page: Page) -> None:
    """What nobody knows becomes a case with an owner, and is ended by a code later."""
    page.keyboard.press("b")
    expect(page.locator("#case")).to_be_visible()
    checks.axe(page)
    look(page, "V13-case-1440", full=False)
    page.keyboard.press("Control+Enter")
    message(page, "赵敏")
    expect(page.locator("[data-pane=left]")).to_contain_text("责任人 赵敏")
    page.keyboard.press("d")
    for _step in range(4):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("买家重复付款，待退")
    page.keyboard.press("Enter")


def test_a_phone_shows_totals_only(
    lines: list[Line], sign_in: Callable[..., Page], visit: Callable[..., Page]
) -> None:
    page = sign_in(Role.FINANCE_OFFICER, size=PHONE)

    visit(page, BENCH, "V13-workbench-360")

    expect(page.locator("#standing")).to_be_visible()
    expect(page.locator("form.bench")).to_be_hidden()
