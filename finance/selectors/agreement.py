"""Do the books agree: stock against the general ledger, and each within itself (SCM-2.3-03)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db import connection

from finance import rules
from finance.models import Agreement
from finance.selectors import ledger
from finance.types import AgreementInfo
from inventory.selectors import closing as stock
from inventory.selectors import verification

MOST_DETAILS = 50

# Whole months come from kept balances, the month of the day from its lines.
_VALUE = """
SELECT (SELECT coalesce(sum(debit - credit), 0) FROM finance_accountbalance
         WHERE account_id = %(account)s AND currency = 'CNY'
           AND month < date_trunc('month', %(day)s::date))
     + (SELECT coalesce(sum(l.debit - l.credit), 0)
          FROM finance_journalentry e JOIN finance_journalline l ON l.entry_id = e.id
         WHERE l.account_id = %(account)s AND e.currency = 'CNY'
           AND e.business_day BETWEEN date_trunc('month', %(day)s::date) AND %(day)s)
"""


def account_value(*, account: str, day: dt.date) -> Decimal:
    """Return the balance of an account in CNY at the end of a day, debit above zero."""
    with connection.cursor() as cursor:
        cursor.execute(_VALUE, {"account": account, "day": day})
        value: Decimal = cursor.fetchone()[0]
    return value


def compare(*, day: dt.date) -> AgreementInfo:
    """Compare the value of stock with its ledger account, and replay both ledgers."""
    within_stock = verification.differences()
    within_ledger = ledger.differences()
    return AgreementInfo(
        day=day,
        stock_value=stock.month_totals(last=day).value,
        ledger_value=account_value(account=rules.INVENTORY, day=day),
        details=tuple([*within_stock, *within_ledger][:MOST_DETAILS]),
    )


def latest(*, until: dt.date) -> AgreementInfo | None:
    """Return the newest comparison of a day up to `until`."""
    row = Agreement.objects.filter(day__lte=until).order_by("-day", "-id").first()
    if row is None:
        return None
    return AgreementInfo(row.day, row.stock_value, row.ledger_value, tuple(row.details))
