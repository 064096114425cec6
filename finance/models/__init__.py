"""Tables of finance."""

from .ledger import Account, AccountBalance, JournalEntry, JournalLine

__all__ = ["Account", "AccountBalance", "JournalEntry", "JournalLine"]
