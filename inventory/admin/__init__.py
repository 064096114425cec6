"""Record screens of the warehouse: they show, nothing more."""

from inventory.admin import closing, documents, ledger, places

__all__ = ["closing", "documents", "ledger", "places"]
