"""What keeps the clauses of finance, and when it last left a trace."""

from __future__ import annotations

from datetime import datetime

from finance.models import Agreement, JournalEntry, MonthClose, Reconciliation
from finance.selectors import ledger
from ops.engines.controls.declaring import control
from ops.engines.controls.verification import register


def _last_entry() -> datetime | None:
    return JournalEntry.objects.order_by("-id").values_list("posted_at", flat=True).first()


def _last_run() -> datetime | None:
    return Reconciliation.objects.order_by("-id").values_list("run_at", flat=True).first()


def _last_comparison() -> datetime | None:
    return Agreement.objects.order_by("-id").values_list("compared_at", flat=True).first()


def _last_close() -> datetime | None:
    closed = MonthClose.objects.filter(closed_at__isnull=False).order_by("-closed_at")
    return closed.values_list("closed_at", flat=True).first()


control("FIN-7.1-02", "constraint", "entry_balances", _last_entry)
control("FIN-7.1-02", "constraint", "lines_arrive", _last_entry)
control("FIN-7.1-02", "workflow", "manual_journal", _last_entry)
control("FIN-7.1-02", "constraint", "manual_as_approved", _last_entry)
control("FIN-7.3-01", "job", "payment_reconcile", _last_run)
control("FIN-7.3-01", "report", "payment_reconciliation", _last_run)
control("FIN-7.4-01", "job", "finance_month_close", _last_close)
control("FIN-7.4-01", "workflow", "period_reopen", _last_close)
control("FIN-7.4-01", "constraint", "finance_period_reopening", _last_close)
control("FIN-7.4-01", "constraint", "close_list_done", _last_close)
control("SCM-2.3-03", "job", "three_way_agreement", _last_comparison)
control("FIN-7.2-02", "report", "three_way_agreement", _last_comparison)
control("FIN-7.2-02", "record", "stock_value_posted", _last_entry)

register("ledger", ledger.differences)
