"""Posting rules: which accounts a business event moves, as data one can read at a glance.

Account codes are those of `data/chart_of_accounts.csv`.
Amounts are in whole cents of the document's currency.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from finance.types import LineDraft

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


def debit(account: str, amount: Decimal) -> LineDraft:
    """Return one debit line."""
    return LineDraft(account, debit=amount)


def credit(account: str, amount: Decimal) -> LineDraft:
    """Return one credit line."""
    return LineDraft(account, credit=amount)


def sale(total: Decimal, tax: Decimal) -> tuple[LineDraft, ...]:
    """Book what a buyer owes for goods that left: receivable to revenue and output VAT."""
    return _without_zeros(
        debit(RECEIVABLE, total), credit(REVENUE, total - tax), credit(OUTPUT_VAT, tax)
    )


def sale_return(total: Decimal, tax: Decimal) -> tuple[LineDraft, ...]:
    """Book what is owed to a buyer for goods that came back."""
    return _without_zeros(
        debit(REVENUE, total - tax), debit(OUTPUT_VAT, tax), credit(RECEIVABLE, total)
    )


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


def settled(gross: Decimal, fee: Decimal) -> tuple[LineDraft, ...]:
    """Book money a payment channel paid in for an order, less its fee."""
    return _without_zeros(
        debit(OTHER_MONEY, gross - fee), debit(SELLING_EXPENSE, fee), credit(RECEIVABLE, gross)
    )


def refund_settled(amount: Decimal, fee_back: Decimal) -> tuple[LineDraft, ...]:
    """Book money a payment channel gave back to a buyer, less the fee it returned."""
    return _without_zeros(
        debit(RECEIVABLE, amount),
        credit(OTHER_MONEY, amount - fee_back),
        credit(SELLING_EXPENSE, fee_back),
    )


def _without_zeros(*lines: LineDraft) -> tuple[LineDraft, ...]:
    return tuple(line for line in lines if line.debit or line.credit)
