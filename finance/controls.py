"""What keeps the clauses of finance, and when it last left a trace."""

from __future__ import annotations

from datetime import datetime

from finance.models import JournalEntry
from finance.selectors import ledger
from ops.engines.controls.declaring import control
from ops.engines.controls.verification import register


def _last_entry() -> datetime | None:
    return JournalEntry.objects.order_by("-id").values_list("posted_at", flat=True).first()


control("FIN-7.1-02", "constraint", "entry_balances", _last_entry)
control("FIN-7.1-02", "constraint", "lines_arrive", _last_entry)
control("FIN-7.2-02", "record", "stock_value_posted", _last_entry)

register("ledger", ledger.differences)
