"""The general ledger: balanced, once, gapless, never edited; the database refuses on its own."""

import csv
import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg2.extensions import connection as Connection

from finance import errors
from finance.models import Account, AccountBalance, JournalEntry, JournalLine
from finance.selectors import ledger
from finance.services import journal
from finance.types import EntryDraft, Posted
from ops.engines.audit.models import Fact
from ops.engines.periods import services as periods
from tests.finance.factories import BOOKKEEPER, DAY, NOON, open_month, voucher
from tests.support.cluster import OwnDatabase
from tests.support.shared import shared_file


def post(*drafts: EntryDraft) -> Posted:
    return journal.post(drafts, actor=BOOKKEEPER, at=NOON)


@pytest.mark.django_db
def test_vouchers_are_numbered_without_gaps_and_balances_follow() -> None:
    open_month()

    posted = post(voucher("a"), voucher("b", debit="2.50", credit="2.50"))

    assert posted.vouchers == ("JV-202611-0001", "JV-202611-0002")
    bank = AccountBalance.objects.get(account_id="1002")
    assert (bank.month, bank.debit, bank.credit) == (
        dt.date(2026, 11, 1),
        Decimal("102.50"),
        Decimal(0),
    )
    assert ledger.differences() == []


@pytest.mark.django_db
def test_the_same_effect_is_posted_once() -> None:
    open_month()
    post(voucher("a"))

    again = post(voucher("a"), voucher("b"))

    assert (again.vouchers, again.already) == (("JV-202611-0002",), 1)
    assert JournalEntry.objects.count() == 2


@pytest.mark.django_db
def test_unbalanced_draft_is_refused_and_nothing_is_written() -> None:
    open_month()

    with pytest.raises(errors.Unbalanced):
        post(voucher("a"), voucher("b", debit="1.00", credit="2.00"))

    assert not JournalEntry.objects.exists()
    assert not Fact.objects.filter(action="finance.entries_posted").exists()


@pytest.mark.django_db
@pytest.mark.clause("FIN-7.4-01")
def test_closed_month_takes_no_posting() -> None:
    open_month()
    periods.close(
        module="ledger", first=DAY.replace(day=1), last=dt.date(2026, 11, 30),
        actor=BOOKKEEPER, at=NOON,
    )  # fmt: skip

    with pytest.raises(errors.PeriodClosed):
        post(voucher("a"))

    assert not JournalEntry.objects.exists()


@pytest.mark.django_db
def test_a_reversal_mirrors_the_entry_once() -> None:
    open_month()
    post(voucher("a"))
    entry = JournalEntry.objects.get()

    journal.reverse(entry_id=entry.pk, business_day=DAY, reason="typo", actor=BOOKKEEPER, at=NOON)

    assert AccountBalance.objects.get(account_id="1002").credit == Decimal("100.00")
    with pytest.raises(errors.AlreadyReversed):
        journal.reverse(
            entry_id=entry.pk, business_day=DAY, reason="again", actor=BOOKKEEPER, at=NOON
        )
    assert JournalEntry.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE finance_journalline SET debit = debit + 1",
        "DELETE FROM finance_journalline",
        "UPDATE finance_journalentry SET memo = 'x'",
        "TRUNCATE finance_journalentry CASCADE",
        "UPDATE finance_accountbalance SET debit = 0",
        (
            "INSERT INTO finance_accountbalance (account_id, month, currency, debit, credit)"
            " VALUES ('1001', '2026-11-01', 'CNY', 1, 0)"
        ),
    ],
)
def test_app_role_cannot_touch_what_is_posted(statement: str) -> None:
    open_month()
    post(voucher("a"))

    with (
        pytest.raises(Exception, match=r"permission denied|append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert ledger.differences() == []


def _entry_by_sql(cursor: CursorWrapper, key: str, debit: str, credit: str) -> int:
    cursor.execute(
        "INSERT INTO finance_journalentry (voucher, business_day, currency, kind, source_type,"
        " source_id, effect_key, memo, posted_at)"
        " VALUES (%s, %s, 'CNY', 'automatic', 'x', '1', %s, '', now()) RETURNING id",
        [key, DAY, key],
    )
    pk = int(cursor.fetchone()[0])
    cursor.execute(
        "INSERT INTO finance_journalline (entry_id, account_id, debit, credit)"
        " VALUES (%s, '1002', %s, 0), (%s, '6001', 0, %s)",
        [pk, debit, pk, credit],
    )
    return pk


@pytest.mark.django_db
def test_database_refuses_an_unbalanced_entry_at_commit() -> None:
    open_month()

    with (  # noqa: PT012 the refusal comes with the second statement
        pytest.raises(IntegrityError, match="journalentry_unbalanced"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        _entry_by_sql(cursor, "raw", "5.00", "6.00")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    assert not JournalEntry.objects.exists()


@pytest.mark.django_db
def test_database_refuses_a_posting_on_a_heading_account() -> None:
    open_month()

    with (  # noqa: PT012 the refusal comes with the second statement
        pytest.raises(IntegrityError, match="takes_no_postings"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        pk = _entry_by_sql(cursor, "raw", "5.00", "5.00")
        cursor.execute(
            "INSERT INTO finance_journalline (entry_id, account_id, debit, credit)"
            " VALUES (%s, '2221', 1, 0)",
            [pk],
        )


def test_lines_cannot_join_an_entry_of_another_transaction(own_database: OwnDatabase) -> None:
    with transaction.atomic():
        open_month()
        post(voucher("a"))
    entry = JournalEntry.objects.get()

    with pytest.raises(IntegrityError, match="joins_posted_entry"), transaction.atomic():
        JournalLine.objects.bulk_create(
            [
                JournalLine(entry=entry, account_id="1002", debit=1, credit=0),
                JournalLine(entry=entry, account_id="6001", debit=0, credit=1),
            ]
        )

    assert JournalLine.objects.count() == 2


def test_verification_finds_an_edit_planted_by_the_owner(
    own_database: OwnDatabase, as_owner: Connection
) -> None:
    with transaction.atomic():
        open_month()
        post(voucher("a"))
    assert ledger.differences() == []

    with as_owner.cursor() as cursor:
        cursor.execute("ALTER TABLE finance_journalline DISABLE TRIGGER USER")
        cursor.execute("UPDATE finance_journalline SET debit = 99 WHERE debit = 100")
        cursor.execute("ALTER TABLE finance_journalline ENABLE TRIGGER USER")

    found = ledger.differences()
    assert len(found) == 2
    assert "1002" in found[0]
    assert "JV-202611-0001" in found[1]


@pytest.mark.django_db
def test_trial_balance_opens_where_the_former_month_ended() -> None:
    open_month(dt.date(2026, 10, 5))
    open_month()
    post(voucher("a", day=dt.date(2026, 10, 5)), voucher("b"))

    rows = ledger.trial_balance(first=DAY, last=DAY)

    bank = next(row for row in rows if row.account == "1002")
    assert (bank.opening_debit, bank.debit, bank.closing_debit) == (
        Decimal("100.00"), Decimal("100.00"), Decimal("200.00"),
    )  # fmt: skip
    assert sum(r.closing_debit for r in rows) == sum(r.closing_credit for r in rows)


@pytest.mark.django_db
def test_chart_of_accounts_is_the_published_one() -> None:
    with shared_file("cn_coa/accounts_enterprise_standard.csv").open(encoding="utf-8") as lines:
        published = {row["code"]: row["name_en"] for row in csv.DictReader(lines)}

    assert dict(Account.objects.values_list("code", "name_en")) == published
