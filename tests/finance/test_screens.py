"""Every screen of finance answers in Chinese; matching by hand works as keys do it."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pypdf import PdfReader

from finance.models import Break, JournalEntry
from finance.services import closing, journal, reconciliation
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.tables import services as imports
from tests.engines.http.conftest import enter  # noqa: F401 a fixture
from tests.engines.identity.factories import account
from tests.finance.factories import BOOKKEEPER, DAY, NOON, open_month, trade_channel, voucher
from tests.finance.statements import Statement
from tests.finance.test_reconciliation import HEAD, pay

pytestmark = pytest.mark.django_db
SEEN = "/finance/"


@pytest.fixture(name="desk")
def fixture_desk(enter: Callable[..., Client], tmp_path: Path) -> Client:  # noqa: F811
    """Return a finance officer's browser in a company with a statement and vouchers."""
    open_month()
    journal.post([voucher("a")], actor=BOOKKEEPER, at=NOON)
    channel = trade_channel()
    records = tmp_path / "records.csv"
    records.write_text(HEAD + pay("SO-GONE", "70.00") + "\n" + pay("SO-OK", "5.00") + "\n")
    statement = Statement().add("ODD-1", "70.00").add("SO-OK", "5.00").add("ODD-2", "9.00")
    for profile, path in (
        ("payment_records", records),
        ("alipay_merchant", statement.write(tmp_path)),
    ):
        imports.import_file(
            profile=profile, path=path, name=path.name, actor=Actor.importer("tests"), at=NOON,
            options={"channel": "tmall"},
        )  # fmt: skip
    reconciliation.run(
        channel_id=channel, first=DAY.replace(day=20), last=DAY.replace(day=20),
        actor=BOOKKEEPER, at=NOON,
    )  # fmt: skip
    closing.check(month=DAY.replace(day=1), actor=BOOKKEEPER, at=NOON)
    client = enter(account("officer", Role.FINANCE_OFFICER))
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "zh-hans"
    return client


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/", "对账"),
        ("/finance/trial-balance/2026-11/", "试算平衡表"),
        ("/finance/lines/?account=1002", "JV-202611-0001"),
        ("/finance/entries/", "凭证"),
        ("/finance/entries/?tab=manual", "凭证"),
        ("/finance/manual/", "手工"),
        ("/finance/manual/new/", "手工"),
        ("/finance/files/", "SF-202611-0001"),
        ("/finance/reconciliations/", "RC-202611-0001"),
        ("/finance/breaks/", "ODD-1"),
        ("/finance/matching/", "建议"),
        ("/finance/matching/?part=exact", "精确配对"),
        ("/finance/matching/?q=ODD-2&type=MISSING_IN_BOOKS", "ODD-2"),
        ("/finance/matching/?part=owners", "officer"),
        ("/finance/agreement/", "核对"),
        ("/finance/close/2026-11/", "月结"),
        ("/finance/close/2026-01/", "月结"),
    ],
)
def test_every_screen_answers(desk: Client, path: str, words: str) -> None:
    answer = desk.get(path)

    assert answer.status_code == 200, answer.content.decode()[:2000]
    assert words in answer.content.decode()


def test_records_of_every_kind_open(desk: Client) -> None:
    entry = JournalEntry.objects.order_by("pk")[0]
    found = Break.objects.order_by("pk")[0]

    for path in (
        f"/finance/entries/{entry.pk}/",
        f"/finance/breaks/{found.pk}/",
        f"/finance/files/{found.file_id}/",
    ):
        assert desk.get(path).status_code == 200, path
    for path in ("/finance/entries/999/", "/finance/breaks/999/", "/finance/close/2026-13/"):
        assert desk.get(path).status_code == 404, path


def test_an_entry_by_hand_goes_from_form_to_the_manager(desk: Client) -> None:
    account("manager", Role.FINANCE_MANAGER)
    body = {
        "business_day": "2026-11-10", "memo": "手续费", "currency": "CNY", "step": "do",
        "lines-0-account": "6602", "lines-0-debit": "5.00",
        "lines-1-account": "1002", "lines-1-credit": "5.00",
    }  # fmt: skip

    made = desk.post("/finance/manual/new/", body)
    assert made.status_code == 302
    desk.post(made["Location"], {"action": "submit"})

    assert "已提交" in desk.get(made["Location"]).content.decode()


def test_the_manager_closes_step_by_step(
    desk: Client,
    enter: Callable[..., Client],  # noqa: F811
) -> None:
    page = desk.get("/finance/close/2026-11/").content.decode()
    assert "已结账" not in page
    where = "/finance/close/2026-11/"
    manager = enter(account("manager", Role.FINANCE_MANAGER))
    manager.post(where, {"action": "check"})
    manager.post(where, {"action": "accept", "key": "accruals_posted", "note": "none"})

    item = closing.check(month=DAY.replace(day=1), actor=BOOKKEEPER, at=timezone.now())

    assert next(i for i in item.items if i.key == "accruals_posted").state == "done"


@pytest.mark.parametrize(
    ("path", "most"),
    [("/", 10), ("/finance/close/2026-11/", 8), ("/finance/breaks/", 6), ("/finance/files/", 6)],
)
def test_a_screen_asks_the_ledger_a_fixed_number_of_questions(
    desk: Client, path: str, most: int
) -> None:
    desk.get(path)

    with CaptureQueriesContext(connection) as context:
        desk.get(path)

    asked = [q["sql"] for q in context.captured_queries if "finance_" in q["sql"]]
    assert len(asked) <= most, "\n".join(sql[:200] for sql in asked)


def test_whose_right_is_confined_to_a_shop_prints_no_voucher(
    desk: Client,
    enter: Callable[..., Client],  # noqa: F811
) -> None:
    entry = JournalEntry.objects.order_by("pk")[0]

    seller = enter(account("seller", Role.SELLER))

    assert seller.get(f"/finance/entries/{entry.pk}/").status_code == 403
    assert seller.get(f"/print/voucher/{entry.pk}/").status_code == 403


def test_a_voucher_is_printed_with_its_sums_and_digest(desk: Client) -> None:
    entry = JournalEntry.objects.order_by("pk")[0]
    page = desk.get(f"/finance/entries/{entry.pk}/").content.decode()

    answer = desk.get(f"/print/voucher/{entry.pk}/")

    text = PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
    assert f"/print/voucher/{entry.pk}/" in page
    assert entry.voucher in text
    assert "合计" in text
    assert "sha256" in text
