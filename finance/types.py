"""Shapes that finance hands out and takes in."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from .choices import EntryKind

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class LineDraft:
    """One side of a voucher to be: amounts in the entry's currency, two decimals."""

    account: str
    debit: Decimal = ZERO
    credit: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """A voucher to be posted once by its effect key."""

    effect_key: str
    business_day: dt.date
    source_type: str
    source_id: str
    memo: str
    lines: tuple[LineDraft, ...]
    currency: str = "CNY"
    kind: EntryKind = EntryKind.AUTOMATIC
    reverses_id: int | None = None
    approval_id: int | None = None


@dataclass(frozen=True, slots=True)
class Posted:
    """What a posting did: vouchers written, and drafts that were in the ledger already."""

    vouchers: tuple[str, ...]
    already: int


@dataclass(frozen=True, slots=True)
class TrialBalanceRow:
    """One account over a range of months: opening, turnover and closing by side."""

    account: str
    name: str
    kind: str
    opening_debit: Decimal
    opening_credit: Decimal
    debit: Decimal
    credit: Decimal
    closing_debit: Decimal
    closing_credit: Decimal


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One line of an account's page with the balance after it (debit positive)."""

    id: int
    voucher: str
    entry_id: int
    business_day: dt.date
    memo: str
    source_type: str
    source_id: str
    debit: Decimal
    credit: Decimal
