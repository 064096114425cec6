"""Posting rules: which accounts a business event moves, as data one can read at a glance.

Account codes are those of `data/chart_of_accounts.csv`.
Amounts are in whole cents of the document's currency.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType
from typing import Final

from finance.types import ZERO, LineDraft

RECEIVABLE: Final = "1122"
OTHER_MONEY: Final = "1012"
BANK: Final = "1002"
INVENTORY: Final = "1405"
SUSPENSE: Final = "1901"
PAYABLE: Final = "2202"
CAPITAL: Final = "4001"
OUTPUT_VAT: Final = "2221.01.01"
REVENUE: Final = "6001"
COST_OF_SALES: Final = "6401"
SELLING_EXPENSE: Final = "6601"
COUNT_LOSS: Final = "6602"
COUNT_GAIN: Final = "6301"
OTHER_RECEIVABLE: Final = "1221"
OTHER_PAYABLE: Final = "2241"
OTHER_INCOME: Final = "6051"
SHIPPING_INCOME: Final = OTHER_INCOME
LOSS: Final = "6711"
FINANCIAL_EXPENSE: Final = "6603"

# What a match by hand may leave over without a code: one fen of rounding. The database holds the
# same limit (finance.ddl.MATCHING_SQL).
MATCH_TOLERANCE: Final = Decimal("0.01")
# What a month may close with unexplained, in sum over its breaks (FIN-7.3-01).
UNEXPLAINED_MOST: Final = Decimal("100.00")


def debit(account: str, amount: Decimal) -> LineDraft:
    """Return one debit line."""
    return LineDraft(account, debit=amount)


def credit(account: str, amount: Decimal) -> LineDraft:
    """Return one credit line."""
    return LineDraft(account, credit=amount)


def sale(total: Decimal, tax: Decimal, shipping: Decimal = ZERO) -> tuple[LineDraft, ...]:
    """Book what a buyer owes for goods that left: receivable to revenue and output VAT.

    The part of the total that is the shipping fee is income beside the goods'.
    """
    fee = _without_tax(shipping, total, tax)
    return _without_zeros(
        debit(RECEIVABLE, total),
        credit(REVENUE, total - tax - fee),
        credit(SHIPPING_INCOME, fee),
        credit(OUTPUT_VAT, tax),
    )


def sale_return(total: Decimal, tax: Decimal, shipping: Decimal = ZERO) -> tuple[LineDraft, ...]:
    """Book what is owed to a buyer for goods that came back, and for the fee that goes back."""
    fee = _without_tax(shipping, total, tax)
    return _without_zeros(
        debit(REVENUE, total - tax - fee),
        debit(SHIPPING_INCOME, fee),
        debit(OUTPUT_VAT, tax),
        credit(RECEIVABLE, total),
    )


def _without_tax(fee: Decimal, total: Decimal, tax: Decimal) -> Decimal:
    """Return a fee without its share of the tax, to the cent: taxed as the goods it brings."""
    if not fee or not total:
        return ZERO
    return fee - (tax * fee / total).quantize(Decimal("0.01"), ROUND_HALF_UP)


def gift_cost(amount: Decimal) -> tuple[LineDraft, ...]:
    """Book what goods given away by a promotion cost as its expense, not as cost of sales."""
    return _without_zeros(debit(SELLING_EXPENSE, amount), credit(COST_OF_SALES, amount))


def gift_cost_back(amount: Decimal) -> tuple[LineDraft, ...]:
    """Book that goods a promotion had given away came back."""
    return _without_zeros(debit(COST_OF_SALES, amount), credit(SELLING_EXPENSE, amount))


def part(value: Decimal, pieces: int, of: int) -> Decimal:
    """Return the value of some of the pieces, to the cent, half up."""
    return (value * pieces / of).quantize(Decimal("0.01"), ROUND_HALF_UP)


# Why stock value came in or went out, and the account on the other side (gain, loss).
STOCK_ACCOUNTS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "opening": (CAPITAL, CAPITAL),
        "receipt": (PAYABLE, PAYABLE),
        "supplier_return": (PAYABLE, PAYABLE),
        "sale": (COST_OF_SALES, COST_OF_SALES),
        "return": (COST_OF_SALES, COST_OF_SALES),
        "giveaway": (SELLING_EXPENSE, SELLING_EXPENSE),
        "write_off": (COUNT_LOSS, COUNT_LOSS),
        "internal_use": (COUNT_LOSS, COUNT_LOSS),
        "found": (COUNT_GAIN, COUNT_GAIN),
        "count": (COUNT_GAIN, COUNT_LOSS),
        "reversal": (SUSPENSE, SUSPENSE),
    }
)
# An approved count passes through the suspense account, as the standard asks.
THROUGH_SUSPENSE: Final = frozenset({"count"})


def stock_value(reason: str, gain: Decimal, loss: Decimal) -> tuple[LineDraft, ...]:
    """Book value that came into or left the warehouses for one reason (FIN-7.2-02)."""
    gain_account, loss_account = STOCK_ACCOUNTS[reason]
    if reason not in THROUGH_SUSPENSE:
        return _without_zeros(
            debit(INVENTORY, gain),
            credit(gain_account, gain),
            debit(loss_account, loss),
            credit(INVENTORY, loss),
        )
    return _without_zeros(
        debit(INVENTORY, gain),
        credit(SUSPENSE, gain),
        debit(SUSPENSE, gain),
        credit(gain_account, gain),
        debit(SUSPENSE, loss),
        credit(INVENTORY, loss),
        debit(loss_account, loss),
        credit(SUSPENSE, loss),
    )


# What a matched line of a channel's statement moves: the account beside the channel's balance, and
# whether the balance grows.
STATEMENT_ACCOUNTS: Final[Mapping[str, tuple[str, bool]]] = MappingProxyType(
    {
        "pay": (RECEIVABLE, True),
        "refund": (RECEIVABLE, False),
        "fee": (SELLING_EXPENSE, False),
        "fee_back": (SELLING_EXPENSE, True),
        "withdrawal": (BANK, False),
    }
)
# Where a difference goes when a person says what it is: what was too little, what was too much.
DIFFERENCE_ACCOUNTS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "fee": (SELLING_EXPENSE, SELLING_EXPENSE),
        "subsidy": (OTHER_INCOME, OTHER_INCOME),
        "transit": (OTHER_RECEIVABLE, OTHER_RECEIVABLE),
        "payable": (OTHER_PAYABLE, OTHER_PAYABLE),
        "write_off": (LOSS, COUNT_GAIN),
    }
)


def settled(sums: Mapping[str, Decimal]) -> tuple[LineDraft, ...]:
    """Book what a payment channel did in a day, by kind of line: gross, nothing is netted."""
    lines: list[LineDraft] = []
    for kind, (account, grows) in STATEMENT_ACCOUNTS.items():
        lines += _flow(account, sums.get(kind, ZERO) if grows else -sums.get(kind, ZERO))
    return tuple(lines)


def resolved(
    *, statement: Decimal, ours: Decimal, fee: Decimal, code: str
) -> tuple[LineDraft, ...]:
    """Book a difference a person explained.

    `statement` is the money that came in (out below zero), `ours` what the buyer owed (was owed),
    `fee` what was charged with it; the rest goes to the account of the code, a fen of rounding that
    a match leaves to financial expenses.
    """
    rest = statement - ours
    lacks, exceeds = DIFFERENCE_ACCOUNTS.get(code, (FINANCIAL_EXPENSE, FINANCIAL_EXPENSE))
    account = exceeds if rest > 0 else lacks
    return _without_zeros(
        *_side(OTHER_MONEY, statement - fee),
        *_side(SELLING_EXPENSE, fee),
        *_side(RECEIVABLE, -ours),
        *_side(account, -rest),
    )


def _flow(account: str, amount: Decimal) -> tuple[LineDraft, ...]:
    """Return money into (below zero: out of) the channel's balance, against an account."""
    return _without_zeros(*_side(OTHER_MONEY, amount), *_side(account, -amount))


