"""Statements come in whole, say what is odd about them, and post nothing (FIN-7.3-01)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection, transaction

from finance.errors import WrongMerchant
from finance.models import Break, JournalEntry, PaymentAccount, SettlementFile, SettlementLine
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import OpsError
from ops.engines.tables import services as imports
from ops.engines.tables.types import BatchInfo
from tests.finance.factories import NOON, trade_channel
from tests.finance.statements import ACCOUNT, NEW, OLD, Statement

pytestmark = pytest.mark.django_db


def load(path: Path, channel: str = "tmall") -> BatchInfo:
    trade_channel()
    return imports.import_file(
        profile="alipay_merchant", path=path, name=path.name, actor=Actor.importer("tests"),
        at=NOON, options={"channel": channel},
    )  # fmt: skip


def day() -> Statement:
    return (
        Statement()
        .add("SO-1", "338.00")
        .add("SO-1", "-2.03", "收费", txn="TXSO-1")
        .add("SO-2", "-189.00", "交易退款", at="2026-11-20 10:02:00")
        .add("", "-50000.00", "提现", at="2026-11-20 10:09:00")
    )


def kinds() -> list[tuple[str, Decimal]]:
    return list(SettlementLine.objects.order_by("line_no").values_list("kind", "amount"))


KINDS = [
    ("pay", Decimal("338.00")),
    ("fee", Decimal("2.03")),
    ("refund", Decimal("189.00")),
    ("withdrawal", Decimal("50000.00")),
]


@pytest.mark.parametrize(
    "header", [OLD, OLD.replace("（", "(").replace("）", ")"), NEW], ids=["old", "ascii", "new"]
)
def test_every_header_variant_reads_the_same(tmp_path: Path, header: str) -> None:
    batch = load(day().write(tmp_path, header=header))

    assert (batch.accepted, batch.rejected) == (4, 0)
    assert kinds() == KINDS
    file = SettlementFile.objects.get()
    assert (file.account_no, file.first_day, file.last_day) == (
        ACCOUNT, dt.date(2026, 11, 20), dt.date(2026, 11, 20),
    )  # fmt: skip
    assert (file.income, file.expense) == (Decimal("338.00"), Decimal("50191.03"))
    assert not Break.objects.exists()
    assert not JournalEntry.objects.exists()


def test_archive_of_summary_and_detail_is_told_apart_by_header(tmp_path: Path) -> None:
    batch = load(day().archive(tmp_path))

    assert batch.accepted == 4
    assert kinds() == KINDS
    assert not Break.objects.exists()


def test_a_summary_that_differs_is_a_break(tmp_path: Path) -> None:
    load(day().archive(tmp_path, extra="5.00"))

    found = Break.objects.get()
    assert (found.type, found.source, found.statement_amount, found.our_amount) == (
        "SUMMARY_TOTAL_MISMATCH", "file", Decimal("343.00"), Decimal("338.00"),
    )  # fmt: skip


@pytest.mark.parametrize(
    "trailer", ["", "#支出合计：3笔，共-50191.03元\n#收入合计：2笔，共338.00元"]
)
def test_missing_or_wrong_totals_are_a_break(tmp_path: Path, trailer: str) -> None:
    load(day().write(tmp_path, trailer=trailer))

    assert set(Break.objects.values_list("type", flat=True)) == {"SUMMARY_TOTAL_MISMATCH"}


def test_a_jump_of_the_running_balance_is_a_break_once(tmp_path: Path) -> None:
    statement = day()
    statement.balance += Decimal("7.00")
    statement.add("SO-3", "10.00", at="2026-11-20 11:00:00")
    statement.add("SO-4", "10.00", at="2026-11-20 12:00:00")

    load(statement.write(tmp_path))

    found = Break.objects.get()
    assert (found.type, found.order_no) == ("BALANCE_DISCONTINUITY", "SO-3")
    assert found.statement_amount is not None
    assert found.our_amount is not None
    assert found.statement_amount - found.our_amount == Decimal("7.00")


@pytest.mark.clause("FIN-7.3-01")
def test_the_same_file_renamed_and_resorted_has_no_second_effect(tmp_path: Path) -> None:
    load(day().write(tmp_path))
    again = day()
    again.rows.reverse()

    second = load(again.write(tmp_path, "renamed.csv"))

    assert second.known
    assert SettlementFile.objects.count() == 1
    assert SettlementLine.objects.count() == 4


def test_files_that_overlap_count_each_line_once(tmp_path: Path) -> None:
    load(day().write(tmp_path))

    batch = load(day().add("SO-9", "1.00").write(tmp_path, "longer.csv"))

    assert (batch.accepted, batch.duplicate) == (1, 4)
    assert not Break.objects.exists()


def test_a_serial_number_with_another_amount_is_turned_down_with_its_reason(
    tmp_path: Path,
) -> None:
    load(day().write(tmp_path))
    other = Statement().add("SO-1", "999.00")

    batch = load(other.write(tmp_path, "other.csv"))

    assert (batch.accepted, batch.rejected) == (0, 1)
    assert SettlementLine.objects.filter(amount=999).count() == 0
    assert "finance.line_changed" in str(batch.reasons)


def test_the_file_of_another_merchant_is_refused(tmp_path: Path) -> None:
    load(day().write(tmp_path))
    foreign = Statement().add("SO-7", "5.00", serial="X1")

    with pytest.raises(WrongMerchant):
        load(foreign.write(tmp_path, "foreign.csv", account="20889999999999990156"))

    assert SettlementFile.objects.count() == 1
    assert PaymentAccount.objects.get().account_no == ACCOUNT


def test_lines_of_unknown_kind_are_kept_apart(tmp_path: Path) -> None:
    load(Statement().add("", "12.00", "红包").add("", "-3.00", "保证金").write(tmp_path))

    assert kinds() == [("other", Decimal("12.00")), ("other", Decimal("-3.00"))]


def test_a_file_without_amount_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("账务流水号,发生时间\n1,2026-11-20 10:00:00\n")

    with pytest.raises(OpsError):
        load(path)

    assert not SettlementFile.objects.exists()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE finance_settlementline SET amount = 1",
        "DELETE FROM finance_settlementline",
        "UPDATE finance_settlementfile SET income = 0",
        "DELETE FROM finance_break",
    ],
)
def test_app_role_cannot_change_what_a_statement_said(tmp_path: Path, statement: str) -> None:
    load(day().write(tmp_path))

    with (
        pytest.raises(Exception, match=r"permission denied|append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
