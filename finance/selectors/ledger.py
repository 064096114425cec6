"""Trial balance, account pages and the proof that balances equal their lines."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db import connection

from finance.models import AccountBalance
from finance.types import LedgerLine, TrialBalanceRow

_TRIAL = """
SELECT a.code, a.name, a.kind,
       coalesce(sum(b.debit - b.credit) FILTER (WHERE b.month < %(first)s), 0),
       coalesce(sum(b.debit) FILTER (WHERE b.month >= %(first)s), 0),
       coalesce(sum(b.credit) FILTER (WHERE b.month >= %(first)s), 0)
  FROM finance_account a
  JOIN finance_accountbalance b ON b.account_id = a.code
 WHERE b.currency = %(currency)s AND b.month <= %(last)s
 GROUP BY a.code ORDER BY a.code
"""

_PAGE = """
SELECT l.id, e.voucher, e.id, e.business_day, e.memo, e.source_type, e.source_id, l.debit, l.credit
  FROM finance_journalline l JOIN finance_journalentry e ON e.id = l.entry_id
 WHERE l.account_id = %(account)s AND l.id < %(before)s
 ORDER BY l.id DESC LIMIT %(limit)s
"""

_DRIFT = """
WITH replay AS (
    SELECT l.account_id, date_trunc('month', e.business_day)::date AS month, e.currency,
           sum(l.debit) AS debit, sum(l.credit) AS credit
      FROM finance_journalline l JOIN finance_journalentry e ON e.id = l.entry_id
     GROUP BY 1, 2, 3)
SELECT coalesce(r.account_id, b.account_id), coalesce(r.month, b.month),
       coalesce(r.currency, b.currency),
       coalesce(r.debit, 0), coalesce(r.credit, 0), coalesce(b.debit, 0), coalesce(b.credit, 0)
  FROM replay r FULL JOIN finance_accountbalance b
    ON (b.account_id, b.month, b.currency) = (r.account_id, r.month, r.currency)
 WHERE (coalesce(r.debit, 0), coalesce(r.credit, 0))
       IS DISTINCT FROM (coalesce(b.debit, 0), coalesce(b.credit, 0))
"""

_UNBALANCED = """
SELECT e.voucher, sum(l.debit), sum(l.credit)
  FROM finance_journalentry e LEFT JOIN finance_journalline l ON l.entry_id = e.id
 GROUP BY e.id HAVING coalesce(sum(l.debit), 0) <> coalesce(sum(l.credit), 0) OR count(l.id) < 2
"""

_GAPS = """
SELECT prefix, count(*), min(n), max(n)
  FROM (SELECT left(voucher, length(voucher) - position('-' in reverse(voucher))) AS prefix,
               split_part(voucher, '-', 3)::bigint AS n
          FROM finance_journalentry) v
 GROUP BY prefix HAVING count(*) <> max(n) OR min(n) <> 1
"""


def trial_balance(*, first: dt.date, last: dt.date, currency: str = "CNY") -> list[TrialBalanceRow]:
    """Return the trial balance of whole months from `first` to `last`, from kept balances."""
    first = first.replace(day=1)
    with connection.cursor() as cursor:
        cursor.execute(_TRIAL, {"first": first, "last": last, "currency": currency})
        return [_trial_row(row) for row in cursor.fetchall()]


def account_page(*, account: str, before: int | None = None, limit: int = 50) -> list[LedgerLine]:
    """Return the newest lines of an account, older than line id `before`."""
    with connection.cursor() as cursor:
        cursor.execute(_PAGE, {"account": account, "before": before or 2**62, "limit": limit})
        return [LedgerLine(*row) for row in cursor.fetchall()]


def differences() -> list[str]:
    """Return every way in which the ledger contradicts itself (empty: it is sound)."""
    found: list[str] = []
    with connection.cursor() as cursor:
        cursor.execute(_DRIFT)
        found += [
            f"balance of {account} in {month:%Y-%m} {currency}: "
            f"lines say {debit}/{credit}, kept {kept_debit}/{kept_credit}"
            for account, month, currency, debit, credit, kept_debit, kept_credit in cursor
        ]
        cursor.execute(_UNBALANCED)
        found += [f"voucher {voucher}: debit {d}, credit {c}" for voucher, d, c in cursor]
        cursor.execute(_GAPS)
        found += [
            f"vouchers {prefix}: {n} written, numbers {a} to {b}" for prefix, n, a, b in cursor
        ]
    return found


def _trial_row(
    row: tuple[str, str, str, Decimal, Decimal, Decimal],
) -> TrialBalanceRow:
    code, name, kind, opening, debit, credit = row
    closing = opening + debit - credit
    zero = Decimal(0)
    return TrialBalanceRow(
        code,
        name,
        kind,
        max(opening, zero),
        max(-opening, zero),
        debit,
        credit,
        max(closing, zero),
        max(-closing, zero),
    )


_BALANCE_UNTIL = """
SELECT currency, sum(debit - credit) FROM finance_accountbalance
 WHERE account_id = %(account)s AND month <= %(until)s GROUP BY currency ORDER BY currency
"""


def balances(*, account: str, until: dt.date) -> dict[str, Decimal]:
    """Return an account's balance at the end of a month by currency, debit above zero."""
    with connection.cursor() as cursor:
        cursor.execute(_BALANCE_UNTIL, {"account": account, "until": until})
        return dict(cursor.fetchall())


def currencies() -> list[str]:
    """Return the currencies the ledger has."""
    found = AccountBalance.objects.order_by("currency").values_list("currency", flat=True)
    return list(found.distinct())