def _side(account: str, amount: Decimal) -> tuple[LineDraft, ...]:
    return (debit(account, amount),) if amount >= 0 else (credit(account, -amount),)


@dataclass(frozen=True, slots=True)
class StatedTotals:
    """What a statement says of itself; None where it says nothing.

    `is_expected` means that a layout which always ends in totals came without them.
    """

    incomes: int | None = None
    income: Decimal | None = None
    expenses: int | None = None
    expense: Decimal | None = None
    first: dt.date | None = None
    last: dt.date | None = None
    is_expected: bool = False

    def against(
        self, *, incomes: int, income: Decimal, expenses: int, expense: Decimal
    ) -> list[tuple[str, Decimal | None, Decimal]]:
        """Return (side, stated, counted) for every side whose sum or number of lines differs."""
        sides = [
            ("income", self.incomes, self.income, incomes, income),
            ("expense", self.expenses, self.expense, expenses, expense),
        ]
        return [
            (side, stated, counted)
            for side, stated_lines, stated, lines, counted in sides
            if (stated is None and self.is_expected)
            or (stated is not None and stated != counted)
            or (stated_lines is not None and stated_lines != lines)
        ]

    def plain(self) -> dict[str, str | int | None]:
        """Return the totals as they are kept with the file."""
        return {
            "incomes": self.incomes,
            "income": None if self.income is None else str(self.income),
            "expenses": self.expenses,
            "expense": None if self.expense is None else str(self.expense),
        }


