"""Statements of payment channels: loaded whole, checked against their own totals, never posted."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from finance import errors
from finance.choices import BreakSource, BreakType
from finance.models import Break, PaymentAccount, SettlementFile
from finance.rules import StatedTotals
from finance.services import statement_sql as sql
from ops.engines.audit import services as audit
from ops.engines.kernel.actor import Actor
from ops.engines.numbering import services as numbering

SERIES = "SF"


@dataclass(frozen=True, slots=True)
class OddLine:
    """A line that is not taken: it says nothing or both sides, or contradicts an earlier file."""

    line_no: int
    serial_no: str
    why: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of the staged lines of one file."""

    file_id: int
    number: str
    taken: int
    duplicate: int
    odd: tuple[OddLine, ...]
    income: Decimal
    expense: Decimal


def make_stage() -> None:
    """Make the table a statement is copied into; it lives as long as the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(sql.MAKE_STAGE)


def load_staged(
    *,
    channel_id: int,
    provider: str,
    account_no: str,
    batch_id: int,
    file_name: str,
    stated: StatedTotals,
    actor: Actor,
    at: dt.datetime,
) -> Loaded:
    """Turn staged lines into a settlement file with its lines; nothing is posted.

    Totals that differ from the stated ones and jumps of the running balance become breaks. A line
    known from an earlier file is counted and has no second effect. Raises WrongMerchant.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        _check_account(channel_id, provider, account_no, actor=actor, at=at)
        cursor.execute(sql.READ)
        cursor.execute(sql.ODD, {"channel": channel_id})
        odd = tuple(OddLine(*row) for row in cursor.fetchall())
        cursor.execute(sql.DROP_ODD, {"lines": [line.line_no for line in odd]})
        cursor.execute(sql.TOTALS)
        lines, income, expense, incomes, expenses, first, last = cursor.fetchone()
        today = at.date()
        file = SettlementFile.objects.create(
            number=numbering.take_one(SERIES, at=at),
            channel_id=channel_id,
            provider=provider,
            account_no=account_no,
            batch_id=batch_id,
            file_name=file_name,
            first_day=min(filter(None, (stated.first, first)), default=today),
            last_day=max(filter(None, (stated.last, last)), default=today),
            lines=lines,
            income=income,
            expense=expense,
            stated=stated.plain(),
            imported_at=at,
            imported_by=actor.person_id,
        )
        cursor.execute(sql.INSERT, {"file": file.pk, "channel": channel_id})
        taken = cursor.rowcount
        differences = stated.against(
            incomes=incomes, income=income, expenses=expenses, expense=expense
        )
        _note_totals(file, differences, at=at)
        _note_jumps(file, cursor, at=at)
        audit.record(
            actor=actor,
            at=at,
            action="finance.statement_loaded",
            obj=("finance.settlementfile", file.pk),
            body={
                "number": file.number,
                "account": account_no,
                "lines": lines,
                "taken": taken,
                "income": income,
                "expense": expense,
                "stated": stated.plain(),
                "odd": len(odd),
            },
        )
    return Loaded(file.pk, file.number, taken, lines - taken, odd, income, expense)


def channel_of_account(*, provider: str, account_no: str) -> int | None:
    """Return the channel a merchant account belongs to."""
    found = PaymentAccount.objects.filter(provider=provider, account_no=account_no)
    return found.values_list("channel_id", flat=True).first() if account_no else None


def set_account(
    *,
    channel_id: int,
    provider: str,
    account_no: str,
    fee_rate: Decimal | None,
    actor: Actor,
    at: dt.datetime,
) -> None:
    """Say which merchant account belongs to a channel, and what the provider charges.

    `fee_rate` is a share of the amount (0.006); None: no fee is expected of our own orders.
    """
    with transaction.atomic():
        PaymentAccount.objects.update_or_create(
            channel_id=channel_id,
            provider=provider,
            defaults={"account_no": account_no, "fee_rate": fee_rate},
        )
        audit.record(
            actor=actor,
            at=at,
            action="finance.payment_account_set",
            obj=("catalog.channel", channel_id),
            body={"provider": provider, "account": account_no, "fee_rate": fee_rate},
        )


def _check_account(
    channel_id: int, provider: str, account_no: str, *, actor: Actor, at: dt.datetime
) -> None:
    """Refuse the file of another merchant; the first file of a channel tells its account."""
    known = PaymentAccount.objects.filter(channel_id=channel_id, provider=provider).first()
    owner = PaymentAccount.objects.filter(provider=provider, account_no=account_no).first()
    if not account_no or (known is not None and known.account_no == account_no):
        return
    if known is not None or owner is not None:
        raise errors.WrongMerchant(
            "finance.wrong_merchant",
            _("The file belongs to account %(account)s, which is not this channel's.")
            % {"account": account_no},
        )
    set_account(
        channel_id=channel_id,
        provider=provider,
        account_no=account_no,
        fee_rate=None,
        actor=actor,
        at=at,
    )


def _note_totals(
    file: SettlementFile, differences: list[tuple[str, Decimal | None, Decimal]], *, at: dt.datetime
) -> None:
    made = []
    for side, stated, counted in differences:
        found = _file_break(file, f"file:{file.pk}:{side}", BreakType.SUMMARY_TOTAL_MISMATCH, at)
        found.statement_amount, found.our_amount = stated, counted
        made.append(found)
    Break.objects.bulk_create(made)


def _note_jumps(file: SettlementFile, cursor: Any, *, at: dt.datetime) -> None:
    cursor.execute(sql.JUMPS, {"channel": file.channel_id})
    known = set(
        Break.objects.filter(
            channel_id=file.channel_id, subject__startswith="balance:"
        ).values_list("subject", flat=True)
    )
    made = []
    for line_id, order_no, day, balance, expected in cursor.fetchall():
        if f"balance:{line_id}" in known:
            continue
        found = _file_break(file, f"balance:{line_id}", BreakType.BALANCE_DISCONTINUITY, at)
        found.line_id, found.order_no, found.occurred_on = line_id, order_no, day
        found.statement_amount, found.our_amount = balance, expected
        made.append(found)
    Break.objects.bulk_create(made)


def _file_break(file: SettlementFile, subject: str, kind: BreakType, at: dt.datetime) -> Break:
    return Break(
        channel_id=file.channel_id,
        type=kind,
        source=BreakSource.FILE,
        subject=subject,
        file=file,
        occurred_on=file.last_day,
        opened_at=at,
        imported_by=file.imported_by,
    )
