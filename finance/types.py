"""Shapes that finance hands out and takes in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

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


@dataclass(frozen=True, slots=True)
class ManualInfo:
    """A manual entry as screens and the API show it."""

    id: int
    number: str
    state: str
    business_day: dt.date
    currency: str
    memo: str
    lines: tuple[LineDraft, ...]
    reverses_id: int | None
    approval_id: int | None
    entry_id: int | None


@dataclass(frozen=True, slots=True)
class FileInfo:
    """A settlement file as it was loaded."""

    id: int
    number: str
    channel_id: int
    first_day: dt.date
    last_day: dt.date
    lines: int
    income: Decimal
    expense: Decimal
    reconciled_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class RunInfo:
    """What one reconciliation did and left open."""

    id: int
    number: str
    channel_id: int
    first_day: dt.date
    last_day: dt.date
    statement_lines: int
    our_records: int
    matched: int
    posted: int
    found: int
    cleared: int
    open_breaks: int
    difference: Decimal


@dataclass(frozen=True, slots=True)
class ChannelStanding:
    """Where the newest run left a channel: lines matched by now, and what still differs."""

    channel_id: int
    name: str
    first_day: dt.date
    last_day: dt.date
    statement_lines: int
    matched: int
    difference: Decimal


@dataclass(frozen=True, slots=True)
class DeskStanding:
    """What waits for reconciliation, and where each channel stands."""

    fresh_files: int
    channels: Sequence[ChannelStanding]


@dataclass(frozen=True, slots=True)
class BreakInfo:
    """One break with its age in days and its owner's name."""

    id: int
    type: str
    source: str
    channel_id: int
    order_no: str
    refund_no: str
    statement_amount: Decimal | None
    our_amount: Decimal | None
    difference: Decimal
    occurred_on: dt.date
    age_days: int
    owner_person_id: int | None
    due_on: dt.date | None
    state: str
    resolution: str
    resolution_no: str
    reason: str
    file_id: int | None
    line_id: int | None
    our_type: str
    our_id: int | None
    entry_id: int | None


@dataclass(frozen=True, slots=True)
class AgreementInfo:
    """Stock against the general ledger on one day, and what each side says of itself."""

    day: dt.date
    stock_value: Decimal
    ledger_value: Decimal
    details: tuple[str, ...]

    @property
    def difference(self) -> Decimal:
        """Return what stock has beyond the ledger."""
        return self.stock_value - self.ledger_value

    @property
    def agrees(self) -> bool:
        """Say whether there is nothing to explain."""
        return not self.difference and not self.details


@dataclass(frozen=True, slots=True)
class CloseItemInfo:
    """One item of the close list; `words` says what is open, in a sentence."""

    key: str
    place: int
    state: str
    words: str
    figures: Mapping[str, Any]
    owner_person_id: int | None
    due_on: dt.date | None
    note: str
    accepted_by: int | None
    done_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class CloseInfo:
    """A month's close with its items in order."""

    id: int
    month: dt.date
    state: str
    due_on: dt.date
    closed_at: dt.datetime | None
    revision: int
    content_hash: str
    items: tuple[CloseItemInfo, ...]

    @property
    def done(self) -> int:
        """Count the items that are done."""
        return sum(item.state == "done" for item in self.items)
