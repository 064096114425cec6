"""Tables of finance."""

from .closing import Agreement, CloseItem, MonthClose
from .ledger import Account, AccountBalance, JournalEntry, JournalLine
from .manual import ManualEntry
from .reconciling import Break, Reconciliation
from .settlement import PaymentAccount, PaymentRecord, SettlementFile, SettlementLine

__all__ = [
    "Account",
    "AccountBalance",
    "Agreement",
    "Break",
    "CloseItem",
    "JournalEntry",
    "JournalLine",
    "ManualEntry",
    "MonthClose",
    "PaymentAccount",
    "PaymentRecord",
    "Reconciliation",
    "SettlementFile",
    "SettlementLine",
]