_ACCOUNT = re.compile(r"账号\s*[:：]\s*[\[【]?\s*([0-9A-Za-z@._+-]{4,64})")
_DAY = re.compile(r"(\d{4})[年/-](\d{1,2})[月/-](\d{1,2})日?(?:\s*(\d{1,2}):(\d{2})(?::(\d{2}))?)?")
_SUM = re.compile(
    r"(支出|收入)合计\s*[:：]\s*([0-9,]+)\s*笔\s*[,，]?\s*共\s*[-−]?\s*([0-9,]+(?:\.[0-9]+)?)\s*元"
)
_AMOUNT = re.compile(r"[-−+]?[0-9,]+(?:\.[0-9]+)?")


def statement_account(lines: Sequence[Sequence[str]]) -> str:
    """Return the merchant account the lines around a statement name, empty when they name none."""
    for text in _texts(lines):
        if match := _ACCOUNT.search(text):
            return match[1]
    return ""


def stated_totals(before: Sequence[Sequence[str]], after: Sequence[Sequence[str]]) -> StatedTotals:
    """Read days and totals from the lines around an Alipay statement, or from its summary table."""
    found: dict[str, tuple[int, Decimal]] = {}
    for text in _texts([*before, *after]):
        for side, lines, amount in _SUM.findall(text):
            found[side] = (int(lines.replace(",", "")), Decimal(amount.replace(",", "")))
    if summary := _summary(before):
        # The summary beside the detail is the provider's own account of the same days.
        found |= summary
    first, last = _days(before)
    has_frame = any(text.startswith("#") for text in _texts(before))
    incomes, income = found.get("收入", (None, None))
    expenses, expense = found.get("支出", (None, None))
    return StatedTotals(
        incomes, income, expenses, expense, first, last, is_expected=has_frame and not found
    )


def _summary(rows: Sequence[Sequence[str]]) -> dict[str, tuple[int, Decimal]]:
    """Read the table of sums by type that comes before the detail in one archive."""
    header: list[str] | None = None
    sums: dict[str, tuple[int, Decimal]] = {}
    for row in rows:
        cells = [cell.strip() for cell in row]
        if "收入笔数" in cells and "支出笔数" in cells:
            header = cells
            continue
        if header is None or len(cells) < len(header) or cells[0].startswith("#"):
            continue
        if cells[0] in ("合计", "总计"):
            continue
        for side in ("收入", "支出"):
            place = header.index(f"{side}笔数")
            count, amount = cells[place], cells[place + 1]
            if not count.isdecimal() or not _AMOUNT.fullmatch(amount):
                continue
            lines, total = sums.get(side, (0, ZERO))
            sums[side] = (lines + int(count), total + abs(_decimal(amount)))
    return sums


def _days(rows: Sequence[Sequence[str]]) -> tuple[dt.date | None, dt.date | None]:
    for text in _texts(rows):
        if "起始日期" not in text:
            continue
        found = _DAY.findall(text)
        days = [dt.date(int(y), int(m), int(d)) for y, m, d, *_time in found[:2]]
        if len(days) < 2:
            return (days[0] if days else None), None
        first, last = days
        hour, minute, second = (found[1][n] for n in (3, 4, 5))
        # A span "to 00:00:00 of the next day" ends with the day before.
        is_midnight = bool(hour) and not int(hour) and not int(minute) and not int(second or 0)
        if is_midnight and last > first:
            last -= dt.timedelta(days=1)
        return first, last
    return None, None


def _decimal(text: str) -> Decimal:
    return Decimal(text.replace(",", "").replace("−", "-"))


def _texts(rows: Sequence[Sequence[str]]) -> list[str]:
    return [",".join(row).strip() for row in rows]


def _without_zeros(*lines: LineDraft) -> tuple[LineDraft, ...]:
    return tuple(line for line in lines if line.debit or line.credit)
