"""June 2011 of the real trade is closed, refuses what comes late, and goes to the auditor."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone, translation
from openpyxl import load_workbook
from pypdf import PdfReader

from finance import errors
from finance.models import JournalEntry
from finance.selectors import ledger
from finance.services import closing, journal
from finance.types import EntryDraft, LineDraft
from ops.engines.identity import selectors as identity
from ops.engines.identity.choices import Role
from ops.engines.identity.models import User
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import Forbidden, OpsError
from ops.engines.reports import services as reports
from ops.engines.reports.models import ReportRun
from ops.engines.reports.types import ReportFile
from tests.engines.approvals.toys import refused_by
from tests.engines.http.conftest import with_token
from tests.engines.identity.factories import account
from tests.support.cluster import OwnDatabase

JUNE, LAST = dt.date(2011, 6, 1), dt.date(2011, 6, 30)
SYSTEM = Actor.system("tests")
ROLES = {
    "officer": Role.FINANCE_OFFICER,
    "chief": Role.FINANCE_MANAGER,
    "director": Role.OPERATIONS_DIRECTOR,
    "auditor": Role.AUDITOR,
}


@dataclass
class Closed:
    """The closed month and the people around it."""

    users: dict[str, User]
    blocked_by: list[str]
    pack: ReportFile

    def who(self, name: str) -> Actor:
        """Return who an account is now."""
        return identity.actor_for(self.users[name], at=timezone.now())


@pytest.fixture(scope="module")
def closed(trade_company: OwnDatabase) -> Iterator[Closed]:
    """Close June as the finance manager, and build the audit pack as the auditor."""
    with translation.override("zh-hans"):
        users = {name: account(name, role) for name, role in ROLES.items()}
        chief = identity.actor_for(users["chief"], at=timezone.now())
        with pytest.raises(errors.CloseBlocked) as caught:
            closing.close_month(month=JUNE, actor=chief, at=timezone.now())
        blocked_by = list(caught.value.context["items"])
        closing.accept(
            month=JUNE, key="accruals_posted", note="本月无应计", actor=chief, at=timezone.now()
        )
        closing.close_month(month=JUNE, actor=chief, at=timezone.now())
        auditor = identity.actor_for(users["auditor"], at=timezone.now())
        pack = reports.build(
            name="audit_pack", period="2011-06", fmt="zip", actor=auditor, at=timezone.now()
        )
        yield Closed(users, blocked_by, pack)


def member(closed: Closed, name: str) -> bytes:
    with zipfile.ZipFile(closed.pack.path) as archive:
        return archive.read(name)


def sale(day: dt.date) -> EntryDraft:
    amount = Decimal("1.00")
    return EntryDraft(
        effect_key=f"late:{day}",
        business_day=day,
        source_type="tests",
        source_id="1",
        memo="late",
        lines=(LineDraft("1122", debit=amount), LineDraft("6001", credit=amount)),
        currency="GBP",
    )


@pytest.mark.clause("FIN-7.4-01")
def test_the_month_closes_when_its_list_is_done(closed: Closed) -> None:
    assert closed.blocked_by == ["accruals_posted"]
    seen = closing.check(month=JUNE, actor=closed.who("officer"), at=timezone.now())
    assert (seen.state, seen.revision) == ("closed", 1)
    assert {item.state for item in seen.items} == {"done"}
    assert ledger.differences() == []


@pytest.mark.clause("FIN-7.4-01")
def test_nothing_more_is_posted_in_the_closed_month(closed: Closed) -> None:
    before = JournalEntry.objects.count()

    with pytest.raises(OpsError):
        journal.post([sale(LAST)], actor=SYSTEM, at=timezone.now())
    with refused_by("period_open"), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO finance_journalentry (voucher, business_day, currency, kind, source_type,"
            " source_id, effect_key, memo, posted_at) VALUES"
            " ('X-201106-9999', %s, 'GBP', 'auto', 'x', '1', 'x:1', 'x', now())",
            [LAST],
        )

    assert JournalEntry.objects.count() == before


@pytest.mark.clause("FIN-7.3-06")
def test_every_member_of_the_pack_has_its_hash(closed: Closed) -> None:
    with zipfile.ZipFile(closed.pack.path) as archive:
        told = json.loads(archive.read("manifest.json"))
        files = {entry["file"]: entry for entry in told["files"]}
        assert {*files, "manifest.json"} == set(archive.namelist())
        for name, entry in files.items():
            assert hashlib.sha256(archive.read(name)).hexdigest() == entry["sha256"], name
    assert (told["pack"], told["period"]) == ("audit_pack", "2011-06")
    whole = hashlib.sha256(Path(closed.pack.path).read_bytes()).hexdigest()
    assert whole == closed.pack.sha256
    for part in ("journal", "trial_balance", "stock_in_out_onhand", "audit_facts"):
        assert {f"{part}.xlsx", f"{part}.csv", f"{part}.pdf"} <= set(files), part
    assert "已关账" in archive_text(closed, "contents.txt")


@pytest.mark.clause("FIN-7.3-06")
def test_the_three_formats_open_and_say_the_same(closed: Closed) -> None:
    book = load_workbook(io.BytesIO(member(closed, "trial_balance.xlsx")), read_only=True)
    sheet = [row for row in book.worksheets[0].iter_rows(values_only=True) if any(row)]
    rows = list(csv.reader(io.StringIO(archive_text(closed, "trial_balance.csv"))))
    pdf = PdfReader(io.BytesIO(member(closed, "trial_balance.pdf")))
    page = "".join(each.extract_text() for each in pdf.pages)

    names = {row[2] for row in rows}
    assert {"应收账款", "主营业务收入"} <= names
    cells = {str(cell) for row in sheet for cell in row}
    assert names <= cells
    assert "应收账款" in page
    assert "主营业务收入" in page
    assert "科目" in page


@pytest.mark.clause("FIN-7.3-06")
def test_the_journal_in_the_pack_balances_and_equals_the_ledger(closed: Closed) -> None:
    rows = list(csv.reader(io.StringIO(archive_text(closed, "journal.csv"))))
    lines = [row for row in rows if len(row) == 10 and row[1].startswith("2011-06-")]

    debit = sum((Decimal(row[8] or 0) for row in lines), Decimal(0))
    credit = sum((Decimal(row[9] or 0) for row in lines), Decimal(0))

    kept = [
        row
        for currency in ledger.currencies()
        for row in ledger.trial_balance(first=JUNE, last=LAST, currency=currency)
    ]
    assert debit == credit == sum(row.debit for row in kept)
    vouchers = JournalEntry.objects.filter(business_day__range=(JUNE, LAST)).count()
    assert len({row[0] for row in lines}) == vouchers > 1_000


@pytest.mark.clause("FIN-7.3-06")
@pytest.mark.parametrize("name", ["officer", "chief", "director"])
def test_nobody_but_an_auditor_gets_the_pack(closed: Closed, name: str) -> None:
    before = ReportRun.objects.count()

    with pytest.raises(Forbidden):
        reports.build(
            name="audit_pack",
            period="2011-06",
            fmt="zip",
            actor=closed.who(name),
            at=timezone.now(),
        )
    with pytest.raises(Forbidden):
        reports.download(run_id=closed.pack.run_id, actor=closed.who(name), at=timezone.now())
    api = with_token(closed.users[name])
    asked = {"period": "2011-06", "format": "zip"}

    assert api.post("/api/v1/reports/audit_pack/runs/", asked).status_code == 403
    assert ReportRun.objects.count() == before


@pytest.mark.clause("FIN-7.4-01")
def test_only_the_finance_manager_closes(closed: Closed) -> None:
    for name in ("officer", "director", "auditor"):
        with pytest.raises(Forbidden):
            closing.close_month(
                month=dt.date(2011, 5, 1), actor=closed.who(name), at=timezone.now()
            )


def archive_text(closed: Closed, name: str) -> str:
    return member(closed, name).decode("utf-8-sig")
